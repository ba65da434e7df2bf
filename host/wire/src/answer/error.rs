//! What can be wrong with an answer, or with a decision about it.

use crate::document::EditError;
use crate::json::JsonError;
use crate::sse::SseError;

/// Why an answer cannot go on. After one from [`super::Answer::feed`] or [`super::Answer::end`] nothing more is
/// read; what is wrong with a decision leaves the answer as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The event stream is not one.
    #[error("the upstream's event stream cannot be read: {0}")]
    Sse(#[from] SseError),
    /// A frame or the body is not strict JSON.
    #[error("the upstream's answer cannot be read: {0}")]
    Json(#[from] JsonError),
    /// The answer is not one of its dialect.
    #[error("the upstream's answer is not of its dialect: {0}")]
    Protocol(&'static str),
    /// The answer holds something that no policy reads.
    #[error("the upstream's answer holds `{0}`, which cannot be inspected and is refused")]
    Unsupported(&'static str),
    /// The upstream went away before the answer was complete.
    #[error("the upstream ended its answer before it was complete")]
    Truncated,
    /// A bound was reached.
    #[error("the answer exceeds the bound of {bound} {what}")]
    Limit {
        /// The code.
        code: &'static str,
        /// What is bounded.
        what: &'static str,
        /// The bound.
        bound: usize,
    },
    /// `settle` moved back, or beyond what came.
    #[error("settled offsets must not move back or pass what came (offset {0})")]
    Settle(u64),
    /// An edit does not hold.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// A call that cannot be read was to be released.
    #[error("a tool call that cannot be read can only be withheld")]
    UnreadableCall,
    /// The answer was ended or aborted already.
    #[error("the answer is over: nothing more is accepted")]
    Over,
}

impl AnswerError {
    /// A stable code, for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Sse(error) => error.code(),
            Self::Json(error) => error.code(),
            Self::Protocol(_) => "upstream_protocol",
            Self::Unsupported(_) => "unsupported_answer",
            Self::Truncated => "upstream_truncated",
            Self::Limit { code, .. } => code,
            Self::Settle(_) => "settle_out_of_range",
            Self::Edit(error) => error.code(),
            Self::UnreadableCall => "call_unreadable",
            Self::Over => "answer_over",
        }
    }
}
