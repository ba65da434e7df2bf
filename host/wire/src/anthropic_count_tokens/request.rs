//! A request to count: a messages request that is not answered.

use crate::anthropic_messages::request as messages;
use crate::json::NodeRef;
use crate::request::Refusal;
use crate::request::fields::switch;
use crate::request::read::Read;

pub(crate) fn read(root: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    messages::read(root, read)?;
    match root.get("stream") {
        Some(stream) if switch(stream)? => {
            Err(Refusal::at(stream, "unsupported_stream", "A count of tokens is not streamed. Leave `stream` out."))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
pub(crate) mod tests;
