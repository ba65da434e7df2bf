//! The fuzzer's way into [`witgate_fuzz::policies`].
#![no_main]

witgate_fuzz::entry!(policies);
