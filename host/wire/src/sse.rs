//! Framing of `text/event-stream` bodies, after the WHATWG HTML standard, section 9.2.6.
//!
//! Bytes are framed first and decoded after: a character or a JSON escape may be split over any number of reads. The
//! raw bytes of each frame are kept, so that what is not changed goes out as it came. Comments and fields that no
//! client reads never go out: they would be bytes that nobody inspected.

mod decoder;
mod encode;
mod frame;

pub use decoder::{Decoder, SseError};
pub use encode::{comment, frame};
pub use frame::Frame;
