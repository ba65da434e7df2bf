//! The dialect `openai-responses`: `POST /v1/responses`, request and answer.

pub(crate) mod answer;
pub(crate) mod request;
