//! The fuzzer's way into [`witgate_fuzz::component`].
#![no_main]

witgate_fuzz::entry!(component);
