//! What wasmtime and the system take at their word. The only place where the host has `unsafe`; each use says why what it promises is so.
#![allow(
    unsafe_code,
    reason = "wasmtime trusts compiled code that it is given, and types that it is told were compared; the system forgets pages when told to"
)]

mod cache;
mod function;
mod memory;

pub(crate) use cache::Cache;
pub(crate) use function::{Admit, Commit, Finish, Function, Observe, Open, Push, Signature, interface};
pub use memory::{bound_heaps, give_back_start};
