use super::*;

fn byte(n: usize) -> u8 {
    u8::try_from(n).expect("fits")
}

/// An empty core module with custom sections.
fn module(sections: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"\0asm\x01\0\0\0".to_vec();
    for (name, data) in sections {
        let len = 1 + name.len() + data.len();
        assert!(len < 128 * 128 && name.len() < 128);
        out.push(0);
        out.push(byte(len & 0x7f) | 0x80);
        out.push(byte(len >> 7));
        out.push(byte(name.len()));
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(data);
    }
    out
}

#[test]
fn a_manifest_is_read_without_running_the_plugin() {
    let json = br#"{"id":"a-b","version":"1.0.0","codes":["x"],"limits":{"deadline_ms":7}}"#;
    let manifest = Manifest::read(&module(&[("witgate:manifest", json)])).expect("a manifest");
    assert_eq!(manifest.id, "a-b");
    assert_eq!(manifest.limits.deadline_ms, Some(7));
}

#[test]
fn a_manifest_says_what_admission_reads() {
    let json = br#"{"id":"a","version":"1","admission_reads":[{"kind":"tool-result"},{"kind":"text","role":"tool"}]}"#;
    let manifest = Manifest::read(&module(&[("witgate:manifest", json)])).expect("a manifest");
    let reads = manifest.admission_reads.expect("entries");
    let fits = |kind, role| reads.iter().any(|reads| reads.fits(kind, role));
    assert!(fits("tool-result", "user") && fits("text", "tool"));
    assert!(!fits("text", "user") && !fits("tool-definition", "tool"));
    assert_eq!(reads.iter().map(ToString::to_string).collect::<Vec<_>>(), ["tool-result", "text by tool"]);
}

#[test]
fn what_is_not_a_manifest_is_named() {
    let cases: [(&str, Vec<u8>); 8] = [
        ("missing", module(&[])),
        ("more than one", module(&[("witgate:manifest", b"{}"), ("witgate:manifest", b"{}")])),
        ("missing field", module(&[("witgate:manifest", b"{}")])),
        ("lower-case", module(&[("witgate:manifest", br#"{"id":"A B","version":"1"}"#)])),
        ("unknown field", module(&[("witgate:manifest", br#"{"id":"a","version":"1","colour":1}"#)])),
        ("1 to 32", module(&[("witgate:manifest", br#"{"id":"a","version":"1","admission_reads":[]}"#)])),
        (
            "reads/1",
            module(&[("witgate:manifest", br#"{"id":"a","version":"1","admission_reads":[{"role":"x"},{}]}"#)]),
        ),
        ("unknown field", module(&[("witgate:manifest", br#"{"id":"a","version":"1","admission_reads":[{"a":1}]}"#)])),
    ];
    for (what, bytes) in cases {
        let error = Manifest::read(&bytes).expect_err(what);
        assert_eq!(error.code(), "plugin_manifest", "{what}");
        assert!(error.to_string().contains(what), "{error} should say {what:?}");
    }
    assert_eq!(Manifest::read(b"hello").expect_err("text").code(), "plugin_not_a_component");
}
