//! What wasmtime takes at its word. The only place where the host has `unsafe`; each use says why what it promises is so.
#![allow(
    unsafe_code,
    reason = "wasmtime trusts compiled code that it is given, and types that it is told were compared"
)]

mod cache;
mod function;

pub(crate) use cache::Cache;
pub(crate) use function::{Admit, Commit, Finish, Function, Observe, Open, Push, Signature, interface};
