//! Wire formats without I/O: bytes in, typed events out; edits in, bytes out.
//!
//! The rooms, from the ground up:
//!
//! - [`json`]: an index over original JSON bytes, and changes to them that leave every other byte as it was.
//! - [`document`]: one text with segments over it, as policies see it, and edits carried back into the JSON.
//! - [`sse`]: framing of `text/event-stream` bodies.
//! - [`openai_chat`]: the dialect of `POST /v1/chat/completions`, request and answer.
//!
//! Nothing in here does I/O, blocks, or grows without a bound that is named in a limits type. Reaching a bound is a
//! typed error with a stable code.

pub mod document;
pub mod json;
pub mod openai_chat;
pub mod sse;
