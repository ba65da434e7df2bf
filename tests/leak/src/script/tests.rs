#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use serde_json::Value;

use super::Script;
use crate::cut::{Cut, pieces};
use crate::dialect::Dialect;
use crate::fields::{Block, Form, read};
use crate::kind::Kind;
use crate::style::Style;

fn block(dialect: Dialect, form: Form, name: &str) -> Block {
    let found = read(dialect).unwrap().blocks.into_iter().find(|block| block.form == form && block.name == name);
    found.unwrap()
}

fn data(script: &Script) -> Vec<Value> {
    let text = String::from_utf8(script.body.to_vec()).unwrap();
    text.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok()).collect()
}

#[test]
fn what_no_placeholder_is_left_in_is_json_in_every_style() {
    let odd = [
        "not UTF-8",
        "not JSON",
        "HTML",
        "behind the answer",
        "stream to a unary",
        "multi-line",
        "SSE",
        "an event that",
    ];
    for dialect in Dialect::ALL {
        for block in read(dialect).unwrap().blocks {
            for kind in Kind::ALL {
                for style in Style::of(block.is_incremental(), true, kind.value()) {
                    let Some(script) = Script::new(&block, kind, style) else { continue };
                    let text = String::from_utf8_lossy(&script.body).replace("<model>", "m").replace("<html>", "");
                    for left in ["<text", "<args", "<bytes", "<number", "<raw", "<seq", "<tool", "<first", "<ff"] {
                        assert!(!text.contains(left), "{} {text}", script.name());
                    }
                    if odd.iter().any(|name| block.name.contains(name)) {
                        continue;
                    }
                    let parts: Vec<&str> = if block.form == Form::Stream
                        && !text.starts_with('{')
                        && !text.starts_with('<')
                    {
                        text.split(['\n', '\r']).filter_map(|line| line.strip_prefix("data:")).map(str::trim).collect()
                    } else {
                        vec![&text]
                    };
                    for part in parts.iter().filter(|part| **part != "[DONE]") {
                        assert!(serde_json::from_str::<Value>(part).is_ok(), "{}: {part}", script.name());
                    }
                }
            }
        }
    }
}

#[test]
fn arguments_are_split_within_their_escapes() {
    let script =
        Script::new(&block(Dialect::Chat, Form::Stream, "tool arguments"), Kind::Card, Style::InnerChars).unwrap();
    let mut arguments = String::new();
    let mut within = false;
    for event in data(&script) {
        if let Some(piece) = event.pointer("/choices/0/delta/tool_calls/0/function/arguments").and_then(Value::as_str) {
            arguments.push_str(piece);
            within |= arguments.ends_with("\\u0");
        }
    }
    let arguments: Value = serde_json::from_str(&arguments).unwrap();
    assert_eq!(arguments["city"], format!("Noted: {} (end)", Kind::Card.value()));
    assert!(within);
}

#[test]
fn events_of_responses_are_named_and_numbered() {
    let script =
        Script::new(&block(Dialect::Responses, Form::Stream, "output_text, every copy"), Kind::Email, Style::Fives)
            .unwrap();
    let events = data(&script);
    let numbers: Vec<u64> = events.iter().map(|event| event["sequence_number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (0..events.len() as u64).collect::<Vec<_>>());
    let text = String::from_utf8(script.body.to_vec()).unwrap();
    assert!(text.starts_with("event: response.created\ndata: {"));
    assert_eq!(script.bounds.len() + 1, events.len());
}

#[test]
fn every_offset_and_every_pair_of_events_is_there() {
    let script = Script::new(&block(Dialect::Chat, Form::Stream, "content"), Kind::Card, Style::Fives).unwrap();
    let cuts = script.cuts();
    let (length, events) = (script.body.len(), script.bounds.len());
    assert_eq!(cuts.len(), 3 + (length - 1) + events * (events - 1) / 2);
    for cut in cuts {
        let parts = pieces(&script.body, &cut.places(length, &script.bounds));
        assert_eq!(parts.concat(), script.body, "{cut:?}");
        let expected = match cut {
            Cut::Whole => 1,
            Cut::Bytes => length,
            Cut::Events => events + 1,
            Cut::Pair(..) => 3,
            Cut::At(_) | Cut::FromEnd(_) => 2,
        };
        assert_eq!(parts.len(), expected, "{cut:?}");
    }
}

#[test]
fn a_request_is_cut_within_its_value() {
    let script = Script::new(&block(Dialect::Chat, Form::Request, "user"), Kind::Key, Style::Whole).unwrap();
    let text = String::from_utf8(script.body.to_vec()).unwrap();
    let from = text.find(Kind::Key.value()).unwrap();
    let places: Vec<usize> = script.cuts().iter().flat_map(|cut| cut.places(text.len(), &[])).collect();
    assert!((from..=from + Kind::Key.value().len()).all(|place| places.contains(&place)), "{places:?} {from}");
}
