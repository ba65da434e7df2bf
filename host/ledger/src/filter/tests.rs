#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::Filter;
use crate::{
    Body, Decision, Envelope, Execution, Finding, Intent, Kind, PluginRef, PluginResult, Policy, Reason, Record,
    ThreadIds, Verdict, When,
};

fn record(seq: u64, body: impl Into<Body>) -> Record {
    let body = body.into();
    let ids = ThreadIds { thread: Some("t1".into()), ..ThreadIds::default() };
    let (kind, attributes) = (body.kind(), ids.attributes());
    Record { v: 1, seq, time_ms: seq * 1000, exchange: "e".into(), kind, body, attributes }
}

fn passes(filter: &Filter, record: &Record) -> bool {
    let Record { v, seq, time_ms, exchange, kind, .. } = record.clone();
    filter.admits(&Envelope { v, seq, time_ms, exchange: exchange.into(), kind }) && filter.matches(record)
}

fn denied() -> Record {
    let part = |plugin: &str, verdict| PluginResult {
        plugin: plugin.into(),
        verdict: Some(verdict),
        code: (plugin == "injection").then(|| "prompt_injection".into()),
        findings: vec![Finding { code: format!("{plugin}_seen"), ..Finding::default() }],
        ..PluginResult::default()
    };
    let faulted = PluginResult { plugin: "broken".into(), fault: Some("fault_trap".into()), ..PluginResult::default() };
    record(
        7,
        Decision {
            verdict: Verdict::Deny,
            reason: Some(Reason { plugin: "injection".into(), code: "prompt_injection".into() }),
            plugins: vec![part("pii", Verdict::Allow), part("injection", Verdict::Deny), faulted],
            ..Decision::default()
        },
    )
}

#[test]
fn without_a_word_everything_passes() {
    for record in [denied(), record(1, Intent::default()), record(2, Policy::default())] {
        assert!(passes(&Filter::default(), &record));
    }
}

#[test]
fn an_approval_is_of_the_plugin_that_asked() {
    let asked_by = Reason { plugin: "tool-tiers".into(), code: "tool_irreversible".into() };
    let record = record(8, crate::Approval { asked_by, ..crate::Approval::default() });
    let plugins = |id: &str| Filter { plugins: vec![id.into()], ..Filter::default() };
    let codes = |code: &str| Filter { codes: vec![code.into()], ..Filter::default() };
    for (filter, wanted) in [
        (plugins("tool-tiers"), true),
        (plugins("pii"), false),
        (codes("tool_irreversible"), true),
        (codes("unavailable"), false),
        (Filter { kinds: vec![Kind::Approval], ..Filter::default() }, true),
        (Filter { verdicts: vec![Verdict::Escalate], ..Filter::default() }, false),
    ] {
        assert_eq!(passes(&filter, &record), wanted, "{filter:?}");
    }
}

#[test]
fn kinds_exchanges_and_places() {
    let record = denied();
    let kinds = |kinds: &[Kind]| Filter { kinds: kinds.to_vec(), ..Filter::default() };
    assert!(passes(&kinds(&[Kind::Intent, Kind::Decision]), &record) && !passes(&kinds(&[Kind::Intent]), &record));
    let exchange = |id: &str| Filter { exchange: Some(id.into()), ..Filter::default() };
    assert!(passes(&exchange("e"), &record) && !passes(&exchange("f"), &record));
    for (since, until, fits) in [
        (Some(When::Position(7)), Some(When::Position(7)), true),
        (Some(When::Position(8)), None, false),
        (None, Some(When::Position(6)), false),
        (Some(When::Time(7000)), Some(When::Time(7000)), true),
        (Some(When::Time(7001)), None, false),
        (None, Some(When::Time(6999)), false),
    ] {
        assert_eq!(passes(&Filter { since, until, ..Filter::default() }, &record), fits, "{since:?} {until:?}");
    }
    assert!(Filter { until: Some(When::Position(6)), ..Filter::default() }.is_over(7));
    assert!(!Filter { until: Some(When::Time(6)), ..Filter::default() }.is_over(7));
}

#[test]
fn verdicts_and_codes_are_the_plugins_where_one_is_named() {
    let record = denied();
    let filter = |plugin: &str, verdict: &str, code: &str| {
        let some = |text: &str| if text.is_empty() { vec![] } else { vec![text.to_owned()] };
        let verdicts = some(verdict).iter().map(|verdict| Verdict::from(verdict.as_str())).collect();
        Filter { plugins: some(plugin), verdicts, codes: some(code), ..Filter::default() }
    };
    for (plugin, verdict, code, fits) in [
        ("", "deny", "", true),
        ("", "allow", "", false),
        ("", "", "prompt_injection", true),
        ("", "", "pii_seen", true),
        ("", "", "fault_trap", true),
        ("", "", "other", false),
        ("pii", "", "", true),
        ("pii", "allow", "", true),
        ("pii", "deny", "", false),
        ("pii", "", "prompt_injection", false),
        ("injection", "deny", "prompt_injection", true),
        ("broken", "", "fault_trap", true),
        ("broken", "deny", "", false),
        ("none", "", "", false),
    ] {
        assert_eq!(passes(&filter(plugin, verdict, code), &record), fits, "{plugin} {verdict} {code}");
    }
}

#[test]
fn what_was_not_decided_has_codes_at_most() {
    let end = record(9, Execution { code: Some("upstream_timeout".into()), ..Execution::default() });
    let code = Filter { codes: vec!["upstream_timeout".into()], ..Filter::default() };
    assert!(passes(&code, &end) && !passes(&code, &record(1, Intent::default())));
    let verdict = Filter { verdicts: vec![Verdict::Allow], ..Filter::default() };
    assert!(!passes(&verdict, &end) && !passes(&verdict, &record(1, Intent::default())));
    let part = PluginRef { plugin: "pii".into(), ..PluginRef::default() };
    let policy = record(1, Policy { plugins: vec![part], ..Policy::default() });
    let plugin = |name: &str| Filter { plugins: vec![name.into()], ..Filter::default() };
    assert!(passes(&plugin("pii"), &policy) && !passes(&plugin("injection"), &policy) && !passes(&plugin("pii"), &end));
}

#[test]
fn ids_must_all_fit() {
    let with = |thread: &str, turn: Option<&str>| {
        let ids = ThreadIds { thread: Some(thread.into()), turn: turn.map(Into::into), ..ThreadIds::default() };
        Filter { ids, ..Filter::default() }
    };
    let record = denied();
    assert!(passes(&with("t1", None), &record));
    assert!(!passes(&with("t2", None), &record) && !passes(&with("t1", Some("x")), &record));
    assert_eq!(ThreadIds::of(&record.attributes).thread.unwrap(), "t1");
}
