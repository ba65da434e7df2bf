//! The dialect `anthropic-messages`: `POST /v1/messages`, request and answer.

pub(crate) mod answer;
pub(crate) mod request;
