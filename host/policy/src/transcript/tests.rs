#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

fn transcript() -> Transcript {
    let claim = |value: &str| Claim { value: value.into(), proven: true };
    let ctx = Context {
        exchange: "e".into(),
        tenant: "t".into(),
        principal: claim("human:ada"),
        owner: None,
        clearance: Some(claim("SECRET")),
        classification: None,
        intent: None,
        dialect: "openai-chat".into(),
        model: Some("m".into()),
        labels: vec![AttributedLabel { source: "s".into(), key: "untrusted".into(), value: "v".into() }],
    };
    Transcript::of(&ctx, JudgeLimits::default())
}

fn document() -> Document {
    let segment = |pointer: &str, start, end| Segment {
        role: "user".into(),
        kind: "text".into(),
        name: None,
        pointer: pointer.into(),
        at: Span::new(start, end),
    };
    Document { text: "one\ntwo".into(), segments: vec![segment("/a", 0, 3), segment("/b", 4, 7)] }
}

#[test]
fn what_was_shown_and_known_comes_back() {
    let minutes = Stenographer::new(transcript(), 1 << 20);
    minutes.admit(&document());
    minutes.commit("tool", &document());
    let taken = minutes.take().unwrap();
    assert!(minutes.take().is_none(), "once");
    let [Question::Admit(shown), Question::Commit { arguments, .. }] = taken.questions() else { panic!("{taken:?}") };
    assert_eq!((shown.document(), arguments.document()), (document(), document()));
    let read: Transcript = serde_json::from_str(&serde_json::to_string(&taken).unwrap()).unwrap();
    assert_eq!(read, taken);
    let facts = read.facts();
    assert_eq!((facts.principal.value.as_str(), facts.clearance.unwrap().proven), ("human:ada", true));
    assert!(read.is_complete());
    assert_eq!(facts.inherited, transcript().facts().inherited);
    assert_eq!(facts.inherited[0].key, "untrusted");
    // What was kept before there were any.
    let mut older = serde_json::to_value(&taken).unwrap();
    older.as_object_mut().unwrap().remove("inherited").unwrap();
    assert!(serde_json::from_value::<Transcript>(older).unwrap().facts().inherited.is_empty());
}

#[test]
fn what_has_no_room_ends_it_and_that_is_told() {
    let minutes = Stenographer::new(transcript(), 100);
    let push = |n: usize| Question::Push { channel: 0, text: "x".repeat(n) };
    minutes.note(|| push(50));
    minutes.note(|| push(50));
    minutes.note(|| push(1));
    let taken = minutes.take().unwrap();
    assert_eq!((taken.questions(), taken.is_complete()), ([push(50)].as_slice(), false));
    minutes.note(|| push(1));
}
