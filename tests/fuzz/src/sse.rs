//! Framing of event streams: our decoder, its definition written down the slow way, and a reader that is not ours.

mod neighbour;
mod reference;

use witgate_wire::sse::{self, Decoder, Frame, SseError};

use crate::control::Control;
pub(crate) use reference::Lines;

/// Where reads end makes no difference; nothing is lost, nothing is kept beyond the bound; others read the same.
///
/// # Panics
/// If a property breaks.
pub fn target(data: &[u8]) {
    let (mut control, stream) = Control::split(data);
    let bound = if control.flag() { 64 } else { 1 << 20 };
    let whole = decode(bound, &[stream]);
    assert_eq!(whole, decode(bound, &control.pieces(stream)), "reads made a difference");
    assert_eq!(whole, decode(bound, &stream.chunks(1).collect::<Vec<_>>()), "reads of one byte made a difference");

    let raw: String = whole.frames.iter().map(Frame::raw).collect();
    let lines = Lines::of(stream);
    assert!(lines.kept.starts_with(raw.as_bytes()), "{raw:?} of {:?}", String::from_utf8_lossy(&lines.kept));
    if matches!(whole.error, None | Some(SseError::Truncated)) {
        assert_eq!(raw.len(), lines.complete, "all that is complete comes out");
        assert_eq!(whole.dropped, lines.dropped);
    }
    for frame in &whole.frames {
        again(bound, frame);
    }
    neighbour::compare(stream, &whole.frames, whole.error);
}

#[derive(Debug, PartialEq)]
struct Decoded {
    frames: Vec<Frame>,
    dropped: u64,
    error: Option<SseError>,
}

fn decode(bound: usize, pieces: &[&[u8]]) -> Decoded {
    let mut decoder = Decoder::new(bound);
    let mut frames = Vec::new();
    let mut read = || {
        for piece in pieces {
            let mut rest = *piece;
            while let Some(frame) = decoder.take(&mut rest)? {
                assert!(frame.raw().len() <= bound);
                frames.push(frame);
            }
            assert!(rest.is_empty() && decoder.buffered() <= bound);
        }
        frames.extend(decoder.end()?);
        Ok(())
    };
    let error = read().err();
    Decoded { frames, dropped: decoder.dropped_lines(), error }
}

/// A frame is a stream of that one frame; and written anew it says the same.
fn again(bound: usize, frame: &Frame) {
    let alone = decode(bound, &[frame.raw().as_bytes()]);
    // A byte order mark is one at the start of a stream only.
    if !frame.raw().starts_with('\u{feff}') {
        assert_eq!((alone.frames.as_slice(), alone.error), (std::slice::from_ref(frame), None));
    }
    if let Some(data) = frame.data() {
        let written = decode(usize::MAX, &[&sse::frame(frame.event(), &data)]);
        let [read] = written.frames.as_slice() else { panic!("{written:?}") };
        assert_eq!((read.event(), read.data()), (frame.event(), Some(data)));
    }
}
