//! What comes from the upstream: its body, decoded piece by piece.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::StatusCode;
use hyper::body::{Buf as _, Incoming};
use hyper::header::HeaderMap;
use thiserror::Error;

use crate::coding::{Bounds, Coding, CodingError, Decoder};
use crate::refusal::Refusal;

/// An upstream's body, as it was before it was compressed. Dropping it ends the exchange with the upstream.
#[derive(Debug)]
pub(super) struct UpstreamBody {
    body: Incoming,
    decoder: Option<Decoder>,
    /// What came and is not decoded yet: at most one frame of HTTP.
    pending: Bytes,
    /// Whether the decoder may have more to give without reading more.
    more: bool,
}

/// Why an upstream's body ended early.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum BodyError {
    /// Nothing came in time.
    #[error("the upstream sent nothing for {0} ms (`timeouts.idle_ms`)")]
    Idle(u128),
    /// The connection, or the HTTP/2 stream, broke.
    #[error("the upstream ended its answer before it was complete")]
    Broken,
    /// It is larger than may be kept.
    #[error("the answer exceeds the bound of {0} bytes")]
    TooLarge(usize),
    /// It cannot be decoded.
    #[error("the upstream's answer is compressed and cannot be read: {0}")]
    Coding(#[from] CodingError),
}

impl BodyError {
    /// Stable code.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Idle(_) => "upstream_idle",
            Self::Broken | Self::Coding(CodingError::Truncated) => "upstream_truncated",
            Self::TooLarge(_) | Self::Coding(CodingError::TooLarge(_)) => "answer_too_large",
            Self::Coding(CodingError::Expansion(_)) => "expansion_limit",
            Self::Coding(CodingError::Unknown(_) | CodingError::Several | CodingError::Broken) => "upstream_encoding",
        }
    }

    /// What the caller is told.
    pub(super) fn refusal(&self) -> Refusal {
        let status = if matches!(self, Self::Idle(_)) { StatusCode::GATEWAY_TIMEOUT } else { StatusCode::BAD_GATEWAY };
        Refusal::unavailable(status, "upstream_error", self.code(), format!("{self}."))
    }
}

impl UpstreamBody {
    /// Wraps a body; its headers tell how it is compressed.
    ///
    /// # Errors
    /// In a way that is not decoded here.
    pub(super) fn new(headers: &HeaderMap, body: Incoming, bounds: Bounds) -> Result<Self, BodyError> {
        let decoder = Coding::of(headers)?.map(|coding| Decoder::new(coding, bounds)).transpose()?;
        Ok(Self { body, decoder, pending: Bytes::new(), more: false })
    }

    /// The next piece; `None` at the end. Trailers are text that nobody inspects, and are passed over. Nothing is lost when
    /// the future is dropped.
    pub(super) async fn next(&mut self) -> Option<Result<Bytes, BodyError>> {
        loop {
            if self.more {
                // A compressed frame may be a lot of text: others run between its pieces.
                tokio::task::yield_now().await;
            }
            if let Some(piece) = self.decoded().transpose() {
                return Some(piece);
            }
            match self.body.frame().await {
                Some(Ok(frame)) => match (frame.into_data(), &self.decoder) {
                    (Ok(data), None) if !data.is_empty() => return Some(Ok(data)),
                    (Ok(data), Some(_)) => (self.pending, self.more) = (data, true),
                    _ => {}
                },
                Some(Err(why)) => {
                    tracing::debug!(%why, "the upstream's answer broke off");
                    return Some(Err(BodyError::Broken));
                }
                None => {
                    // No body at all is one that nobody compressed.
                    let decoder = self.decoder.take().filter(Decoder::has_begun);
                    let ended = decoder.map_or(Ok(()), |decoder| decoder.end());
                    return ended.err().map(|error| Err(error.into()));
                }
            }
        }
    }

    fn decoded(&mut self) -> Result<Option<Bytes>, BodyError> {
        let Some(decoder) = self.decoder.as_mut().filter(|_| self.more) else { return Ok(None) };
        let mut input = &self.pending[..];
        let piece = decoder.piece(&mut input)?;
        let left = input.len();
        self.pending.advance(self.pending.len().saturating_sub(left));
        self.more = !piece.is_empty();
        Ok(self.more.then(|| Bytes::from(piece)))
    }

    /// The whole of it, up to `most` bytes; each piece within `idle`.
    pub(super) async fn collect(self, most: usize, idle: Duration) -> Result<Bytes, BodyError> {
        let mut out = Vec::new();
        self.each(most, idle, |piece| out.extend_from_slice(piece)).await?;
        Ok(Bytes::from(out))
    }

    /// Gives each piece to `take`, up to `most` bytes; each within `idle`.
    pub(super) async fn each(
        mut self,
        most: usize,
        idle: Duration,
        mut take: impl FnMut(&[u8]),
    ) -> Result<(), BodyError> {
        let mut taken: usize = 0;
        loop {
            match tokio::time::timeout(idle, self.next()).await {
                Err(_) => return Err(BodyError::Idle(idle.as_millis())),
                Ok(None) => return Ok(()),
                Ok(Some(piece)) => {
                    let piece = piece?;
                    if piece.len() > most.saturating_sub(taken) {
                        return Err(BodyError::TooLarge(most));
                    }
                    taken = taken.saturating_add(piece.len());
                    take(&piece);
                }
            }
        }
    }
}
