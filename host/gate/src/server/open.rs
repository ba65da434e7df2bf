//! The streams that are open on one HTTP/2 connection.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::sync::watch;

use crate::body::{Body, BrokeOff};

/// How many there are. Bounded by the connection's own bound.
#[derive(Debug, Default)]
pub(super) struct OpenStreams(watch::Sender<Count>);

#[derive(Debug, Default, Clone, Copy)]
struct Count {
    open: usize,
    /// All that ever were.
    begun: u64,
}

impl OpenStreams {
    /// Waits until there was none for so long.
    pub(super) async fn idle(&self, patience: Duration) {
        let mut count = self.0.subscribe();
        loop {
            // The sender is this very object, so neither wait can fail.
            let _ = count.wait_for(|count| count.open == 0).await;
            if tokio::time::timeout(patience, count.wait_for(|count| count.open > 0)).await.is_err() {
                return;
            }
        }
    }

    /// Waits for one more.
    pub(super) async fn another(&self) {
        let mut count = self.0.subscribe();
        let begun = count.borrow().begun;
        let _ = count.wait_for(|count| count.begun != begun).await;
    }
}

/// One stream, from its request's head to the last byte of its answer.
#[derive(Debug)]
pub(super) struct Open(Arc<OpenStreams>);

impl Open {
    pub(super) fn new(streams: &Arc<OpenStreams>) -> Self {
        streams.0.send_modify(|count| {
            count.open = count.open.saturating_add(1);
            count.begun = count.begun.wrapping_add(1);
        });
        Self(Arc::clone(streams))
    }

    /// Keeps the stream counted as open until its answer is sent.
    pub(super) fn until_sent(self, body: Body) -> Sending {
        Sending { body, _open: self }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| count.open = count.open.saturating_sub(1));
    }
}

/// An answer's body on its way.
#[derive(Debug)]
pub(super) struct Sending {
    body: Body,
    _open: Open,
}

impl hyper::body::Body for Sending {
    type Data = Bytes;
    type Error = BrokeOff;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
