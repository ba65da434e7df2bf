//! A request: read whole, refused by name, or taken apart into one document.
//!
//! Every string of the body is in the document, every key that the API does not define, and every number of nine digits
//! or more. What is left out is compared with a closed list first (`role`, `type`). What no policy could read (images,
//! audio, files, what the provider stores or encrypts) and what acts before a policy could be asked (tools that the
//! provider runs) is refused; of the former an operator may let some pass, see [`Opaque`].
//!
//! Policies see one shape, whatever the dialect: a user's text is of role `user`, what a tool answered of role `tool`,
//! also where a dialect has no role for it or another one.

mod arguments;
pub(crate) mod conversation;
pub(crate) mod fields;
pub(crate) mod images;
mod neighbours;
mod opaque;
pub(crate) mod read;
mod refusal;
pub(crate) mod texts;
pub(crate) mod tools;

pub use opaque::Opaque;
pub use refusal::Refusal;

use read::Read;

use crate::dialect::Dialect;
use crate::document::{Document, EditError, MappedDocument, TextEdit};
use crate::json::{JsonLimits, Tree};
use crate::{
    anthropic_count_tokens, anthropic_messages, openai_chat, openai_completions, openai_embeddings, openai_responses,
};

/// Bounds on a request, and what is let through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLimits {
    /// Bytes of the body.
    pub max_body: usize,
    /// Texts in the body: strings and keys.
    pub max_segments: usize,
    /// Depth, number of values, length of numbers.
    pub json: JsonLimits,
    /// What may pass without being read.
    pub opaque: Opaque,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self { max_body: 16 << 20, max_segments: 65_536, json: JsonLimits::default(), opaque: Opaque::default() }
    }
}

/// A request that is understood in full.
#[derive(Clone, Debug)]
pub struct Request {
    dialect: Dialect,
    body: Vec<u8>,
    texts: MappedDocument,
    model: String,
    stream: bool,
    include_usage: bool,
    choices: u64,
    logprobs: bool,
    tools: Vec<String>,
}

impl Request {
    /// Reads `body`.
    ///
    /// # Errors
    /// [`Refusal`], for an answer with status 400.
    pub fn parse(dialect: Dialect, body: impl Into<Vec<u8>>, limits: &RequestLimits) -> Result<Self, Refusal> {
        let body = body.into();
        if body.len() > limits.max_body {
            let message = format!("The body is larger than {} bytes. Send less.", limits.max_body);
            return Err(Refusal { code: "body_too_large", pointer: None, message });
        }
        let tree = Tree::parse(&body, &limits.json)?;
        let mut read = Read::new(limits);
        match dialect {
            Dialect::OpenAiChat => openai_chat::request::read(tree.root(), &mut read)?,
            Dialect::OpenAiResponses => openai_responses::request::read(tree.root(), &mut read)?,
            Dialect::AnthropicMessages => anthropic_messages::request::read(tree.root(), &mut read)?,
            Dialect::AnthropicCountTokens => anthropic_count_tokens::request::read(tree.root(), &mut read)?,
            Dialect::OpenAiCompletions => openai_completions::request::read(tree.root(), &mut read)?,
            Dialect::OpenAiEmbeddings => openai_embeddings::request::read(tree.root(), &mut read)?,
        }
        Ok(Self {
            dialect,
            texts: read.texts.finish(),
            model: read.model,
            stream: read.stream,
            include_usage: read.include_usage,
            choices: read.choices,
            logprobs: read.logprobs,
            tools: read.tools,
            body,
        })
    }

    /// What it is written in.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
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

    /// How many choices the answer is to hold, from 1 to 128; of legacy completions, that for each prompt. What an answer may hold
    /// together is for the caller to bound.
    #[must_use]
    pub fn choices(&self) -> u64 {
        self.choices
    }

    /// Whether the answer is to repeat its text as tokens with their probabilities.
    #[must_use]
    pub fn logprobs(&self) -> bool {
        self.logprobs
    }

    /// Names of the tools declared, in order.
    #[must_use]
    pub fn tools(&self) -> &[String] {
        &self.tools
    }

    /// Adds what goes to the upstream beside the body, such as a header: it is read, and cannot be edited.
    ///
    /// # Errors
    /// [`Refusal`], when there are more texts than the bound.
    pub fn beside(&mut self, name: &str, text: &str, limits: &RequestLimits) -> Result<(), Refusal> {
        if self.document().segments.len() >= limits.max_segments {
            return Err(crate::document::DocumentError::Segments(limits.max_segments).into());
        }
        self.texts.append(name, text);
        Ok(())
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

    /// The same, for whoever needs nothing else any more.
    #[must_use]
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// The body with `edits` of the document applied; the bytes that came if there are none.
    ///
    /// # Errors
    /// [`EditError`] if the edits do not hold, or change a key or what is signed.
    pub fn rewrite(&self, edits: &[TextEdit]) -> Result<Vec<u8>, EditError> {
        self.texts.apply(&self.body, edits)
    }
}

#[cfg(test)]
pub(crate) mod tests;
