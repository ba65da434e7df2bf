//! What no policy can read, and whether it may pass all the same.

use super::Refusal;
use crate::json::NodeRef;

/// What an operator lets pass although no policy reads it. Nothing, unless told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opaque {
    /// Pictures in a conversation. Their addresses are read, unless they are the picture itself.
    pub images: bool,
    /// References to what the provider keeps: earlier responses, conversations, items, prompts, threads, and runs in the
    /// background.
    pub stored_state: bool,
    /// Reasoning that only the provider can decrypt, and asking for it.
    pub encrypted_reasoning: bool,
}

impl Opaque {
    /// A picture at `node`.
    pub(crate) fn image(self, node: NodeRef<'_>) -> Result<(), Refusal> {
        if self.images {
            return Ok(());
        }
        let message = "Images cannot be inspected and are refused. Leave them out, or let them pass uninspected by setting \
                       `allow: [images]`.";
        Err(Refusal::at(node, "unsupported_content", message))
    }

    /// A reference to what the provider keeps, which `what` names.
    pub(crate) fn stored(self, node: NodeRef<'_>, what: &str) -> Result<(), Refusal> {
        if self.stored_state {
            return Ok(());
        }
        let message = format!(
            "{what} stands for what the provider keeps and no policy reads, and is refused. Send the content itself, or \
             let it pass uninspected by setting `allow: [stored_state]`."
        );
        Err(Refusal::at(node, "unsupported_stored_state", message))
    }

    /// Encrypted reasoning at `node`, or a wish for it.
    pub(crate) fn encrypted(self, node: NodeRef<'_>) -> Result<(), Refusal> {
        if self.encrypted_reasoning {
            return Ok(());
        }
        let message = "Encrypted reasoning cannot be inspected and is refused. Leave it out, or let it pass uninspected by \
                       setting `allow: [encrypted_reasoning]`.";
        Err(Refusal::at(node, "unsupported_encrypted_reasoning", message))
    }
}
