//! Bodies of the gate's answers.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use thiserror::Error;
use tokio::sync::mpsc;

/// What the gate sends: whole, or as it comes.
#[derive(Debug)]
pub(crate) enum Body {
    /// Everything at once; empty when taken.
    Whole(Option<Bytes>),
    /// Pieces from the task that makes them.
    Stream(mpsc::Receiver<Piece>),
}

/// A piece of a body.
#[derive(Debug)]
pub(crate) enum Piece {
    /// More follows.
    More(Bytes),
    /// The body ends with it.
    Last(Bytes),
}

/// The task that made the pieces is gone, and none was the last: the connection breaks, so that nobody takes what came for the
/// whole.
#[derive(Debug, Error)]
#[error("the answer broke off")]
pub(crate) struct BrokeOff;

/// A whole body.
pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Body::Whole(Some(bytes.into()))
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = BrokeOff;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|b| Ok(Frame::data(b)))),
            Self::Stream(pieces) => {
                let (bytes, over) = match ready!(pieces.poll_recv(cx)) {
                    Some(Piece::More(bytes)) => (bytes, false),
                    Some(Piece::Last(bytes)) => (bytes, true),
                    None => return Poll::Ready(Some(Err(BrokeOff))),
                };
                if over {
                    *self = Self::Whole(None);
                }
                Poll::Ready(match bytes.is_empty() && over {
                    true => None,
                    false => Some(Ok(Frame::data(bytes))),
                })
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64)),
            Self::Stream(_) => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests;
