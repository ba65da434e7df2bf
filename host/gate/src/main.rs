//! Witgate: a proxy between AI agents and what they reach, with WebAssembly policies and a verifiable ledger.
mod config;
fn main() {}
