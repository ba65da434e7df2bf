//! The plugins inside the binary.

/// The component (a core module with its component type) of a built-in plugin.
pub(crate) fn bytes(name: &str) -> Option<&'static [u8]> {
    macro_rules! embedded {
        ($($name:literal),+) => {
            match name {
                $($name => Some(include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".wasm")).as_slice()),)+
                _ => None,
            }
        };
    }
    embedded!("pii", "secrets", "injection", "payloads", "classification", "tool-tiers", "patterns")
}
