//! The host's services: granted, scoped, recorded, given back.

use std::time::{SystemTime, UNIX_EPOCH};

use witgate_engine::{Context, Plugin, Sandbox};

use crate::world::{PATIENT, all_grants, caller, config, context, document, engine, hostile, limits, load, wasm};

/// The value of the one label, and the sandbox that set it.
fn label(plugin: &Plugin, ctx: &Context) -> (String, Sandbox) {
    let mut sandbox = plugin.open(ctx).unwrap();
    let said = sandbox.admit(ctx, &document("abc")).unwrap();
    (said.labels.into_iter().next().unwrap().value, sandbox)
}

#[test]
fn what_the_clock_answered_is_recorded() {
    let engine = engine();
    let plugin = hostile(&engine, "admission", "read_clock").unwrap();
    let (told, mut sandbox) = label(&plugin, &context());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let told_ms: u128 = told.parse().unwrap();
    assert!(told_ms <= now && now - told_ms < 60_000, "{told_ms} is not now ({now})");
    let calls: Vec<_> = sandbox.drain_calls().collect();
    assert_eq!(calls.len(), 1);
    assert_eq!((calls[0].function, calls[0].bytes), ("admit", 3));
    let answers: Vec<_> = calls[0].answers.iter().map(|a| (a.service, a.value.clone())).collect();
    assert_eq!(answers, [("clock", told.into_bytes())]);
}

#[test]
fn state_outlives_the_sandbox_and_a_refused_exchange_gives_back() {
    let engine = engine();
    let plugin = hostile(&engine, "admission", "state_add").unwrap();
    let ctx = context();
    assert_eq!(label(&plugin, &ctx).0, "1");
    let (second, mut refused) = label(&plugin, &ctx);
    assert_eq!(second, "2");
    refused.give_back();
    refused.give_back();
    assert_eq!(label(&plugin, &ctx).0, "2", "what the refused exchange added was given back, once");
}

#[test]
fn state_is_apart_by_caller_tenant_and_plugin() {
    let engine = engine();
    let plugin = hostile(&engine, "admission", "state_add").unwrap();
    assert_eq!(label(&plugin, &caller("a")).0, "1");
    assert_eq!(label(&plugin, &caller("a")).0, "2");
    assert_eq!(label(&plugin, &caller("b")).0, "1");
    let elsewhere = Context { tenant: "other".into(), ..caller("a") };
    assert_eq!(label(&plugin, &elsewhere).0, "1");
    let bytes = wasm("hostile");
    let config = config("admission", "state_add");
    let source = witgate_engine::Source {
        id: "twin",
        bytes: &bytes,
        config: &config,
        limits: limits(PATIENT),
        grants: all_grants(),
    };
    let twin = engine.load(&source).unwrap();
    assert_eq!(label(&twin, &caller("a")).0, "1", "another plugin of the same file has its own");

    // A reload of the policy set loses nothing; forgetting does.
    let again = load(&engine, "hostile", &config, limits(PATIENT), all_grants()).unwrap();
    assert_eq!(label(&again, &caller("a")).0, "3");
    engine.forget_state();
    assert_eq!(label(&again, &caller("a")).0, "1");
}
