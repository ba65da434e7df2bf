//! The fuzzer's way into [`witgate_fuzz::merge`].
#![no_main]

witgate_fuzz::entry!(merge);
