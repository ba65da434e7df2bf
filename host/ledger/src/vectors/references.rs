//! Ledgers with references and APPROVAL records: such as a gate writes, and such as none does.

use std::path::Path;

use super::{chain_key, claim, hash, signer};
use crate::testing::builder::Builder;
use crate::{
    Approval, ApprovedCall, Check, Decision, Digest, Draft, Execution, Inherited, Intent, Label, PluginResult, Reason,
    Reference, ReferencesPart, Retention, Stage, Use, Verdict, Withheld, verify,
};

/// A name, a ledger, and with which code it fails.
pub(super) type Vector = (&'static str, Builder, Option<&'static str>);

/// An exchange that names others; gives the reference that names it.
fn exchange(made: &mut Builder, id: &str, references: Vec<Reference>, inherited: Vec<Inherited>) -> Reference {
    made.record(&Draft::new(id, Intent { references, inherited, ..Intent::default() }));
    let labels = vec![Label { key: "untrusted".into(), value: "tool-result".into() }];
    let part = PluginResult { plugin: "tool-tiers".into(), labels, ..PluginResult::default() };
    made.record(&Draft::new(id, Decision { plugins: vec![part], ..Decision::default() }));
    Reference { seq: made.head.seq, digest: made.leaf, exchange: id.into(), used: Use::Governance }
}

fn end(made: &mut Builder, id: &str) {
    made.record(&Draft::new(id, Execution::default()));
}

fn untrusted() -> Vec<Inherited> {
    vec![Inherited { source: "tool-tiers".into(), key: "untrusted".into(), value: "tool-result".into() }]
}

fn approval(outcome: &str) -> Approval {
    Approval {
        approval: "0190f3a0-0000-7000-8000-0000000000a1".into(),
        outcome: outcome.into(),
        principal: claim("key:3f", true),
        policy_set: Digest([1; 32]),
        generation: 1,
        asked_by: Reason { plugin: "tool-tiers".into(), code: "tool_irreversible".into() },
        queue: Some("tool-approvals".into()),
        call: ApprovedCall {
            kind: "tool_use".into(),
            id: Some("call_0".into()),
            name: "delete_records".into(),
            index: 1,
            arguments: Some(hash(5)),
        },
    }
}

fn escalated() -> Decision {
    let code = "approval_unavailable".into();
    Decision {
        stage: Stage::Commitment,
        verdict: Verdict::Escalate,
        enforced: true,
        reason: Some(approval("").asked_by),
        withheld: vec![Withheld { name: "delete_records".into(), code, arguments: Some(hash(5)) }],
        ..Decision::default()
    }
}

fn begun(id: u8) -> Builder {
    Builder::new(id, &chain_key(), signer(1))
}

/// References within a segment and over several, of both uses; an APPROVAL of each outcome, also behind its exchange's end.
fn good() -> Builder {
    let mut made = begun(6);
    let one = exchange(&mut made, "one", vec![], vec![]);
    end(&mut made, "one");
    let two = exchange(&mut made, "two", vec![one.clone()], untrusted());
    made.record(&Draft::new("two", escalated()));
    made.record(&Draft::new("two", approval("unavailable")));
    end(&mut made, "two");
    made.next_segment();
    let executed = Reference { used: Use::Execution, ..one };
    let other = Reference { used: "later".into(), ..two.clone() };
    exchange(&mut made, "three", vec![two, executed, other], untrusted());
    made.record(&Draft::new("three", Approval::default()));
    made.record(&Draft::new("three", approval("requested")));
    end(&mut made, "three");
    for outcome in ["granted", "used", "denied", "expired", "postponed"] {
        made.record(&Draft::new("three", approval(outcome)));
    }
    made.finished()
}

/// The first segment was let go; one reference leads there, one does not.
fn let_go() -> Builder {
    let mut made = begun(7);
    let gone = exchange(&mut made, "gone", vec![], vec![]);
    end(&mut made, "gone");
    let (last, first) = (made.head, made.files.keys().next().cloned().unwrap_or_default());
    made.next_segment();
    let here = exchange(&mut made, "here", vec![gone.clone()], untrusted());
    end(&mut made, "here");
    exchange(&mut made, "both", vec![gone, here], untrusted());
    end(&mut made, "both");
    let (through, mac, rule) = (last.seq, last.mac, "age".into());
    made.record(&Draft::new("", Retention { through, mac, segments: 1, rule, ..Retention::default() }));
    made.checkpoint(None);
    made.files.remove(&first);
    made.finished()
}

/// An exchange and one that names it in a way that is not right, all of it signed and chained as it should be.
fn bad(id: u8, change: impl Fn(Reference) -> Reference) -> Builder {
    let mut made = begun(id);
    let one = exchange(&mut made, "one", vec![], vec![]);
    end(&mut made, "one");
    exchange(&mut made, "two", vec![one.clone(), change(one)], untrusted());
    end(&mut made, "two");
    made.finished()
}

fn without_intent() -> Builder {
    let mut made = begun(12);
    exchange(&mut made, "one", vec![], vec![]);
    end(&mut made, "one");
    made.record(&Draft::new("one", approval("unavailable")));
    made.finished()
}

pub(super) fn ledgers() -> Vec<Vector> {
    let digest = Digest([9; 32]);
    vec![
        ("references", good(), None),
        ("references-let-go", let_go(), None),
        ("reference-to-another-digest", bad(8, |one| Reference { digest, ..one }), Some("reference_differs")),
        ("reference-to-another-record", bad(9, |one| Reference { seq: 2, ..one }), Some("reference_differs")),
        (
            "reference-to-another-exchange",
            bad(10, |one| Reference { exchange: "none".into(), ..one }),
            Some("reference_differs"),
        ),
        ("reference-ahead", bad(11, |one| Reference { seq: 6, ..one }), Some("reference_ahead")),
        ("approval-without-intent", without_intent(), Some("approval_without_intent")),
    ]
}

/// With the chain key, as an outsider, and with both.
pub(super) fn check(folder: &Path, vectors: &[Vector]) {
    let public = signer(1).public();
    let both = Check { keys: vec![public], ..Check::with_chain(&chain_key()) };
    for (name, made, code) in vectors {
        for check in [Check::with_chain(&chain_key()), Check::with_key(public), both.clone()] {
            let report = verify(&folder.join(name), &check, |_, _| {}).unwrap();
            assert_eq!(report.failure.as_ref().map(|failure| failure.code), *code, "{name}: {report:?}");
            if code.is_none() {
                assert_eq!((report.head, report.root), (made.head, made.tree.root()), "{name}");
            }
            let (held, let_go) = match *name {
                "references" => (4, 0),
                "references-let-go" => (1, 2),
                _ => continue,
            };
            assert_eq!(report.references, Some(ReferencesPart { held, let_go }), "{name}");
        }
    }
}
