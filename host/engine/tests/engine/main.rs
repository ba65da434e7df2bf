//! The engine against plugins that misbehave: what they are caught at, and that nobody else suffers.
//!
//! `WITGATE_TEST_PLUGINS` names a folder with the compiled test plugins; without it they are built once, beside the usual
//! build.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

mod caching;
mod faults;
mod isolation;
mod loading;
mod logging;
mod services;
mod world;
