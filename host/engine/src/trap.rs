//! What a trap says to whoever has to find it.

use wasmtime::{FrameInfo, Trap, WasmBacktrace};

/// Functions of a guest that are told, and bytes of one name: they are the plugin's own words.
const FRAMES: usize = 6;
const NAME_BYTES: usize = 96;

/// What trapped, and in which functions of the guest, innermost first; without names, where they were stripped.
pub(crate) fn told(trap: Trap, error: &wasmtime::Error) -> String {
    let mut out = trap.to_string();
    let frames = error.downcast_ref::<WasmBacktrace>().map_or(&[][..], WasmBacktrace::frames);
    let names = frames.iter().filter_map(FrameInfo::func_name).map(plain).filter(|name| !is_of_panicking(name));
    for (at, name) in names.take(FRAMES).enumerate() {
        out.push_str(if at == 0 { ", in " } else { " < " });
        out.push_str(&name);
    }
    out
}

/// A name as the source has it.
fn plain(name: &str) -> String {
    let mut name = format!("{:#}", rustc_demangle::demangle(name));
    name.truncate(name.floor_char_boundary(NAME_BYTES));
    name
}

/// What every panic of Rust goes through says nothing of where it began.
fn is_of_panicking(name: &str) -> bool {
    name.contains("panic") || name.contains("std::process::abort") || name.starts_with("__rust")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_short() {
        assert_eq!(plain("_ZN5a_b_c4find17h0123456789abcdefE"), "a_b_c::find");
        assert_eq!(plain("find"), "find");
        assert_eq!(plain(&"é".repeat(200)).len(), NAME_BYTES);
        assert!(is_of_panicking("core::panicking::panic_fmt") && !is_of_panicking("a_b_c::find"));
    }
}
