//! The fuzzer's way into [`witgate_fuzz::sse`].
#![no_main]

witgate_fuzz::entry!(sse);
