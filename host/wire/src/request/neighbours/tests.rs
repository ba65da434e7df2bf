#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::dialect::Dialect;
use crate::document::TextEdit;
use crate::request::tests::{parse, parse_allowing, segments};
use crate::request::{Refusal, Request};

/// Every place where texts stand side by side: the dialect, the array, and a request with these texts in it.
type Place = (Dialect, &'static str, fn(Value) -> Value);

fn typed(kind: &str, texts: &Value) -> Value {
    texts.as_array().unwrap().iter().map(|text| json!({"type": kind, "text": text})).collect()
}

const PLACES: [Place; 9] = [
    (
        Dialect::OpenAiChat,
        "/messages/0/content",
        |texts| json!({"model": "m", "messages": [{"role": "user", "content": typed("text", &texts)}]}),
    ),
    (
        Dialect::OpenAiChat,
        "/messages/0/content",
        |texts| json!({"model": "m", "messages": [{"role": "tool", "tool_call_id": "c", "content": typed("text", &texts)}]}),
    ),
    (
        Dialect::AnthropicMessages,
        "/messages/0/content",
        |texts| json!({"model": "m", "messages": [{"role": "user", "content": typed("text", &texts)}]}),
    ),
    (
        Dialect::AnthropicMessages,
        "/system",
        |texts| json!({"model": "m", "messages": [{"role": "user", "content": "x"}], "system": typed("text", &texts)}),
    ),
    (Dialect::AnthropicMessages, "/messages/0/content/0/content", |texts| {
        let result = json!({"type": "tool_result", "tool_use_id": "t", "content": typed("text", &texts)});
        json!({"model": "m", "messages": [{"role": "user", "content": [result]}]})
    }),
    (Dialect::AnthropicMessages, "/messages/0/content/0/source/content", |texts| {
        let document = json!({"type": "document", "source": {"type": "content", "content": typed("text", &texts)}});
        json!({"model": "m", "messages": [{"role": "user", "content": [document]}]})
    }),
    (
        Dialect::AnthropicCountTokens,
        "/messages/0/content",
        |texts| json!({"model": "m", "messages": [{"role": "user", "content": typed("text", &texts)}]}),
    ),
    (
        Dialect::OpenAiResponses,
        "/input/0/content",
        |texts| json!({"model": "m", "input": [{"role": "user", "content": typed("input_text", &texts)}]}),
    ),
    (Dialect::OpenAiResponses, "/input/0/output", |texts| {
        let output = typed("input_text", &texts);
        json!({"model": "m", "input": [{"type": "function_call_output", "call_id": "c", "output": output}]})
    }),
];

/// The joined readings: where, and the text.
fn joined<'r>(request: &'r Request, place: &str) -> Vec<(u64, &'r str)> {
    let document = request.document();
    let here = document.segments.iter().filter(|segment| segment.pointer == place);
    here.map(|segment| (segment.at.start, document.text_of(segment))).collect()
}

/// The texts of the parts after `edits`.
fn rewritten(request: &Request, place: &str, edits: &[TextEdit]) -> Vec<String> {
    let body: Value = serde_json::from_slice(&request.rewrite(edits).unwrap()).unwrap();
    let parts = body.pointer(place).unwrap().as_array().unwrap();
    parts.iter().filter_map(|part| part["text"].as_str().map(str::to_owned)).collect()
}

/// The first place of `text` in the joined reading, replaced.
fn mask(request: &Request, place: &str, text: &str, with: &str) -> TextEdit {
    let found = joined(request, place).into_iter().find_map(|(at, read)| Some(at + read.find(text)? as u64));
    TextEdit::new(found.unwrap(), found.unwrap() + text.len() as u64, with)
}

#[test]
fn a_value_over_parts_is_one_value_and_is_masked_as_one() {
    for (dialect, place, body) in PLACES {
        let request = parse(dialect, &body(json!(["ask jo@", "x.io now"]))).unwrap();
        let reading = joined(&request, place);
        assert_eq!(reading.iter().map(|(_, text)| *text).collect::<Vec<_>>(), ["ask jo@x.io now"], "{place}");
        let edit = mask(&request, place, "jo@x.io", "[E]");
        assert_eq!(rewritten(&request, place, &[edit]), ["ask [E]", " now"], "{place}");

        let request = parse(dialect, &body(json!(["ask j", "", "o@x", ".io", " now"]))).unwrap();
        let edit = mask(&request, place, "jo@x.io", "[E]");
        assert_eq!(rewritten(&request, place, &[edit]), ["ask [E]", "", "", "", " now"], "{place}");
    }
}

/// A part of the value can be one by itself, and what is found twice is masked once.
#[test]
fn two_readings_of_one_value_are_one_edit() {
    let (dialect, place, body) = PLACES[0];
    let request = parse(dialect, &body(json!(["ask jo@x.i", "o or li@y.io"]))).unwrap();
    let text = &request.document().text;
    let own = |value: &str, with: &str| {
        let at = text.find(value).unwrap() as u64;
        TextEdit::new(at, at + value.len() as u64, with)
    };
    let edits = [
        own("jo@x.i", "[SHORT]"),
        own("li@y.io", "[LI]"),
        mask(&request, place, "jo@x.io", "[LONG]"),
        mask(&request, place, "li@y.io", "[LI]"),
    ];
    assert_eq!(rewritten(&request, place, &edits), ["ask [LONG]", " or [LI]"]);

    // Nobody knows whether a word before a value belongs to it: none of it goes out, and what is a value by itself stays one.
    let request = parse(dialect, &body(json!(["write to", "li@y.io now"]))).unwrap();
    let at = request.document().text.find("li@y.io").unwrap() as u64;
    let edits = [TextEdit::new(at, at + 7, "[LI]"), mask(&request, place, "toli@y.io", "[TOLI]")];
    assert_eq!(rewritten(&request, place, &edits), ["write [TOLI]", "[LI] now"]);
}

#[test]
fn a_reading_is_of_its_parts_kind_and_stands_behind_them() {
    let (dialect, _, body) = PLACES[4];
    let request = parse(dialect, &body(json!(["a", "b"]))).unwrap();
    let found = segments(&request);
    let at = found.iter().position(|line| line == "tool|tool-result|t|/messages/0/content/0/content|ab");
    assert_eq!(at.map(|at| found[at - 1].as_str()), Some("tool|tool-result|t|/messages/0/content/0/content/1/text|b"));
}

/// The middle of a long text is not read twice.
#[test]
fn long_texts_are_read_again_at_their_seams_only() {
    let (dialect, place, body) = PLACES[2];
    let word = |letter: &str| format!("{} ", letter.repeat(7)).repeat(10_000);
    let texts = [format!("{}jo@", word("a")), format!("x.io {} li", word("b")), format!("@y.io{}", word("c"))];
    let request = parse(dialect, &body(json!(texts))).unwrap();
    let readings = joined(&request, place);
    assert_eq!(readings.len(), 2);
    for (_, reading) in &readings {
        assert!(reading.len() <= 1024 && reading.len() > 800, "{}", reading.len());
        assert!(
            reading.split_whitespace().all(|word| word.len() == 7 || word.contains('@')),
            "a word was cut: {reading}"
        );
    }
    let edits = [mask(&request, place, "jo@x.io", "[JO]"), mask(&request, place, "li@y.io", "[LI]")];
    let got = rewritten(&request, place, &edits);
    assert!(got[0].ends_with("a [JO]") && got[1].starts_with(" bbb") && got[1].ends_with(" [LI]"));
    assert_eq!(got[2], word("c"));
}

#[test]
fn what_something_stands_between_are_no_neighbours() {
    let image = json!({"type": "image", "source": {"type": "url", "url": "https://x.io/a.png"}});
    let text = |text: &str| json!({"type": "text", "text": text});
    let of = |content: Value| {
        let body = json!({"model": "m", "messages": [{"role": "user", "content": content}, {"role": "user", "content": [text("c")]}]});
        let request = parse_allowing(Dialect::AnthropicMessages, &body).unwrap();
        joined(&request, "/messages/0/content").iter().map(|(_, text)| (*text).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of(json!([text("a"), image, text("b")])), [""; 0]);
    assert_eq!(of(json!([text("a"), text("b"), image, text("c"), text("d"), text("")])), ["ab", "cd"]);
    assert_eq!(of(json!([text("a"), text("")])), [""; 0]);
}

/// Text of JSON is read behind its escapes, where no joined text leads to.
#[test]
fn what_cannot_be_masked_is_refused_by_name() {
    let (dialect, place, body) = PLACES[4];
    let request = parse(dialect, &body(json!([r#"{"mail":"\u006ao@"#, "x.io"]))).unwrap();
    assert_eq!(rewritten(&request, place, &[mask(&request, place, "o@x.io", "[E]")])[1], "", "broken JSON is text");
    let request = parse(dialect, &body(json!([r#"{"mail":"\u006ao"}"#, "x.io"]))).unwrap();
    let edit = mask(&request, place, "}x.io", "[E]");
    assert_eq!(request.rewrite(&[edit]).unwrap_err().code(), "edit_of_reading");
}

#[test]
fn readings_count_as_segments() {
    let (dialect, _, body) = PLACES[0];
    let limits = |max_segments| crate::request::RequestLimits { max_segments, ..Default::default() };
    let body = body(json!(["a", "b"])).to_string();
    let code = |max| Request::parse(dialect, body.clone(), &limits(max)).map_err(|refusal: Refusal| refusal.code).err();
    assert_eq!((code(3), code(4)), (Some("too_many_segments"), None));
}

proptest! {
    /// An edit of a joined text is that of the texts put together, wherever they are cut.
    #[test]
    fn an_edit_over_parts_is_an_edit_of_them_together(
        texts in prop::collection::vec("[a-zé😀\"\\\\]{0,5}", 2..8), a: prop::sample::Index, b: prop::sample::Index, with in "[A-Z\"]{0,3}", place in 0..PLACES.len(),
    ) {
        let together = texts.concat();
        let (dialect, place, body) = PLACES[place];
        let request = parse(dialect, &body(json!(texts))).unwrap();
        let readings = joined(&request, place);
        prop_assume!(!readings.is_empty());
        prop_assert_eq!(readings[0].1, together.as_str());
        let bounds: Vec<usize> = (0..=together.len()).filter(|&at| together.is_char_boundary(at)).collect();
        let (a, b) = (bounds[a.index(bounds.len())], bounds[b.index(bounds.len())]);
        let (from, to) = (a.min(b), a.max(b));
        let at = readings[0].0;
        // What is JSON with escapes is read behind them, and an edit of it is refused.
        prop_assume!(!texts.iter().any(|text| text.contains("\\u")));
        let edit = TextEdit::new(at + from as u64, at + to as u64, with.clone());
        let expected = format!("{}{with}{}", &together[..from], &together[to..]);
        let got = rewritten(&request, place, &[edit]);
        prop_assert_eq!(got.concat(), expected);
        prop_assert_eq!(got.len(), texts.len());
    }
}
