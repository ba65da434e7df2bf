//! The fuzzer's way into [`witgate_fuzz::request`].
#![no_main]

witgate_fuzz::entry!(request);
