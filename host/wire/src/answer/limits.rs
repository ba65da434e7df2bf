//! Bounds on an answer.

use super::AnswerError;
use crate::json::JsonLimits;

/// Bounds on an answer. Memory is at most about four times `max_held` (or `max_body`), if events and output are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerLimits {
    /// Bytes of one server-sent event.
    pub max_frame: usize,
    /// Bytes of a unary answer.
    pub max_body: usize,
    /// Bytes of a stream that wait for decisions; see [`super::Answer::held_bytes`].
    pub max_held: usize,
    /// Choices, output items or content blocks.
    pub max_items: usize,
    /// Texts that come piece by piece; and [`Self::ALTERNATIVES`] times as many of what might have stood in their place.
    pub max_channels: usize,
    /// Tool calls; their `index` must be below it, too.
    pub max_tool_calls: usize,
    /// Keys and values of one call's arguments.
    pub max_segments: usize,
    /// Field values that are remembered, so as not to be told again; those that were edited; and, where a dialect
    /// repeats its texts, the edits of one text.
    pub max_fields: usize,
    /// Whether reasoning that only the provider can read may pass.
    pub encrypted_reasoning: bool,
    /// Depth, number of values and length of numbers of each frame, and of each call's arguments.
    pub json: JsonLimits,
}

impl Default for AnswerLimits {
    fn default() -> Self {
        Self {
            max_frame: 1 << 20,
            max_body: 16 << 20,
            max_held: 4 << 20,
            max_items: 256,
            max_channels: 16,
            max_tool_calls: 128,
            max_segments: 16_384,
            max_fields: 4096,
            encrypted_reasoning: false,
            json: JsonLimits::default(),
        }
    }
}

impl AnswerLimits {
    /// What might have stood in place of one token, at most: as many as the APIs give (`top_logprobs`).
    pub const ALTERNATIVES: usize = 20;

    /// How many texts there may be: of those that are said, or of those that might have stood in their place.
    pub(super) fn texts(&self, most: usize, alternative: bool) -> usize {
        if alternative { most.saturating_mul(Self::ALTERNATIVES) } else { most }
    }

    pub(super) fn body(&self) -> AnswerError {
        AnswerError::Limit { code: "answer_too_large", what: "bytes", bound: self.max_body }
    }

    pub(super) fn held(&self) -> AnswerError {
        AnswerError::Limit { code: "held_limit", what: "bytes held back", bound: self.max_held }
    }

    pub(super) fn items(&self) -> AnswerError {
        AnswerError::Limit { code: "too_many_items", what: "choices, items or blocks", bound: self.max_items }
    }

    pub(super) fn edits(&self) -> AnswerError {
        AnswerError::Limit { code: "too_many_edits", what: "edits of one text", bound: self.max_fields }
    }

    pub(super) fn channels(&self, alternative: bool) -> AnswerError {
        let what = if alternative { "alternatives of log probabilities" } else { "channels" };
        AnswerError::Limit { code: "too_many_channels", what, bound: self.texts(self.max_channels, alternative) }
    }

    pub(super) fn calls(&self) -> AnswerError {
        AnswerError::Limit { code: "too_many_tool_calls", what: "tool calls", bound: self.max_tool_calls }
    }

    pub(super) fn fields(&self) -> AnswerError {
        AnswerError::Limit { code: "too_many_field_edits", what: "edited fields", bound: self.max_fields }
    }
}
