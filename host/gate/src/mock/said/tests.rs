use serde_json::json;

use super::*;
use crate::mock::reply::StreamError;

fn call(arguments: Value) -> ToolCall {
    ToolCall { name: "f".to_owned(), arguments, ..ToolCall::default() }
}

#[test]
fn places_are_filled_in_every_text() {
    let asked = Asked { user_text: "jo \"x\"".to_owned(), last_text: "r".to_owned(), choices: 1, ..Asked::default() };
    let text = || vec!["{user} and {last}".to_owned()];
    let reply = Reply {
        text: text(),
        thinking: text(),
        refusal: Some("not {last}".to_owned()),
        tool_calls: vec![call(json!({"to": ["{user}"]})), call(json!("{last}")), call(Value::Null)],
        ..Reply::default()
    };
    let said = Said::new(&asked, &reply, b"");
    assert_eq!((said.choice_text(7), said.thinking.concat()), ("jo \"x\" and r", "jo \"x\" and r".to_owned()));
    assert_eq!(said.refusal.as_deref(), Some("not r"));
    let arguments: Vec<&str> = said.calls.iter().map(|call| call.arguments.as_str()).collect();
    assert_eq!(arguments, [r#"{"to":["jo \"x\""]}"#, "r", "{}"]);
}

#[test]
fn ids_are_made_or_given() {
    let asked = Asked::default();
    let given = ToolCall { id: Some("mine".to_owned()), ..call(Value::Null) };
    let reply = Reply { tool_calls: vec![given, call(Value::Null)], ..Reply::default() };
    let said = Said::new(&asked, &reply, b"");
    let ids: Vec<String> = said.calls.iter().map(|call| call.id("call_")).collect();
    assert_eq!(ids, ["mine".to_owned(), format!("call_{}01", said.stem)]);
}

#[test]
fn a_broken_answer_is_no_other_error() {
    let error = StreamError { message: "m".to_owned(), code: Some("c".to_owned()), ..StreamError::default() };
    let plain = error.plain();
    assert_eq!((plain.message.as_str(), plain.code.as_deref(), plain.param), ("m", Some("c"), None));
}
