#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use serde_json::json;

use super::*;

fn asked(body: &Value) -> Asked {
    Asked::parse(Dialect::OpenaiChat, body.to_string().as_bytes()).unwrap()
}

fn user(text: &str) -> Asked {
    asked(&json!({"model": "m", "messages": [{"role": "user", "content": text}]}))
}

#[test]
fn the_first_rule_that_matches_answers() {
    let script = Script::parse(
        "
- when: { model: other }
  reply: { text: a }
- when: { contains: PLUM, stream: false }
  reply: { text: b }
- when: { anywhere: plum }
  reply: { text: c }
- when: { tool_result: true }
  reply: { text: d }
",
    )
    .unwrap();
    let text = |request: &Asked| script.reply(request).text.concat();
    assert_eq!(text(&asked(&json!({"model": "other", "messages": [{"role": "user", "content": "plum"}]}))), "a");
    assert_eq!(text(&user("a Plum tree")), "b");
    let earlier = json!([{"role": "system", "content": "plum"}, {"role": "user", "content": "x"}]);
    assert_eq!(text(&asked(&json!({"model": "m", "messages": earlier}))), "c");
    assert_eq!(text(&asked(&json!({"model": "m", "messages": [{"role": "tool", "content": "x"}]}))), "d");
    assert!(script.reply(&user("x")).echo);
}

#[test]
fn a_rule_for_a_dialect_and_for_thinking() {
    let script = Script::parse(
        "
- when: { dialect: anthropic-messages, thinking: true }
  reply: { text: [a, b] }
- when: { dialect: openai-responses }
  reply: { text: null, echo: true }
- reply: { text: c }
",
    )
    .unwrap();
    let ask = |dialect, body: Value| script.reply(&Asked::parse(dialect, body.to_string().as_bytes()).unwrap());
    let said = json!([{"role": "user", "content": "x"}]);
    let thinks = json!({"model": "m", "max_tokens": 9, "messages": said, "thinking": {"type": "enabled"}});
    assert_eq!(ask(Dialect::AnthropicMessages, thinks).text, ["a", "b"]);
    let plain = json!({"model": "m", "max_tokens": 9, "messages": said});
    assert_eq!(ask(Dialect::AnthropicMessages, plain).text, ["c"]);
    let reply = ask(Dialect::OpenaiResponses, json!({"model": "m", "input": "x"}));
    assert!(reply.text.is_empty() && reply.echo);
}

#[test]
fn the_usual_script() {
    let script = Script::usual();
    assert!(!script.rules.is_empty());
    let tools = json!([{"type": "function", "function": {"name": "get_weather"}}]);
    let with_tools =
        |text: &str| asked(&json!({"model": "m", "tools": tools, "messages": [{"role": "user", "content": text}]}));
    let called = |request: &Asked| script.reply(request).tool_calls.first().map(|call| call.name.clone());
    assert_eq!(called(&with_tools("What is the Weather?")).as_deref(), Some("get_weather"));
    assert_eq!(called(&with_tools("delete them all")).as_deref(), Some("delete_records"));
    assert_eq!(called(&user("What is the weather?")), None);
    for asks in ["the classified one", "a report please"] {
        assert!(script.reply(&user(asks)).text.concat().contains("SECRET//NOFORN"));
    }
    assert!(script.reply(&user("tell me a story")).text.concat().len() > 500);
    assert!(script.reply(&user("hello")).echo);
}

#[test]
fn what_is_no_script() {
    for (yaml, code) in [
        ("reply: { text: a }", "script_not_rules"),
        ("- when: [", "yaml_syntax"),
        ("- reply: { txet: a }", "script_rule"),
        ("- reply: { chunk_bytes: 0 }", "script_rule"),
        ("- reply: { status: 99 }", "script_rule"),
        ("- reply: { headers: { 'a b': c } }", "script_rule"),
        ("- reply: { headers: { a: \"x\\ny\" } }", "script_rule"),
        ("- reply: { raw: { content_type: \"x\\ny\" } }", "script_rule"),
        ("- reply: { delay_ms: -1 }", "script_rule"),
        ("- reply: { text: [a, { b: c }] }", "script_rule"),
        ("- reply: { cut: reset }", "script_rule"),
        ("- reply: { cut: gently, cut_after_events: 1 }", "script_rule"),
        ("- reply: { stall_ms: 5 }", "script_rule"),
        ("- when: { dialect: esperanto }", "script_rule"),
    ] {
        assert_eq!(Script::parse(yaml).unwrap_err().code(), code, "{yaml}");
    }
    assert_eq!(Script::load(Path::new("/nowhere/script.yaml")).unwrap_err().code(), "script_unreadable");
}
