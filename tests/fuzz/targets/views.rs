//! The fuzzer's way into [`witgate_fuzz::views`].
#![no_main]

witgate_fuzz::entry!(views);
