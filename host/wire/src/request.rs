//! A chat completion request: read whole, refused by name, or taken apart into one document.
//!
//! Every string of the body is in the document, and every key that the API does not define. What is left out is
//! compared with a closed list first (`role`, `type`). What no policy could read (images, audio, files) and what acts
//! before a policy could be asked (tools that the provider runs) is refused.

mod fields;
mod messages;
mod refusal;
mod texts;
mod tools;

pub use refusal::Refusal;

use crate::document::{Document, EditError, MappedDocument, TextEdit};
use crate::json::{JsonLimits, Tree};

/// Bounds on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLimits {
    /// Bytes of the body.
    pub max_body: usize,
    /// Texts in the body: strings and keys.
    pub max_segments: usize,
    /// Depth, number of values, length of numbers.
    pub json: JsonLimits,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self { max_body: 16 << 20, max_segments: 65_536, json: JsonLimits::default() }
    }
}

/// A request that is understood in full.
#[derive(Clone, Debug)]
pub struct ChatRequest {
    body: Vec<u8>,
    texts: MappedDocument,
    model: String,
    stream: bool,
    include_usage: bool,
    tools: Vec<String>,
}

impl ChatRequest {
    /// Reads `body`.
    ///
    /// # Errors
    /// [`Refusal`], for an answer with status 400.
    pub fn parse(body: impl Into<Vec<u8>>, limits: &RequestLimits) -> Result<Self, Refusal> {
        let body = body.into();
        if body.len() > limits.max_body {
            let message = format!("The body is larger than {} bytes. Send less.", limits.max_body);
            return Err(Refusal { code: "body_too_large", pointer: None, message });
        }
        let read = fields::read(&Tree::parse(&body, &limits.json)?, limits.max_segments)?;
        Ok(Self {
            texts: read.texts.finish(),
            model: read.model,
            stream: read.stream,
            include_usage: read.include_usage,
            tools: read.tools,
            body,
        })
    }

    /// The model asked for.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Whether the answer is to be streamed.
    #[must_use]
    pub fn stream(&self) -> bool {
        self.stream
    }

    /// Whether a stream is to end with a usage chunk.
    #[must_use]
    pub fn include_usage(&self) -> bool {
        self.include_usage
    }

    /// Names of the tools declared, in order.
    #[must_use]
    pub fn tools(&self) -> &[String] {
        &self.tools
    }

    /// All texts of the request.
    #[must_use]
    pub fn document(&self) -> &Document {
        self.texts.document()
    }

    /// The body as it came.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body with `edits` of the document applied; the bytes that came if there are none.
    ///
    /// # Errors
    /// [`EditError`] if the edits do not hold, or change a key.
    pub fn rewrite(&self, edits: &[TextEdit]) -> Result<Vec<u8>, EditError> {
        self.texts.apply(&self.body, edits)
    }
}

#[cfg(test)]
mod tests;
