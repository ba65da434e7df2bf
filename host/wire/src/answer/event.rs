//! What an answer tells, and what it is told.

use std::fmt;

use serde_json::Value;

use crate::document::{Document, TextEdit};

/// A channel of one exchange; numbered from zero in the order of their opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(pub(super) u32);

/// One [`Event::Fields`] of one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldsId(pub(super) u32);

/// A tool call of one exchange; numbered from zero in the order of their first fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub(super) u32);

impl ChannelId {
    /// The number.
    #[must_use]
    pub fn index(self) -> u32 {
        self.0
    }
}

impl FieldsId {
    /// The number.
    #[must_use]
    pub fn index(self) -> u32 {
        self.0
    }
}

impl CallId {
    /// The number.
    #[must_use]
    pub fn index(self) -> u32 {
        self.0
    }
}

/// The kinds of text that come piece by piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChannelKind {
    /// What the model says.
    Content,
    /// Why it does not.
    Refusal,
    /// What it thought, as vendors add it.
    Reasoning,
    /// Another text that a vendor adds piece by piece. Only read as a whole channel could a value be found in it that
    /// is split over chunks.
    Value,
}

impl ChannelKind {
    /// As policies see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Refusal => "refusal",
            Self::Reasoning => "reasoning",
            Self::Value => "value",
        }
    }
}

impl fmt::Display for ChannelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What came. Events of a frame follow those of the frame before; within one, fields come first.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A text begins.
    Open {
        /// Its number, for [`super::Answer::settle`].
        channel: ChannelId,
        /// What it is.
        kind: ChannelKind,
        /// The vendor's name of it; `None` for content and refusal.
        name: Option<String>,
    },
    /// The next piece of a text.
    Text {
        /// Whose.
        channel: ChannelId,
        /// Decoded; never empty, at most 64 KiB.
        text: String,
    },
    /// A text is complete.
    Close {
        /// Which.
        channel: ChannelId,
    },
    /// All other strings and unknown keys of a frame that were not seen at the same place before.
    Fields {
        /// For [`super::Answer::settle_fields`]. The frame waits for that.
        id: FieldsId,
        /// Joined by `"\n"`.
        text: String,
    },
    /// A tool call is complete.
    ToolCall {
        /// For [`super::Answer::resolve_call`]. Nothing of the call leaves before.
        id: CallId,
        /// What is to be called.
        call: ToolCall,
    },
    /// A tool call is complete and cannot be read. It can only be withheld.
    UnreadableCall {
        /// For [`super::Answer::resolve_call`].
        id: CallId,
        /// The tool's name, if there was one.
        name: Option<String>,
        /// Why: a code of [`crate::json::JsonError`], `missing_name` or `too_many_segments`.
        code: &'static str,
    },
    /// Tokens counted by the upstream.
    Usage {
        /// Read.
        prompt_tokens: u64,
        /// Written so far.
        completion_tokens: u64,
    },
    /// The model is done, and why: the upstream's finish or stop reason or status, or `error` if it sent an error
    /// object. Once for each choice.
    Finish {
        /// As the upstream names it.
        reason: String,
    },
    /// Nothing more comes.
    Done,
}

/// A tool call as the model wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The `id` that the tool's result will name, if the upstream gave one.
    pub call_id: Option<String>,
    /// The tool.
    pub name: String,
    /// Every key and every value (strings, numbers and booleans) of the arguments, with pointers into them.
    pub arguments: Document,
    /// The arguments' JSON text as it came, or as it was rewritten.
    pub raw_arguments: String,
}

/// What becomes of a tool call.
#[derive(Clone, Debug, PartialEq)]
pub enum CallOutcome {
    /// It goes to the client.
    Release {
        /// Edits of [`ToolCall::arguments`]; without any the call goes out in its original bytes.
        edits: Vec<TextEdit>,
    },
    /// It is taken out of the answer.
    Withhold {
        /// What the client is told instead, in `witgate.withheld`.
        reason: Value,
    },
}

/// How a stream is ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbortStyle {
    /// As if the model had stopped, for the reason that the dialect has for it. SDKs do not raise.
    ContentFilter,
    /// The dialect's error, in the form that makes SDKs raise.
    ErrorFrame,
}
