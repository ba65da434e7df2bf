//! The dialect `openai-completions`: `POST /v1/completions`, request and answer.

pub(crate) mod answer;
pub(crate) mod request;
