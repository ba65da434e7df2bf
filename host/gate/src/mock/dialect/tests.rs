#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;
use crate::mock::reply::Reply;
use crate::mock::request::Asked;

const ALL: [(&str, &str); 6] = [
    ("openai-chat", "/v1/chat/completions"),
    ("openai-responses", "/v1/responses"),
    ("anthropic-messages", "/v1/messages"),
    ("anthropic-count-tokens", "/v1/messages/count_tokens"),
    ("openai-completions", "/v1/completions"),
    ("openai-embeddings", "/v1/embeddings"),
];

#[test]
fn each_has_a_name_and_a_path() {
    for (name, path) in ALL {
        let dialect: Dialect = serde_json::from_value(Value::from(name)).unwrap();
        assert_eq!(Dialect::at(path), Some(dialect));
    }
    assert_eq!(Dialect::at("/v1/responses/resp_1"), None);
}

/// The last event of an answer that breaks off.
fn last(dialect: Dialect, form: ErrorForm, after_events: Option<usize>) -> (usize, String) {
    let asked = Asked { dialect, choices: 1, ..Asked::default() };
    let error = StreamError { message: "broken".to_owned(), after_events, form, ..StreamError::default() };
    let reply = Reply { text: vec!["some text".to_owned()], stream_error: Some(error.clone()), ..Reply::default() };
    let events = dialect.broken(&Said::new(&asked, &reply, b""), &error);
    (events.len(), String::from_utf8(events.last().unwrap().clone()).unwrap())
}

#[test]
fn an_error_within_a_stream() {
    use Dialect::{AnthropicMessages, OpenaiChat, OpenaiResponses};
    let frame = "data: {\"error\":{\"message\":\"broken\",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n";
    assert_eq!(last(OpenaiChat, ErrorForm::Usual, None), (3, frame.to_owned()));
    assert_eq!(last(OpenaiChat, ErrorForm::Event, Some(1)), (2, format!("event: error\n{frame}")));
    assert_eq!(last(OpenaiResponses, ErrorForm::Frame, Some(0)), (1, frame.to_owned()));
    assert_eq!(last(AnthropicMessages, ErrorForm::Frame, Some(0)).1, frame);
    let event =
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"broken\"}}\n\n";
    assert_eq!(last(AnthropicMessages, ErrorForm::Usual, Some(2)), (3, event.to_owned()));
    let (count, failed) = last(OpenaiResponses, ErrorForm::Usual, Some(4));
    assert!(
        count == 5
            && failed.starts_with("event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":4,")
    );
    assert!(
        failed.contains(r#""status":"failed""#) && failed.contains(r#"{"code":"server_error","message":"broken"}"#)
    );
    let (_, event) = last(OpenaiResponses, ErrorForm::Event, Some(2));
    assert!(event.starts_with("event: error\ndata: {\"type\":\"error\",") && event.contains("\"sequence_number\":2"));
}
