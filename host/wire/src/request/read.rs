//! What a dialect's reader finds in a request.

use super::texts::{Texts, required, string};
use super::{Refusal, RequestLimits};
use crate::json::NodeRef;

/// Filled by the reader of a dialect.
pub(crate) struct Read {
    pub(crate) texts: Texts,
    pub(crate) model: String,
    pub(crate) stream: bool,
    pub(crate) include_usage: bool,
    /// Choices for each prompt.
    pub(crate) choices: u64,
    pub(crate) logprobs: bool,
    /// Names of the tools declared.
    pub(crate) tools: Vec<String>,
}

impl Read {
    pub(super) fn new(limits: &RequestLimits) -> Self {
        Self {
            texts: Texts::new(limits),
            model: String::new(),
            stream: false,
            include_usage: false,
            choices: 1,
            logprobs: false,
            tools: Vec::new(),
        }
    }

    /// The model that every request names. Its text is left to the reader.
    pub(crate) fn model(&mut self, root: NodeRef<'_>) -> Result<(), Refusal> {
        self.model = string(required(root, "model")?)?.to_owned();
        if self.model.is_empty() { Err(Refusal::missing(root, "model")) } else { Ok(()) }
    }
}
