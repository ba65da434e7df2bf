//! The manifest inside a component: custom section `witgate:manifest`.

use witgate_engine::Manifest;

use crate::cli::plugin::error::PluginError;

const NAME: &str = "witgate:manifest";

/// `component` with the manifest of the project, for languages whose compilers put none there.
///
/// # Errors
/// It is no manifest.
pub(super) fn with_manifest(mut component: Vec<u8>, manifest: &str, name: &str) -> Result<Vec<u8>, PluginError> {
    let mut content = leb128(NAME.len());
    content.extend(NAME.as_bytes());
    content.extend(manifest.as_bytes());
    // A custom section is id 0, its size, its name and whatever it holds, in modules and components alike; the end is as good
    // a place as any.
    component.push(0);
    component.extend(leb128(content.len()));
    component.extend(content);
    Manifest::read(&component).map_err(|error| PluginError::Load { name: name.to_owned(), error })?;
    Ok(component)
}

/// Unsigned LEB128.
fn leb128(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or(0);
        value >>= 7;
        if value == 0 {
            out.push(low);
            return out;
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

    use super::*;

    #[test]
    fn a_manifest_is_read_back_from_where_it_was_put() {
        let long = "x".repeat(20_000);
        let manifest = format!(r#"{{"id": "a", "version": "1.0.0", "description": "{long}"}}"#);
        // The preamble of a component, and of a module.
        for preamble in [*b"\0asm\x0d\0\x01\0", *b"\0asm\x01\0\0\0"] {
            let with = with_manifest(preamble.to_vec(), &manifest, "a").unwrap();
            assert_eq!(Manifest::read(&with).unwrap().description, long);
        }
        let error = with_manifest(b"\0asm\x0d\0\x01\0".to_vec(), "{}", "a").unwrap_err();
        assert_eq!(error.code(), "plugin_manifest");
    }

    #[test]
    fn numbers_are_as_the_binary_format_has_them() {
        assert_eq!(leb128(0), [0]);
        assert_eq!(leb128(127), [0x7f]);
        assert_eq!(leb128(624_485), [0xe5, 0x8e, 0x26]);
    }
}
