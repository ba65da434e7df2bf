#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

fn manifest() -> Manifest {
    let json = r#"{"id":"a","version":"1.0.0","config_schema":{"type":"object","additionalProperties":false,
        "properties":{"mode":{"enum":["on","off"]}}}}"#;
    serde_json::from_str(json).unwrap()
}

fn read(yaml: &str) -> Result<Vec<Case>, ConfigErrors> {
    parse(Path::new("cases.yaml"), yaml, &manifest())
}

/// Code, pointer and line of every mistake.
fn mistakes(yaml: &str) -> Vec<(&'static str, String, Option<usize>)> {
    read(yaml).unwrap_err().mistakes.into_iter().map(|m| (m.code, m.pointer, m.line)).collect()
}

#[test]
fn the_schema_is_one() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert!(jsonschema::draft202012::new(&schema).is_ok());
}

#[test]
fn a_case_becomes_what_the_plugin_is_asked() {
    let cases = read(
        r#"
- name: claims
  config: { mode: "on" }
  stage: admission
  context: { clearance: { value: TS, proven: true }, classification: SECRET, labels: [{ source: s, key: k, value: v }] }
  segments: [{ text: one }, { role: tool, kind: tool-result, name: t, text: two }]
  expect: { verdict: allow }
- name: arguments
  stage: commitment
  tool: t
  arguments: { "a/b": [1, true, null, "x"], c: { d: e } }
  expect: { verdict: deny, code: c }
- { name: channel, stage: inspection, text: "", expect: { verdict: allow } }
"#,
    )
    .unwrap();
    let (ctx, request) = (cases[0].context(), cases[0].request());
    assert_eq!(
        (ctx.clearance, ctx.classification.map(|c| c.proven)),
        (Some(Claim { value: "TS".into(), proven: true }), Some(false))
    );
    assert_eq!(ctx.labels.len(), 1);
    assert_eq!(request.text, "one\ntwo");
    let segments: Vec<_> =
        request.segments.iter().map(|s| (s.role.as_str(), s.kind.as_str(), s.at.start, s.at.end)).collect();
    assert_eq!(segments, [("user", "text", 0, 3), ("tool", "tool-result", 4, 7)]);

    let action = cases[1].action();
    assert_eq!((action.kind.as_str(), action.target.as_str()), ("tool_use", "t"));
    assert_eq!(action.arguments.text, "a/b\n1\ntrue\nx\nc\nd\ne");
    let leaves: Vec<_> = action.arguments.segments.iter().map(|s| (s.kind.as_str(), s.pointer.as_str())).collect();
    let expected = [
        ("key", "/a~1b"),
        ("value", "/a~1b/0"),
        ("value", "/a~1b/1"),
        ("value", "/a~1b/3"),
        ("key", "/c"),
        ("key", "/c/d"),
        ("value", "/c/d"),
    ];
    assert_eq!(leaves, expected);
    assert_eq!(cases[2].channel(), ("content", ""));
    assert_eq!((cases[0].line, cases[1].line, cases[2].line), (Some(2), Some(8), Some(13)));
}

#[test]
fn what_a_case_cannot_have_is_named_with_its_place() {
    let case = |rest: &str| format!("- name: n\n  {rest}\n");
    assert_eq!(mistakes(&case("stage: admission\n  text: a\n  expct: {}")).first().unwrap().1, "/0");
    let unknown = mistakes(&case("stage: admission\n  text: a\n  expect: { verdict: allow, colour: red }"));
    assert_eq!(unknown, [("unknown_member", "/0/expect/colour".to_owned(), Some(4))]);
    let stage = mistakes(&case("stage: admission\n  text: a\n  tool: t\n  expect: { verdict: allow }"));
    assert_eq!(stage, [("unknown_member", "/0/tool".to_owned(), Some(4))]);
    let config =
        mistakes(&case("stage: admission\n  text: a\n  config:\n    mode: maybe\n  expect: { verdict: allow }"));
    assert_eq!(config, [("not_one_of", "/0/config/mode".to_owned(), Some(5))]);
    let yaml = mistakes("- name: [");
    assert_eq!(yaml.first().unwrap().0, "yaml_syntax");
}

#[test]
fn what_a_stage_needs_must_be_there() {
    let code = |rest: &str| {
        let told = mistakes(&format!("- {{ name: n, expect: {{ verdict: allow }}, {rest} }}"));
        (told.len(), told.first().unwrap().0)
    };
    assert_eq!(code("stage: admission"), (1, "missing_member"));
    assert_eq!(code("stage: admission, text: a, segments: [{ text: a }]"), (1, "missing_member"));
    assert_eq!(code("stage: inspection"), (1, "missing_member"));
    assert_eq!(code("stage: commitment"), (1, "missing_member"));
}

#[test]
fn an_expectation_that_cannot_be_met_is_a_mistake() {
    let pointer = |expect: &str| {
        mistakes(&format!("- {{ name: n, stage: admission, text: a, expect: {expect} }}")).first().unwrap().1.clone()
    };
    assert_eq!(pointer("{ verdict: allow, code: c }"), "/0/expect/code");
    assert_eq!(pointer("{ verdict: deny, text: a }"), "/0/expect/text");
    assert_eq!(pointer("{ verdict: deny, queue: q }"), "/0/expect/queue");
    assert_eq!(pointer("{ verdict: fault }"), "/0/expect/verdict");
}

#[test]
fn a_plugin_without_a_schema_takes_no_configuration() {
    let manifest: Manifest = serde_json::from_str(r#"{"id":"a","version":"1.0.0"}"#).unwrap();
    let yaml = "- { name: n, stage: admission, text: a, config: { x: 1 }, expect: { verdict: allow } }";
    let told = parse(Path::new("c"), yaml, &manifest).unwrap_err();
    assert_eq!(told.mistakes.first().unwrap().pointer, "/0/config");
    assert_eq!(parse(Path::new("c"), &yaml.replace("x: 1", ""), &manifest).unwrap().len(), 1);
}
