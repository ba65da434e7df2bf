//! A connection whose writes can be made small, so that the other side reads a frame, a character or an escape in parts, and
//! which can end with a reset.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How a connection writes and ends; shared by it and the answer that is under way on it.
#[derive(Debug, Clone)]
pub(super) struct Line(Arc<State>);

#[derive(Debug)]
struct State {
    /// Bytes in one write.
    size: AtomicUsize,
    /// Whether the connection ends with a reset.
    resets: AtomicBool,
}

impl Line {
    pub(super) fn unlimited() -> Self {
        Self(Arc::new(State { size: AtomicUsize::new(usize::MAX), resets: AtomicBool::new(false) }))
    }

    /// Bytes in one write from now on.
    pub(super) fn set(&self, bytes: Option<usize>) {
        self.0.size.store(bytes.unwrap_or(usize::MAX).max(1), Ordering::Relaxed);
    }

    /// The connection will end with a reset, and not in order.
    pub(super) fn reset(&self) {
        self.0.resets.store(true, Ordering::Relaxed);
    }

    fn resets(&self) -> bool {
        self.0.resets.load(Ordering::Relaxed)
    }
}

pub(super) struct Socket {
    stream: TcpStream,
    line: Line,
    /// Whether the last write was a small one, so that others run before the next and may read it alone.
    yields: bool,
}

impl Socket {
    /// Writes leave at once (`TCP_NODELAY`), or the small ones would be joined again here.
    pub(super) fn new(stream: TcpStream, line: Line) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, line, yields: false })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.line.resets() {
            // A socket that cannot be told so is closed the usual way.
            drop(self.stream.set_zero_linger());
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if std::mem::take(&mut self.yields) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let size = self.line.0.size.load(Ordering::Relaxed).min(bytes.len());
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes.get(..size).unwrap_or(bytes));
        self.yields = written.is_ready() && size < bytes.len();
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A reset comes when the socket is dropped; an end in order must not come before it.
        if self.line.resets() { Poll::Ready(Ok(())) } else { Pin::new(&mut self.stream).poll_shutdown(cx) }
    }
}

#[cfg(test)]
mod tests;
