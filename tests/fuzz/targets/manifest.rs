//! The fuzzer's way into [`witgate_fuzz::manifest`].
#![no_main]

witgate_fuzz::entry!(manifest);
