//! The fuzzer's way into [`witgate_fuzz::json`].
#![no_main]

witgate_fuzz::entry!(json);
