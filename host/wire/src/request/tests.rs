#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::json::splice;
use crate::json::tree_tests::{any_json, written};
use crate::json::{Kind, Splice, escape_token};
use crate::{
    anthropic_count_tokens, anthropic_messages, openai_chat, openai_completions, openai_embeddings, openai_responses,
};

pub(crate) fn parse(dialect: Dialect, body: &Value) -> Result<Request, Refusal> {
    Request::parse(dialect, body.to_string(), &RequestLimits::default())
}

/// With all let pass that can be.
pub(crate) fn parse_allowing(dialect: Dialect, body: &Value) -> Result<Request, Refusal> {
    Request::parse(dialect, body.to_string(), &allowing())
}

fn allowing() -> RequestLimits {
    let opaque = Opaque { images: true, stored_state: true, encrypted_reasoning: true };
    RequestLimits { opaque, ..RequestLimits::default() }
}

/// `role|kind|name|pointer|text` of every segment.
pub(crate) fn segments(request: &Request) -> Vec<String> {
    let document = request.document();
    let line = |s: &crate::document::Segment| {
        format!("{}|{}|{}|{}|{}", s.role, s.kind, s.name.as_deref().unwrap_or("-"), s.pointer, document.text_of(s))
    };
    document.segments.iter().map(line).collect()
}

/// That each body is refused with a code, at a place, in a sentence.
pub(crate) fn refused(dialect: Dialect, cases: impl IntoIterator<Item = (Value, &'static str, &'static str)>) {
    for (body, code, pointer) in cases {
        let refusal = parse(dialect, &body).unwrap_err();
        assert_eq!((refusal.code, refusal.pointer.as_deref()), (code, Some(pointer)), "{body}");
        assert!(refusal.message.ends_with('.'), "{}", refusal.message);
    }
}

/// One of everything that a dialect has, let pass or not.
fn full(dialect: Dialect) -> Value {
    match dialect {
        Dialect::OpenAiChat => openai_chat::request::tests::full(),
        Dialect::OpenAiResponses => openai_responses::request::tests::full(),
        Dialect::AnthropicMessages => anthropic_messages::request::tests::full(),
        Dialect::AnthropicCountTokens => anthropic_count_tokens::request::tests::full(),
        Dialect::OpenAiCompletions => openai_completions::request::tests::full(),
        Dialect::OpenAiEmbeddings => openai_embeddings::request::tests::full(),
    }
}

fn any_dialect() -> impl Strategy<Value = Dialect> {
    prop::sample::select(Dialect::ALL.to_vec())
}

/// The pointers of every value.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(n, value)| places(value, &format!("{at}/{n}"), out));
        }
        Value::Object(members) => members.iter().for_each(|(key, value)| {
            let mut at = at.to_owned();
            escape_token(key, &mut at);
            places(value, &at, out);
        }),
        _ => {}
    }
}

/// Every string, key and telling number.
fn texts(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|v| texts(v, out)),
        Value::Object(members) => members.iter().for_each(|(k, v)| {
            out.push(k.clone());
            texts(v, out);
        }),
        Value::Number(n) if n.to_string().bytes().filter(u8::is_ascii_digit).count() >= 9 => out.push(n.to_string()),
        _ => {}
    }
}

/// Whether `text` was read, as it is or, if it is arguments, from inside.
fn is_read(text: &str, read: &[&str]) -> bool {
    let inside = || {
        serde_json::from_str::<Value>(text).is_ok_and(|inner| {
            let mut parts = Vec::new();
            texts(&inner, &mut parts);
            parts.iter().all(|part| read.contains(&part.as_str()))
        })
    };
    read.contains(&text) || inside()
}

/// Puts `value` at a place of a full request, or into the container that stands there, and answers a text of it that is
/// not read although the request is accepted.
fn unread(dialect: Dialect, value: &Value, at: &str, insert: bool) -> Option<String> {
    let mut body = full(dialect);
    match (insert, body.pointer_mut(at).unwrap()) {
        (true, Value::Object(members)) => {
            members.insert("vendor".into(), value.clone());
        }
        (true, Value::Array(values)) => values.push(value.clone()),
        (_, slot) => *slot = value.clone(),
    }
    let request = parse_allowing(dialect, &body).ok()?;
    // Names of roles and types are compared with a closed list; a picture is what an operator let pass.
    let known = ["/role", "/type", "/media_type"].iter().any(|end| at.ends_with(end));
    let picture = body.pointer(at.trim_end_matches("/data")).is_some_and(|source| source["type"] == "base64");
    if known || (picture && at.ends_with("/data")) {
        return None;
    }
    let document = request.document();
    let read: Vec<&str> = document.segments.iter().map(|s| document.text_of(s)).collect();
    let mut planted = Vec::new();
    texts(value, &mut planted);
    let missed = planted.into_iter().find(|text| !is_read(text, &read))?;
    Some(format!("unread at {at}: {missed:?} in {body}"))
}

#[test]
fn a_value_planted_anywhere_is_read_or_refused() {
    let mut accepted = 0;
    for dialect in Dialect::ALL {
        let mut all = Vec::new();
        places(&full(dialect), "", &mut all);
        for at in &all {
            for value in [
                json!("planted!"),
                json!(4_111_111_111_111_111_u64),
                json!(["planted!"]),
                json!({"planted!": ["deep", 4_111_111_111_111_111_u64]}),
                json!({"": "planted!"}),
            ] {
                assert_eq!(unread(dialect, &value, at, false), None);
                assert_eq!(unread(dialect, &value, at, true), None);
                let mut body = full(dialect);
                *body.pointer_mut(at).unwrap() = value;
                accepted += usize::from(parse_allowing(dialect, &body).is_ok());
            }
        }
    }
    // That the checks above are not all of refusals.
    assert!(accepted > 300, "{accepted}");
}

#[test]
fn a_full_request_comes_back_byte_for_byte() {
    for dialect in Dialect::ALL {
        for escaped in [false, true] {
            let body = written(&full(dialect), escaped);
            let request = Request::parse(dialect, body.as_str(), &allowing()).unwrap();
            assert_eq!(request.rewrite(&[]).unwrap(), body.as_bytes());
        }
    }
}

/// The pointer of a value repeats the keys above it, so a long key over many values would fill the memory.
#[test]
fn a_long_key_over_many_values_is_refused() {
    let mut body = json!({"model": "m", "input": "x", "odd": {}});
    body["odd"]["k".repeat(100_000)] = json!(vec!["x"; 10_000]);
    assert_eq!(parse(Dialect::OpenAiEmbeddings, &body).unwrap_err().code, "pointers_too_long");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// The same planted value anywhere: where it is accepted, its strings, keys and telling numbers are read.
    #[test]
    fn nothing_of_an_accepted_request_goes_unread(dialect in any_dialect(), value in any_json(), place: prop::sample::Index, insert in 0..3_u8) {
        let mut all = Vec::new();
        places(&full(dialect), "", &mut all);
        let at: &String = place.get(&all);
        if let Some(unread) = unread(dialect, &value, at, insert > 0) {
            return Err(TestCaseError::fail(unread));
        }
    }

    /// An edit reaches the token that it is of, and no other byte, also inside arguments written as text.
    #[test]
    fn an_edit_changes_its_token_and_no_other_byte(dialect in any_dialect(), escaped: bool, which: prop::sample::Index, a: prop::sample::Index, b: prop::sample::Index, with: String) {
        let body = written(&full(dialect), escaped);
        let request = Request::parse(dialect, body.as_str(), &allowing()).unwrap();
        let document = request.document();
        let segment = which.get(&document.segments);
        let text = document.text_of(segment);
        let bounds: Vec<usize> = (0..=text.len()).filter(|&at| text.is_char_boundary(at)).collect();
        let (a, b) = (*a.get(&bounds), *b.get(&bounds));
        let (a, b) = (a.min(b), a.max(b));
        let edit = TextEdit::new(segment.at.start + a as u64, segment.at.start + b as u64, with.clone());
        let out = match request.rewrite(&[edit]) {
            Ok(out) => out,
            Err(error) => {
                let fixed = matches!(error.code(), "edit_of_key" | "edit_of_signed" | "edit_of_reading");
                prop_assert!(fixed, "{error}");
                return Ok(());
            }
        };
        let edited = format!("{}{with}{}", &text[..a], &text[b..]);
        let (outer, inner) = segment.pointer.split_once('#').unwrap_or((&segment.pointer, ""));
        let is_nested = segment.pointer.contains('#');
        let limits = JsonLimits::default();
        let (old, new) = (Tree::parse(body.as_bytes(), &limits).unwrap(), Tree::parse(&out, &limits).unwrap());
        let (old, new) = (old.at(outer).unwrap(), new.at(outer).unwrap());
        let swapped = splice(body.as_bytes(), vec![Splice { at: old.raw(), with: new.raw_str().into() }]).unwrap();
        prop_assert_eq!(&swapped, &out);
        if new.kind() == Kind::Array {
            // What joins neighbouring texts.
            let together: String = new.children().filter_map(|part| part.get("text")?.text()).collect();
            prop_assert!(together.contains(&edited), "{together}");
            return Ok(());
        }
        if !is_nested {
            prop_assert_eq!(new.text(), Some(edited.as_str()));
            return Ok(());
        }
        let (old, new) = (old.text().unwrap(), new.text().unwrap());
        let (old_tree, new_tree) = (Tree::parse(old.as_bytes(), &limits).unwrap(), Tree::parse(new.as_bytes(), &limits).unwrap());
        let (was, is) = (old_tree.at(inner).unwrap(), new_tree.at(inner).unwrap());
        prop_assert_eq!(is.text(), Some(edited.as_str()));
        let swapped = splice(old.as_bytes(), vec![Splice { at: was.raw(), with: is.raw_str().into() }]).unwrap();
        prop_assert_eq!(swapped, new.as_bytes());
    }
}

/// Tools are given JSON in strings of JSON.
#[test]
fn what_a_call_was_given_is_read_behind_its_escapes() {
    let read = |arguments: &str| {
        let call = json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}});
        let body = json!({"model": "m", "messages": [{"role": "user", "content": "x"}, {"role": "assistant", "tool_calls": [call]}]});
        let request = parse(Dialect::OpenAiChat, &body).unwrap();
        let document = request.document();
        let texts =
            document.segments.iter().filter(|s| s.kind == "tool-arguments").map(|s| document.text_of(s).to_owned());
        texts.collect::<Vec<_>>()
    };
    assert_eq!(read(r#"{"q":"\u0041b"}"#), ["q", "Ab"]);
    assert_eq!(read(r#"{"q":"{\"a\":\"\\u0041b\"}"}"#), ["q", r#"{"a":"\u0041b"}"#, r#"{"a":"Ab"}"#]);
    assert_eq!(read(r#"{"q":"c:\\temp"}"#), ["q", r"c:\temp"], "a backslash alone is none");
    assert_eq!(read(r#"{"\\u0041":1}"#), [r"\u0041", "A", "1"], "keys as well");
}
