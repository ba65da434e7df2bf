//! What a plugin says of itself: the input is the manifest, as JSON.

use serde_json::Value;
use witgate_engine::{LoadError, Manifest};

const SECTION: &str = "witgate:manifest";
/// Magic number and version of a core module, and of a component.
const HEADERS: [&[u8; 8]; 2] = [b"\0asm\x01\0\0\0", b"\0asm\x0d\0\x01\0"];

/// What is taken keeps its bounds and says what the JSON says; it is the same in a module and in a component.
///
/// # Panics
/// If a property breaks.
pub fn target(data: &[u8]) {
    let [module, component] = HEADERS.map(|header| Manifest::read(&with_sections(header, &[data])));
    match (&module, &component) {
        (Ok(a), Ok(b)) => assert_eq!(a, b),
        (Err(a), Err(b)) => assert_eq!((a.code(), a.to_string()), (b.code(), b.to_string())),
        _ => panic!("{module:?} in a module, {component:?} in a component"),
    }
    let twice = Manifest::read(&with_sections(HEADERS[0], &[data, data]));
    assert_eq!(twice.as_ref().map_err(LoadError::code).err(), Some("plugin_manifest"), "one manifest a plugin");
    match module {
        Err(error) => assert_eq!(error.code(), "plugin_manifest"),
        Ok(manifest) => sound(&manifest, data),
    }
}

fn sound(manifest: &Manifest, data: &[u8]) {
    let id = &manifest.id;
    assert!((1..=64).contains(&id.len()) && id.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-')));
    assert!((1..=64).contains(&manifest.version.len()));
    assert!(manifest.tests.len() <= 32 && data.len() <= 256 << 10);
    assert!(manifest.tests.iter().all(|t| matches!(t.verdict.as_str(), "allow" | "deny" | "escalate")));
    if let Err(error) = manifest.wanted() {
        assert_eq!(error.code(), "plugin_manifest");
    }
    let limits = manifest.limits.limits();
    assert!(manifest.limits.memory_mib.is_none_or(|mib| limits.memory as u128 == u128::from(mib) << 20));
    assert!(manifest.limits.deadline_ms.is_none_or(|ms| limits.deadline.as_millis() == u128::from(ms)));

    // A reader that knows nothing of manifests sees the same. (A manifest may also be written as an array: serde's way.)
    let Ok(Value::Object(json)) = serde_json::from_slice(data) else { return };
    let text = |key: &str| json.get(key).and_then(Value::as_str);
    assert_eq!(text("id"), Some(id.as_str()));
    assert_eq!(text("version"), Some(manifest.version.as_str()));
    assert_eq!(text("description").unwrap_or_default(), manifest.description);
    for (key, list) in [("codes", &manifest.codes), ("grants", &manifest.grants)] {
        let said: Vec<&str> =
            json.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        assert_eq!(said, *list, "{key}");
    }
    assert_eq!(json.get("config_schema").filter(|schema| !schema.is_null()), manifest.config_schema.as_ref());
    assert_eq!(json.get("tests").and_then(Value::as_array).map_or(0, Vec::len), manifest.tests.len());
}

fn with_sections(header: &[u8], contents: &[&[u8]]) -> Vec<u8> {
    let mut out = header.to_vec();
    for data in contents {
        let name = length(SECTION.len());
        out.push(0);
        out.extend(length(name.len() + SECTION.len() + data.len()));
        out.extend(name);
        out.extend_from_slice(SECTION.as_bytes());
        out.extend_from_slice(data);
    }
    out
}

/// LEB128.
fn length(mut n: usize) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let low = u8::try_from(n & 0x7f).unwrap_or_default();
        n >>= 7;
        out.push(if n == 0 { low } else { low | 0x80 });
        if n == 0 {
            return out;
        }
    }
}
