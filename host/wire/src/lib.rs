//! Wire formats without I/O: bytes in, typed events out; edits in, bytes out.
//!
//! The rooms, from the ground up:
//!
//! - [`json`]: an index over original JSON bytes, and changes to them that leave every other byte as it was.
//! - [`document`]: one text with segments over it, as policies see it, and edits carried back into the JSON.
//! - [`sse`]: framing of `text/event-stream` bodies.
//! - [`request`] and [`answer`]: the two halves of an exchange, the same for every dialect; what differs is below
//!   the dialect's own name (`openai_chat`, `openai_responses`, `anthropic_messages`, …).
//!
//! Nothing in here does I/O, blocks, or grows without a bound that is named in a limits type. Reaching a bound is a
//! typed error with a stable code.

pub mod answer;
mod anthropic_count_tokens;
mod anthropic_messages;
mod dialect;
mod digits;
pub mod document;
pub mod json;
mod openai_chat;
mod openai_choices;
mod openai_completions;
mod openai_embeddings;
mod openai_responses;
pub mod request;
pub mod sse;

pub use dialect::Dialect;
