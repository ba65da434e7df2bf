use super::*;

#[test]
fn only_what_the_host_offers_may_be_imported() {
    let imports = |names: &[&str]| Anatomy {
        imports: names.iter().map(|n| format!("witgate:policy/{n}")).collect(),
        ..Anatomy::default()
    };
    let offered = imports(&["types@0.1.0", "log@0.1.0", "metrics@0.1.0", "clock@0.1.0", "state@0.1.0"]);
    let needs: Vec<_> = offered.needs().expect("offered").into_iter().map(|(_, grant)| grant).collect();
    assert_eq!(needs, [Grant::Clock, Grant::State]);
    for unknown in ["clock@0.2.0", "admission@0.1.0", "clock"] {
        let error = imports(&["log@0.1.0", unknown]).needs().expect_err(unknown);
        assert_eq!(error.code(), "plugin_unknown_import");
        assert!(error.to_string().contains(unknown), "{error}");
    }
}

#[test]
fn what_is_no_component_is_refused() {
    for bytes in [&b"hello"[..], b"\0asm\x01\0\0\0", b"\0asm\x0d\0\x01\0\xff"] {
        assert_eq!(Anatomy::read(bytes).expect_err("no component").code(), "plugin_not_a_component");
    }
}
