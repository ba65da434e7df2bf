#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;
use crate::mock::reply::Reply;
use crate::mock::request::Asked;

#[test]
fn whole_and_streamed_are_one_object() {
    let asked = Asked { model: "m".to_owned(), choices: 2, include_usage: true, logprobs: true, ..Asked::default() };
    let reply = Reply { text: vec!["abcé".to_owned(), "x".to_owned()], chunk_bytes: Some(2), ..Reply::default() };
    let said = Said::new(&asked, &reply, b"");
    let whole = whole(&said);
    assert_eq!(
        (&whole["object"], &whole["choices"][1]["text"], &whole["choices"][1]["finish_reason"]),
        (&json!("text_completion"), &json!("x"), &json!("stop"))
    );
    assert_eq!(whole["choices"][0]["logprobs"]["tokens"], json!(["ab", "c", "é"]));
    assert_eq!(whole["choices"][0]["logprobs"]["text_offset"], json!([0, 2, 3]));
    assert_eq!(whole["usage"]["completion_tokens"], 2);

    let stream = stream(&said);
    assert_eq!(stream.closing.last().unwrap(), b"data: [DONE]\n\n");
    assert_eq!((stream.content.len(), stream.closing.len()), (5, 3));
    let data = |event: &Vec<u8>| -> Value { serde_json::from_slice(event.strip_prefix(b"data: ").unwrap()).unwrap() };
    let chunks: Vec<Value> = stream.content.iter().map(data).collect();
    let text: String = chunks
        .iter()
        .map(|chunk| &chunk["choices"][0])
        .filter(|choice| choice["index"] == 0)
        .map(|choice| choice["text"].as_str().unwrap())
        .collect();
    assert_eq!(text, "abcé");
    assert!(chunks.iter().all(|chunk| chunk["object"] == "text_completion" && chunk["usage"].is_null()));
    assert_eq!(chunks[2]["choices"][0]["logprobs"]["text_offset"], json!([3]));
    let usage = data(&stream.closing[1]);
    assert_eq!((&usage["choices"], &usage["usage"]), (&json!([]), &whole["usage"]));
}
