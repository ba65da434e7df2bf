//! A connection whose writes can be made small, so that the other side reads a frame, a character or an escape in parts.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Bytes in one write; shared by a connection and the answer that is under way on it.
#[derive(Debug, Clone)]
pub(super) struct WriteSize(Arc<AtomicUsize>);

impl WriteSize {
    pub(super) fn unlimited() -> Self {
        Self(Arc::new(AtomicUsize::new(usize::MAX)))
    }

    pub(super) fn set(&self, bytes: Option<usize>) {
        self.0.store(bytes.unwrap_or(usize::MAX).max(1), Ordering::Relaxed);
    }
}

pub(super) struct Socket {
    stream: TcpStream,
    size: WriteSize,
    /// Whether the last write was a small one, so that others run before the next and may read it alone.
    yields: bool,
}

impl Socket {
    /// Writes leave at once (`TCP_NODELAY`), or the small ones would be joined again here.
    pub(super) fn new(stream: TcpStream, size: WriteSize) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, size, yields: false })
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
        let size = self.size.0.load(Ordering::Relaxed).min(bytes.len());
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes.get(..size).unwrap_or(bytes));
        self.yields = written.is_ready() && size < bytes.len();
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
