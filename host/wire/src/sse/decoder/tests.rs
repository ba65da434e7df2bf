#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;

use super::super::{comment, frame};
use super::*;

fn decode(pieces: &[&[u8]]) -> Result<(Vec<Frame>, u64), SseError> {
    let mut decoder = Decoder::new(1 << 16);
    let mut frames = Vec::new();
    for mut piece in pieces.iter().copied() {
        while let Some(frame) = decoder.take(&mut piece)? {
            frames.push(frame);
        }
        assert!(piece.is_empty());
    }
    frames.extend(decoder.end()?);
    Ok((frames, decoder.dropped_lines()))
}

fn datas(bytes: &[u8]) -> Vec<Option<String>> {
    let (frames, _) = decode(&[bytes]).unwrap();
    frames.iter().map(|frame| frame.data().map(|data| data.into_owned())).collect()
}

#[test]
fn the_standard_s_examples_are_framed_as_it_says() {
    assert_eq!(datas(b"data: YHOO\ndata: +2\ndata: 10\n\n"), [Some("YHOO\n+2\n10".into())]);
    assert_eq!(datas(b"data\n\ndata\ndata\n\n"), [Some(String::new()), Some("\n".into())]);
    assert_eq!(datas(b"data:test\n\ndata:  test\n\n"), [Some("test".into()), Some(" test".into())]);
    assert_eq!(datas(b"id: 1\r\revent: x\r\rdata: a\r\r"), [None, None, Some("a".into())]);
    assert_eq!(datas(b"\xef\xbb\xbfdata: a\r\n\r\n"), [Some("a".into())]);
}

#[test]
fn comments_and_unknown_fields_never_pass_and_are_counted() {
    let (frames, dropped) = decode(&[b": hi\n\ndata: a\n: in between\nsecret: x\nretry: soon\nretry: 10\n\n"]).unwrap();
    assert_eq!(dropped, 4);
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].raw(), "data: a\nretry: 10\n\n");
}

#[test]
fn fields_are_found_and_a_repeated_one_is_refused() {
    let (frames, _) = decode(&[b"event: e\nid: 7\ndata: {\ndata: }\n\n"]).unwrap();
    assert_eq!((frames[0].event(), frames[0].id()), (Some("e"), Some("7")));
    assert_eq!(frames[0].data().unwrap(), "{\n}");
    assert_eq!(decode(&[b"event: a\nevent: b\n\n"]).unwrap_err().code(), "sse_repeated_field");
}

#[test]
fn broken_streams_are_refused_by_name() {
    assert_eq!(decode(&[b"data: \xff\n\n"]).unwrap_err().code(), "sse_invalid_utf8");
    assert_eq!(decode(&[b"data: a\n"]).unwrap_err().code(), "sse_truncated");
    assert_eq!(decode(&[b"data: a"]).unwrap_err().code(), "sse_truncated");
    assert_eq!(decode(&[b"\xef\xbb"]).unwrap_err().code(), "sse_truncated");
    let long = vec![b'x'; 1 << 17];
    assert_eq!(decode(&[b"data: ", &long]).unwrap_err().code(), "sse_frame_too_large");
    assert_eq!(decode(&[b": ", &long]).unwrap_err().code(), "sse_frame_too_large");
    let many = b"data: x\n".repeat(1 << 14);
    assert_eq!(decode(&[&many]).unwrap_err().code(), "sse_frame_too_large");
}

#[test]
fn utf8_split_over_reads_is_put_together() {
    let text = "data: é😀\n\n".as_bytes();
    let pieces: Vec<&[u8]> = text.chunks(1).collect();
    assert_eq!(decode(&pieces).unwrap().0[0].data().unwrap(), "é😀");
}

#[test]
fn written_frames_are_read_back_and_cannot_be_broken_out_of() {
    let bytes = [comment("a\ndata: x"), frame(Some("e\nv"), "one\r\ntwo\rthree"), comment("")].concat();
    let (frames, dropped) = decode(&[&bytes]).unwrap();
    assert_eq!(dropped, 2);
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].event(), Some("e v"));
    assert_eq!(frames[0].data().unwrap(), "one\ntwo\nthree");
}

/// The standard's algorithm as plainly as it can be written: all lines at once, no raw bytes.
fn reference(bytes: &str) -> Vec<Option<String>> {
    let text = bytes.strip_prefix('\u{feff}').unwrap_or(bytes).replace("\r\n", "\n").replace('\r', "\n");
    let mut out = Vec::new();
    let (mut data, mut seen, mut skipped): (Option<String>, bool, bool) = (None, false, false);
    for line in text.split_inclusive('\n') {
        let line = line.trim_end_matches('\n');
        if line.is_empty() {
            if seen || !skipped {
                out.push(data.take());
            }
            (data, seen, skipped) = (None, false, false);
            continue;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => {
                data = Some(data.map_or_else(|| value.to_owned(), |before| format!("{before}\n{value}")));
                seen = true;
            }
            "event" | "id" => seen = true,
            _ => skipped = true,
        }
    }
    out
}

fn stream_text(dropped: bool) -> impl Strategy<Value = String> {
    let (comment, other) = if dropped { (": c", "other: x") } else { ("retry: 1", "data: y") };
    let line = prop_oneof![
        "data: ?[a-é😀:]{0,5}",
        "data",
        Just(comment.to_owned()),
        Just(other.to_owned()),
        Just(String::new()),
    ];
    let end = prop_oneof![Just("\n"), Just("\r"), Just("\r\n")];
    (any::<bool>(), prop::collection::vec((line, end), 0..20)).prop_map(move |(mark, lines)| {
        let mut out = String::from(if mark && dropped { "\u{feff}" } else { "" });
        for (line, end) in lines {
            out.push_str(&line);
            out.push_str(end);
        }
        out.push_str("\n\n");
        out
    })
}

proptest! {
    #[test]
    fn frames_are_those_of_a_naive_reader(text in stream_text(true)) {
        prop_assert_eq!(datas(text.as_bytes()), reference(&text));
    }

    #[test]
    fn where_reads_end_makes_no_difference(text in stream_text(true), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
        let bytes = text.as_bytes();
        let whole = decode(&[bytes]).unwrap();
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(&decode(&single).unwrap(), &whole);
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        at.extend([0, bytes.len()]);
        at.sort_unstable();
        let pieces: Vec<&[u8]> = at.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        prop_assert_eq!(&decode(&pieces).unwrap(), &whole);
    }

    #[test]
    fn frames_put_together_are_the_stream(text in stream_text(false)) {
        let (frames, _) = decode(&[text.as_bytes()]).unwrap();
        let together: String = frames.iter().map(Frame::raw).collect();
        prop_assert_eq!(together, text);
    }
}
