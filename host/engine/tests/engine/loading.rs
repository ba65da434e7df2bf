//! What does not load, and what it is told by.

use std::time::{Duration, Instant};

use witgate_engine::{Fault, Grant, Grants, Limits, LoadError, Stages, Start, Verdict};

use crate::world::{
    MEMORY, PATIENT, all_grants, config, context, counter, document, engine, hostile, limits, load, wasm, without,
};

#[test]
fn a_plugin_is_what_its_file_says() {
    let engine = engine();
    let plugin = hostile(&engine, "admission", "deny").unwrap();
    assert_eq!(plugin.manifest().id, "test-hostile");
    assert_eq!(plugin.id(), "hostile");
    assert_eq!(plugin.stages(), Stages { admission: true, inspection: true, commitment: true, recording: false });
    assert_eq!(plugin.digest(), witgate_engine::Digest::of(&wasm("hostile")));
    assert_eq!(counter(&engine).stages(), Stages { admission: true, commitment: true, ..Stages::default() });
}

#[test]
fn a_snapshot_holds_what_configure_left() {
    let (engine, ctx) = (engine(), context());
    for (deed, denies) in [("deny", true), ("slow_but_ok", false), ("escalate", false)] {
        let plugin = hostile(&engine, "admission", deed).unwrap();
        assert_eq!(plugin.start(), Start::Snapshot);
        let said = plugin.open(&ctx).unwrap().admit(&ctx, &document("abc")).unwrap();
        assert_eq!(matches!(said.verdict, Verdict::Deny(_)), denies, "{deed}");
        assert_eq!(matches!(said.verdict, Verdict::Escalate(_)), deed == "escalate", "{deed}");
    }
}

#[test]
fn a_missing_grant_names_the_import_and_the_grant() {
    let engine = engine();
    for (grant, name) in [(Grant::Clock, "clock"), (Grant::State, "state")] {
        let refused =
            load(&engine, "hostile", &config("admission", "deny"), limits(PATIENT), without(grant)).unwrap_err();
        assert_eq!(refused.code(), "plugin_missing_grant");
        let LoadError::MissingGrant { import, grant: told, .. } = &refused else { panic!("{refused}") };
        assert_eq!((import.as_str(), *told), (format!("witgate:policy/{name}@0.1.0").as_str(), name));
        assert!(
            refused.to_string().contains(import.as_str()) && refused.to_string().contains(&format!("`{name}`")),
            "{refused}"
        );
    }
    // One that imports neither needs neither.
    load(&engine, "counter", "{}", limits(PATIENT), Grants::default()).unwrap();
}

#[test]
fn a_refused_configuration_names_what_is_wrong() {
    let engine = engine();
    let LoadError::Configure(issues) = hostile(&engine, "configure", "fault").unwrap_err() else {
        panic!("refused by the plugin")
    };
    assert_eq!(issues.iter().map(|i| i.pointer.as_str()).collect::<Vec<_>>(), ["/do"]);

    for wrong in ["{}", r#"{"at":"admission","do":"deny","colour":1}"#, "not json", ""] {
        let refused = load(&engine, "hostile", wrong, limits(PATIENT), all_grants()).unwrap_err();
        assert_eq!(refused.code(), "plugin_config_refused", "{wrong}: {refused}");
    }
}

#[test]
fn configure_that_traps_or_takes_too_much_fails_the_load() {
    let engine = engine();
    for deed in ["trap", "panic", "memory"] {
        let refused = hostile(&engine, "configure", deed).unwrap_err();
        assert_eq!(refused.code(), "plugin_configure_fault", "{deed}: {refused}");
    }
    // What it may log while it is configured does not keep it from serving.
    let flooding = hostile(&engine, "configure", "log_flood").unwrap();
    let ctx = context();
    assert_eq!(flooding.open(&ctx).unwrap().admit(&ctx, &document("abc")).unwrap().verdict, Verdict::Allow);
}

#[test]
fn configure_that_never_ends_fails_the_load_in_time() {
    let began = Instant::now();
    let refused = hostile(&engine(), "configure", "loop").unwrap_err();
    assert_eq!(refused.code(), "plugin_configure_fault");
    let took = began.elapsed();
    // Five seconds, and the compilation before them.
    assert!((Duration::from_secs(5)..Duration::from_secs(30)).contains(&took), "{took:?}");
}

#[test]
fn configure_may_ask_no_host_service() {
    let (engine, ctx) = (engine(), context());
    for deed in ["read_clock", "state_add"] {
        let refused = hostile(&engine, "configure", deed).unwrap_err();
        assert_eq!(refused.code(), "plugin_configure_fault", "{deed}: {refused}");
    }
    // And what it tried to add is not there.
    let plugin = hostile(&engine, "admission", "state_add").unwrap();
    let said = plugin.open(&ctx).unwrap().admit(&ctx, &document("abc")).unwrap();
    assert_eq!(said.labels.first().unwrap().value, "1");
}

#[test]
fn memory_that_is_not_enough_to_begin_with_fails_the_load() {
    let engine = engine();
    let tight = Limits { memory: 32 << 10, deadline: PATIENT };
    assert_eq!(load(&engine, "counter", "{}", tight, Grants::default()).unwrap_err().code(), "plugin_configure_fault");
    let boundless = Limits { memory: Limits::MAX_MEMORY + 1, deadline: PATIENT };
    assert_eq!(load(&engine, "counter", "{}", boundless, Grants::default()).unwrap_err().code(), "plugin_memory_limit");
}

#[test]
fn memory_is_bounded_over_a_whole_exchange() {
    let (engine, ctx) = (engine(), context());
    let plugin = hostile(&engine, "commitment", "memory").unwrap();
    let mut sandbox = plugin.open(&ctx).unwrap();
    sandbox.admit(&ctx, &document(&"x".repeat(4 << 20))).unwrap();
    assert_eq!(sandbox.commit(&ctx, &crate::world::action()), Err(Fault::Memory(MEMORY)));
}

#[test]
fn damaged_and_foreign_bytes_are_refused_not_run() {
    let engine = engine();
    let refused = |bytes: &[u8]| {
        let source =
            witgate_engine::Source { id: "p", bytes, config: "{}", limits: limits(PATIENT), grants: all_grants() };
        engine.load(&source).map(|_| ()).unwrap_err().code()
    };
    let whole = wasm("counter");
    assert_eq!(refused(b""), "plugin_not_a_component");
    assert_eq!(refused(b"#!/bin/sh"), "plugin_not_a_component");
    assert_eq!(refused(b"\0asm\x01\0\0\0"), "plugin_manifest");
    assert_eq!(refused(&whole[..whole.len() / 2]), "plugin_not_a_component");
    let component = witgate_engine::componentize(&whole).unwrap();
    assert_eq!(refused(&component[..component.len() - 1]), "plugin_not_a_component");
}

#[test]
fn a_component_loads_as_its_module_does() {
    let engine = engine();
    let component = witgate_engine::componentize(&wasm("counter")).unwrap();
    let anatomy = witgate_engine::Anatomy::read(&component).unwrap();
    assert_eq!(anatomy.stages(), counter(&engine).stages());
    assert!(anatomy.needs().unwrap().is_empty(), "{:?}", anatomy.imports);
    assert!(anatomy.producers.iter().any(|(_, name, _)| name == "rustc"), "{:?}", anatomy.producers);
    let source = witgate_engine::Source {
        id: "p",
        bytes: &component,
        config: "{}",
        limits: limits(PATIENT),
        grants: Grants::default(),
    };
    let plugin = engine.load(&source).unwrap();
    let ctx = context();
    assert_eq!(plugin.open(&ctx).unwrap().admit(&ctx, &document("abc")).unwrap().verdict, Verdict::Allow);
}
