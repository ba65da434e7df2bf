//! Guest calls run where they are while they are short.

/// From so many bytes on, a guest call may keep a worker busy for longer than other exchanges should wait: about a
/// millisecond for four policies at ten microseconds a KiB.
const LONG: usize = 32 << 10;

/// Runs guest calls over `bytes` of text. Long ones tell the runtime that this worker is taken.
pub(crate) fn guest<T>(bytes: usize, call: impl FnOnce() -> T) -> T {
    match bytes >= LONG {
        true => tokio::task::block_in_place(call),
        false => call(),
    }
}
