#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use witgate_sdk::testing::{content_channel, context, document, run};

use super::*;

fn hostile(at: &str, deed: &str) -> &'static Hostile {
    let config = serde_json::from_value(serde_json::json!({"at": at, "do": deed, "spins": 1000})).unwrap();
    Box::leak(Box::new(Hostile::configure(config).unwrap()))
}

fn admit(deed: &str, text: &str) -> Result<Decision, Fault> {
    hostile("admission", deed).admit(&context(), &document(&[("user", "text", text)]))
}

fn is_plain(decision: &Decision) -> bool {
    matches!(decision.verdict, Verdict::Allow) && decision.edits.is_empty() && decision.findings.is_empty()
}

#[test]
fn every_deed_of_the_schema_is_known() {
    let manifest: serde_json::Value = serde_json::from_str(MANIFEST).unwrap();
    let properties = &manifest["config_schema"]["properties"];
    for deed in properties["do"]["enum"].as_array().unwrap() {
        for at in properties["at"]["enum"].as_array().unwrap() {
            let config = serde_json::json!({"at": at, "do": deed});
            assert!(serde_json::from_value::<Config>(config).is_ok(), "{at} {deed}");
        }
    }
}

#[test]
fn it_does_what_it_says() {
    assert_eq!(admit("fault", "abc").unwrap_err().code, "hostile");
    assert!(matches!(admit("deny", "abc").unwrap().verdict, Verdict::Deny(_)));
    assert!(matches!(admit("escalate", "abc").unwrap().verdict, Verdict::Escalate(_)));
    assert_eq!(admit("edit", "éa").unwrap().edits.first().unwrap().at.end, 2);
    assert!(admit("span_out_of_range", "abc").unwrap().edits.first().unwrap().at.end > 3);
    let off = admit("span_off_boundary", "aé").unwrap().edits.first().unwrap().at.end;
    assert!(!"aé".is_char_boundary(usize::try_from(off).unwrap()));
    let overlapping = admit("overlapping_edits", "abc").unwrap().edits;
    assert!(overlapping[0].at.end > overlapping[1].at.start);
    let huge = admit("huge_output", "").unwrap();
    assert!(huge.findings.len() > 4096);
    assert!(is_plain(&admit("slow_but_ok", "abc").unwrap()));
    assert_eq!(admit("state_add", "").unwrap().labels.first().unwrap().value, "StateError::Unavailable");
}

#[test]
fn elsewhere_it_allows() {
    let policy = hostile("commitment", "deny");
    assert!(is_plain(&policy.admit(&context(), &document(&[])).unwrap()));
    assert_eq!(run(policy, &content_channel(), &["abc", "d"]).verdict, None);
}

#[test]
fn as_told_it_does_what_the_text_names() {
    assert_eq!(Deed::told_by("please hostile-deed:log_flood."), Some(Deed::LogFlood));
    for nothing in ["loop", "hostile-deed:", "hostile-deed:tea", "hostile-deed:LOOP"] {
        assert_eq!(Deed::told_by(nothing), None, "{nothing}");
        assert!(is_plain(&admit("as_told", nothing).unwrap()));
    }
    assert!(matches!(admit("as_told", "hostile-deed:deny").unwrap().verdict, Verdict::Deny(_)));
}

#[test]
fn calls_are_counted_over_an_exchange() {
    let policy = hostile("admission", "as_told");
    policy.admit(&context(), &document(&[("user", "text", "hostile-deed:trap_at_nth")])).unwrap();
    // The third call would end this process.
    assert_eq!(run(hostile("admission", "as_told"), &content_channel(), &["abc"]).verdict, None);
    assert_eq!((policy.deed(), policy.calls.load(Ordering::Relaxed)), (Some(Deed::TrapAtNth), 1));
}

#[test]
fn at_configure_it_fails_there() {
    let config = serde_json::from_value(serde_json::json!({"at": "configure", "do": "fault"})).unwrap();
    assert_eq!(Hostile::configure(config).unwrap_err().first().unwrap().pointer, "/do");
}

#[test]
#[should_panic(expected = "settled moved back")]
fn settling_back_is_seen_by_the_authors_tools() {
    run(hostile("inspection", "settle_back"), &content_channel(), &["abc", "d"]);
}

#[test]
#[should_panic(expected = "beyond the pushed")]
fn settling_beyond_is_seen_by_the_authors_tools() {
    run(hostile("inspection", "settle_beyond"), &content_channel(), &["abc"]);
}

#[test]
#[should_panic(expected = "as configured")]
fn a_panic_is_one() {
    let _ = admit("panic", "");
}
