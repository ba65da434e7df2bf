use super::*;

#[test]
fn texts_have_their_length_and_differ() {
    let (one, two) = (text(1, 1024), text(2, 1024));
    assert_eq!((one.len(), two.len()), (1024, 1024));
    assert_ne!(one, two);
    assert_eq!(one, text(1, 1024));
    assert!(one.is_ascii());
}

#[test]
fn the_script_answers_a_stream_in_so_many_chunks() {
    let script: serde_json::Value = serde_json::from_str(&script()).unwrap_or_default();
    let text = script.pointer("/0/reply/text").and_then(|v| v.as_str()).unwrap_or_default();
    assert_eq!(text.len(), CHUNKS * CHUNK_BYTES);
}
