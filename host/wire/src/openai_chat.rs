//! The dialect `openai-chat`: `POST /v1/chat/completions`, request and answer, unary and streamed.

pub(crate) mod answer;
pub(crate) mod request;
