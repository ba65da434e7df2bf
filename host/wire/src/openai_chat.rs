//! The dialect `openai-chat`: `POST /v1/chat/completions`, request and answer, unary and streamed.

pub mod answer;
pub mod request;

pub use answer::{
    AbortStyle, Answer, AnswerError, AnswerLimits, CallId, CallOutcome, ChannelId, ChannelKind, Event, FieldsId,
    ToolCall,
};
pub use request::{ChatRequest, Refusal, RequestLimits};

/// The name of this dialect, as contexts and records carry it.
pub const DIALECT: &str = "openai-chat";
