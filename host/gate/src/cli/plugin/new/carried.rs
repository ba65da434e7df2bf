//! The SDK's source and the contract, as the binary carries them: the SDK is in no registry, and a project must build where
//! this repository is not.

/// `(path in the project, text)`: `sdk/…` and `wit/…`. The SDK reads the contract from `../wit`, here as there.
pub(super) const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/carried.rs"));
