//! Each misdeed is a fault of its own kind, and spends the sandbox.

use std::time::{Duration, Instant};

use witgate_engine::{Decision, Fault, Grant, Grants, Plugin, Source, Verdict};

use crate::world::{
    MEMORY, PATIENT, action, all_grants, channel, config, context, document, engine, hostile, limits, load, wasm,
    without,
};

/// Three bytes at least, with a character that an edit can cut.
const TEXT: &str = "a café";

/// Asks at a stage.
fn ask(plugin: &Plugin, at: &str) -> Result<Decision, Fault> {
    let ctx = context();
    let mut sandbox = plugin.open(&ctx)?;
    let said = match at {
        "admission" => sandbox.admit(&ctx, &document(TEXT)),
        "commitment" => sandbox.commit(&ctx, &action()),
        _ => sandbox.open_session(&ctx, &channel()).and_then(|session| {
            let first = sandbox.push(session, TEXT)?.decision;
            sandbox.push(session, TEXT)?;
            sandbox.finish(session)?;
            Ok(first)
        }),
    };
    // Spent exactly when it faulted, and then for every stage, with the same fault.
    assert_eq!(sandbox.fault(), said.as_ref().err(), "{at}");
    if let Err(fault) = &said {
        assert_eq!(sandbox.admit(&ctx, &document("fine")).as_ref(), Err(fault));
        assert_eq!(sandbox.commit(&ctx, &action()).as_ref(), Err(fault));
        assert_eq!(sandbox.open_session(&ctx, &channel()).as_ref(), Err(fault));
    }
    said
}

#[test]
fn every_misdeed_is_a_fault_of_its_kind() {
    let everywhere = ["admission", "inspection", "commitment"];
    let cases: [(&str, &str, &[&str]); 10] = [
        ("trap", "fault_trap", &everywhere),
        ("panic", "fault_trap", &everywhere),
        ("memory", "fault_memory", &everywhere),
        ("fault", "fault_own", &everywhere),
        ("span_out_of_range", "fault_bad_output", &everywhere),
        ("overlapping_edits", "fault_bad_output", &everywhere),
        ("huge_output", "fault_bad_output", &everywhere),
        // The engine keeps no text of a channel: there the policy set checks boundaries.
        ("span_off_boundary", "fault_bad_output", &["admission"]),
        ("settle_back", "fault_bad_output", &["inspection"]),
        ("settle_beyond", "fault_bad_output", &["inspection"]),
    ];
    let engine = engine();
    for (deed, code, stages) in cases {
        for at in stages {
            let plugin = hostile(&engine, at, deed).unwrap();
            let fault = ask(&plugin, at).expect_err(deed);
            assert_eq!(fault.code(), code, "{deed} at {at}: {fault}");
            for other in everywhere.iter().filter(|other| *other != at) {
                let decision =
                    ask(&plugin, other).unwrap_or_else(|f| panic!("{deed} at {at} must not be felt at {other}: {f}"));
                assert_eq!(decision.verdict, Verdict::Allow);
            }
        }
    }
}

#[test]
fn what_a_fault_says_of_itself() {
    let engine = engine();
    let fault = |deed| ask(&hostile(&engine, "admission", deed).unwrap(), "admission").unwrap_err();
    assert_eq!(fault("memory"), Fault::Memory(MEMORY));
    assert_eq!(fault("fault"), Fault::Own { code: "hostile".into() });
    assert_eq!(fault("overlapping_edits"), Fault::BadOutput("edits that overlap or run backwards"));
    assert_eq!(fault("span_out_of_range"), Fault::BadOutput("an edit out of range or off a character boundary"));
    assert_eq!(fault("span_off_boundary"), Fault::BadOutput("an edit out of range or off a character boundary"));
    assert_eq!(fault("huge_output"), Fault::BadOutput("a denial's code or message"));
    let fault = |deed| ask(&hostile(&engine, "inspection", deed).unwrap(), "inspection").unwrap_err();
    assert_eq!(fault("settle_back"), Fault::BadOutput("settled moved back"));
    assert_eq!(fault("settle_beyond"), Fault::BadOutput("settled passed what was pushed"));
}

#[test]
fn a_loop_ends_at_the_deadline_not_before_and_not_long_after() {
    const DEADLINE: Duration = Duration::from_millis(200);
    let engine = engine();
    for at in ["admission", "inspection", "commitment"] {
        let plugin = load(&engine, "hostile", &config(at, "loop"), limits(DEADLINE), all_grants()).unwrap();
        let began = Instant::now();
        assert_eq!(ask(&plugin, at), Err(Fault::Deadline(200)), "{at}");
        let took = began.elapsed();
        assert!(took >= DEADLINE, "{at}: {took:?} is too early");
        assert!(took < DEADLINE * 10, "{at}: {took:?} is too late");
    }
}

#[test]
fn slow_is_no_fault_within_the_deadline_and_one_beyond_it() {
    let engine = engine();
    let slow = |spins: u64, deadline| {
        let config = serde_json::json!({"at": "admission", "do": "slow_but_ok", "spins": spins}).to_string();
        ask(&load(&engine, "hostile", &config, limits(deadline), all_grants()).unwrap(), "admission")
    };
    assert_eq!(slow(5_000_000, PATIENT).unwrap().verdict, Verdict::Allow);
    assert_eq!(slow(u64::MAX, Duration::from_millis(50)), Err(Fault::Deadline(50)));
}

#[test]
fn each_call_has_the_whole_deadline() {
    let engine = engine();
    let deadline = Duration::from_millis(400);
    let plugin = load(&engine, "hostile", &config("admission", "deny"), limits(deadline), all_grants()).unwrap();
    let ctx = context();
    let mut sandbox = plugin.open(&ctx).unwrap();
    // Time in which nothing is asked of it (a model that is slow to answer) is not the plugin's.
    std::thread::sleep(deadline * 2);
    assert!(matches!(sandbox.admit(&ctx, &document(TEXT)).unwrap().verdict, Verdict::Deny(_)));
}

#[test]
fn edits_and_escalations_need_their_grants() {
    let engine = engine();
    for (deed, grant) in [("edit", Grant::Edit), ("escalate", Grant::Escalate)] {
        let granted = ask(&hostile(&engine, "admission", deed).unwrap(), "admission").unwrap();
        assert!(!granted.edits.is_empty() || matches!(granted.verdict, Verdict::Escalate(_)), "{deed}");
        let plugin = load(&engine, "hostile", &config("admission", deed), limits(PATIENT), without(grant)).unwrap();
        assert_eq!(ask(&plugin, "admission"), Err(Fault::MissingGrant(grant.name())));
        let other = load(&engine, "hostile", &config("admission", "deny"), limits(PATIENT), without(grant)).unwrap();
        assert!(matches!(ask(&other, "admission").unwrap().verdict, Verdict::Deny(_)), "it is needed for that alone");
    }
}

#[test]
fn a_session_that_is_over_takes_no_more_text() {
    let (engine, ctx) = (engine(), context());
    let plugin = hostile(&engine, "admission", "deny").unwrap();
    let mut sandbox = plugin.open(&ctx).unwrap();
    let session = sandbox.open_session(&ctx, &channel()).unwrap();
    sandbox.push(session, TEXT).unwrap();
    sandbox.finish(session).unwrap();
    assert_eq!(sandbox.push(session, TEXT).unwrap_err().code(), "fault_no_instance");
}

#[test]
fn a_function_of_another_type_is_called_in_no_sandbox() {
    // A field of another name: a component as good as any, of a contract that is not this one.
    let mut bytes = wasm("counter");
    let (ours, theirs) = (b"exchange", b"exchangs");
    let places: Vec<usize> = bytes.windows(ours.len()).enumerate().filter(|(_, w)| w == ours).map(|(i, _)| i).collect();
    for at in places {
        bytes[at..at + theirs.len()].copy_from_slice(theirs);
    }
    let (engine, ctx) = (engine(), context());
    let source =
        Source { id: "other", bytes: &bytes, config: "{}", limits: limits(PATIENT), grants: Grants::default() };
    let plugin = engine.load(&source).unwrap();
    for _ in 0..3 {
        let fault = plugin.open(&ctx).unwrap().admit(&ctx, &document("hello")).unwrap_err();
        assert_eq!(fault, Fault::BadOutput("not a value of the declared type"));
    }
}
