//! The host's services. On a native build (unit tests) logging and metrics do nothing and the others answer
//! "unavailable", so that a plugin's own logic can be tested without a host.

pub use crate::bindings::witgate::policy::log::Level;
pub use crate::bindings::witgate::policy::state::{AdmissionRate, Scope, StateError};

#[cfg(target_family = "wasm")]
use crate::bindings::witgate::policy as imports;

/// A line for the operator's log. Never quote the text under inspection.
pub fn log(level: Level, message: &str) {
    #[cfg(target_family = "wasm")]
    imports::log::emit(level, message);
    #[cfg(not(target_family = "wasm"))]
    let _ = (level, message);
}

/// Adds to a counter under the plugin's prefix.
pub fn count(name: &str, by: u64) {
    #[cfg(target_family = "wasm")]
    imports::metrics::count(name, by);
    #[cfg(not(target_family = "wasm"))]
    let _ = (name, by);
}

/// Records an observation under the plugin's prefix.
pub fn observe(name: &str, value: f64) {
    #[cfg(target_family = "wasm")]
    imports::metrics::observe(name, value);
    #[cfg(not(target_family = "wasm"))]
    let _ = (name, value);
}

/// Milliseconds since the Unix epoch. Needs the grant `clock`.
pub fn unix_ms() -> u64 {
    #[cfg(target_family = "wasm")]
    return imports::clock::unix_ms();
    #[cfg(not(target_family = "wasm"))]
    return 0;
}

/// Reads a value of this plugin. Needs the grant `state`.
///
/// # Errors
/// The store is unavailable, or the key too long.
pub fn get(scope: Scope, key: &str) -> Result<Option<Vec<u8>>, StateError> {
    #[cfg(target_family = "wasm")]
    return imports::state::get(scope, key);
    #[cfg(not(target_family = "wasm"))]
    return Err(unavailable(scope, key));
}

/// Writes a value of this plugin that expires after `ttl_ms`. Needs the grant `state`.
///
/// # Errors
/// The store is full or unavailable, or the key or value too large.
pub fn set(scope: Scope, key: &str, value: &[u8], ttl_ms: u64) -> Result<(), StateError> {
    #[cfg(target_family = "wasm")]
    return imports::state::set(scope, key, value, ttl_ms);
    #[cfg(not(target_family = "wasm"))]
    return Err(unavailable(scope, (key, value, ttl_ms)));
}

/// Adds to a number atomically and answers the new value. Needs the grant `state`.
///
/// # Errors
/// As for [`set`].
pub fn add(scope: Scope, key: &str, by: i64, ttl_ms: u64) -> Result<i64, StateError> {
    #[cfg(target_family = "wasm")]
    return imports::state::add(scope, key, by, ttl_ms);
    #[cfg(not(target_family = "wasm"))]
    return Err(unavailable(scope, (key, by, ttl_ms)));
}

/// Takes `cost` from a bucket of `burst` that gains one unit every `per_ms` (GCRA). Needs the grant `state`.
///
/// # Errors
/// As for [`set`].
pub fn take(scope: Scope, key: &str, cost: u32, burst: u32, per_ms: u64) -> Result<AdmissionRate, StateError> {
    #[cfg(target_family = "wasm")]
    return imports::state::take(scope, key, cost, burst, per_ms);
    #[cfg(not(target_family = "wasm"))]
    return Err(unavailable(scope, (key, cost, burst, per_ms)));
}

#[cfg(not(target_family = "wasm"))]
fn unavailable<T>(_: Scope, _: T) -> StateError {
    StateError::Unavailable
}
