//! The dialect `openai-embeddings`: `POST /v1/embeddings`, request and answer.

pub(crate) mod answer;
pub(crate) mod request;
