//! The same stream, read by `eventsource-stream`.
//!
//! Known differences, brought to one form here:
//! - It panics on a stream with a byte order mark (it cuts one byte of three): it gets the stream without.
//! - It keeps the last `id` for all events that follow, as browsers do; our frames say what they hold.
//! - It gives no event for a frame without data; ours is a frame, since its other fields pass through.
//! - It takes a name that is empty for `message`.
//! - It waits for ever for the byte after a last CR: it gets a comment at the end.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use eventsource_stream::EventStream;
use futures_core::Stream;
use witgate_wire::sse::{Frame, SseError};

/// Name, data, last id.
type Event = (String, String, String);

/// Compares `frames`, read from `stream` up to `error`, with what the other reads.
pub(super) fn compare(stream: &[u8], frames: &[Frame], error: Option<SseError>) {
    let Ok(text) = std::str::from_utf8(stream) else { return };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut id = String::new();
    let ours: Vec<Event> = frames.iter().filter_map(|frame| event(frame, &mut id)).collect();
    let theirs = read(&format!(":\n{text}:\n"));
    if matches!(error, None | Some(SseError::Truncated)) {
        assert_eq!(ours, theirs);
    } else {
        assert!(theirs.starts_with(&ours), "{ours:?} up to the refusal, {theirs:?}");
    }
}

fn event(frame: &Frame, last: &mut String) -> Option<Event> {
    if let Some(id) = frame.id().filter(|id| !id.contains('\0')) {
        id.clone_into(last);
    }
    let name = frame.event().filter(|name| !name.is_empty()).unwrap_or("message");
    Some((name.to_owned(), frame.data()?.into_owned(), last.clone()))
}

fn read(text: &str) -> Vec<Event> {
    let mut stream = std::pin::pin!(EventStream::new(Once(Some(text))));
    let mut events = Vec::new();
    let mut context = Context::from_waker(Waker::noop());
    loop {
        match stream.as_mut().poll_next(&mut context) {
            Poll::Ready(Some(Ok(event))) => events.push((event.event, event.data, event.id)),
            Poll::Ready(None) => return events,
            other => panic!("the other reader says {other:?}"),
        }
    }
}

/// A stream of one piece.
struct Once<'t>(Option<&'t str>);

impl<'t> Stream for Once<'t> {
    type Item = Result<&'t str, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}
