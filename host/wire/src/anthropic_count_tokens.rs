//! The dialect `anthropic-count-tokens`: `POST /v1/messages/count_tokens`, request and answer.

pub(crate) mod answer;
pub(crate) mod request;
