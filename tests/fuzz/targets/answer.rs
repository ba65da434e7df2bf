//! The fuzzer's way into [`witgate_fuzz::answer`].
#![no_main]

witgate_fuzz::entry!(answer);
