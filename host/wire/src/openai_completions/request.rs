//! A legacy completion request.

use crate::json::{Kind, NodeRef};
use crate::openai_embeddings::request::prompts;
use crate::request::Refusal;
use crate::request::fields::{choices, other, stream_options, switch};
use crate::request::read::Read;
use crate::request::texts::{Label, expect, required};

pub(crate) fn read(root: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    expect(root, Kind::Object)?;
    read.model(root)?;
    required(root, "prompt")?;
    let (mut each, mut asked) = (1, 1);
    for member in root.children() {
        match member.key().unwrap_or_default() {
            "prompt" => asked = prompts(member, read)?,
            "suffix" => read.texts.all(member, Label::text("user"))?,
            "n" => each = choices(member)?,
            "best_of" => {
                choices(member)?;
            }
            "stream" => read.stream = switch(member)?,
            "stream_options" => stream_options(member, read)?,
            "echo" if !switch(member)? => {}
            "echo" => {
                let message = "`echo` repeats the prompt in the answer and is refused. Leave it out.";
                return Err(Refusal::at(member, "unsupported_echo", message));
            }
            "logprobs" if member.is_null() || member.as_bool() == Some(false) => {}
            "logprobs" => {
                let message = "Log probabilities repeat the text token by token, in this dialect as places in it, and are \
                               refused. Leave them out, or use chat completions.";
                return Err(Refusal::at(member, "unsupported_logprobs", message));
            }
            key => other(member, is_defined(key), read)?,
        }
    }
    read.choices = asked.saturating_mul(each);
    Ok(())
}

/// Members of the API, whose keys say nothing that would need reading.
fn is_defined(key: &str) -> bool {
    matches!(
        key,
        "model"
            | "frequency_penalty"
            | "logit_bias"
            | "max_tokens"
            | "presence_penalty"
            | "seed"
            | "stop"
            | "temperature"
            | "top_p"
            | "user"
    )
}

#[cfg(test)]
pub(crate) mod tests;
