use super::*;

fn label(n: usize) -> AttributedLabel {
    AttributedLabel { source: "s".into(), key: "k".into(), value: n.to_string() }
}

/// An exchange with so many labels of earlier ones, and no plugin.
fn judge(inherited: usize) -> Judge {
    let facts = Facts {
        exchange: "e".into(),
        tenant: "t".into(),
        principal: Claim { value: "p".into(), proven: false },
        owner: None,
        clearance: None,
        classification: None,
        intent: None,
        dialect: "openai-chat".into(),
        model: None,
        inherited: (0..inherited).map(label).collect(),
    };
    Judge::new(Arc::new(PolicySet::new(1, vec![], crate::trust::Trust::default())), facts, JudgeLimits::default())
}

fn kept(judge: &mut Judge, own: usize) -> (Verdict, usize) {
    let verdict = judge.keep((0..own).map(label).collect());
    (verdict, judge.context().labels.len())
}

#[test]
fn labels_of_earlier_exchanges_are_in_force_from_the_beginning() {
    let values: Vec<String> = judge(3).context().labels.iter().map(|label| label.value.clone()).collect();
    assert_eq!(values, ["0", "1", "2"]);
}

#[test]
fn they_never_take_the_place_of_the_exchanges_own() {
    assert_eq!(kept(&mut judge(0), 300), (Verdict::Allow, 256), "as ever");
    assert_eq!(kept(&mut judge(128), 128), (Verdict::Allow, 256));
    let (verdict, all) = kept(&mut judge(128), 129);
    assert_eq!((verdict.reason().map(|reason| reason.code.as_str()), all), (Some("label_limit"), 256));
    assert!(matches!(verdict, Verdict::Deny(_)));
}
