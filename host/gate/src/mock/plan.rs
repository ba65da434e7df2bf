//! What is sent for one request, and how: decided whole before the first byte.

use std::collections::BTreeMap;
use std::time::Duration;

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use super::dialect::Dialect;
use super::reply::{ApiError, Cut, Reply};
use super::request::Asked;
use super::said::Said;

/// How long a stream stalls when the script does not say.
const STALL: Duration = Duration::from_secs(3600);
const EVENT_STREAM: &str = "text/event-stream; charset=utf-8";
const JSON: &str = "application/json";

/// An answer ready to be sent.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The body in the pieces it is handed over in.
    pub(crate) frames: Vec<Bytes>,
    /// Between two frames.
    pub(crate) delay: Duration,
    /// Before the head.
    pub(crate) hang: Duration,
    /// So many frames are sent before a pause of this length.
    pub(crate) stall: Option<(usize, Duration)>,
    /// The body ends after so many bytes, this way.
    pub(crate) cut: Option<(usize, Cut)>,
    /// Bytes in one write to the socket.
    pub(crate) write_bytes: Option<usize>,
}

impl Plan {
    /// The whole body at once, at once.
    pub(crate) fn whole(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(content_type) {
            headers.insert(CONTENT_TYPE, value);
        }
        Self {
            status,
            headers,
            frames: vec![body.into()],
            delay: Duration::ZERO,
            hang: Duration::ZERO,
            stall: None,
            cut: None,
            write_bytes: None,
        }
    }

    /// An error in the dialect's shape.
    pub(crate) fn error(dialect: Dialect, status: StatusCode, error: &ApiError) -> Self {
        Self::whole(status, JSON, dialect.error(status, error).to_string())
    }

    /// What a reply of the script says for this request.
    pub(crate) fn of(asked: &Asked, reply: &Reply, body: &[u8]) -> Self {
        let status = reply.status.and_then(|status| StatusCode::from_u16(status).ok());
        let mut plan = if let Some(error) = &reply.error {
            Self::error(asked.dialect, status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), error)
        } else if let Some(raw) = &reply.raw {
            let content_type = raw.content_type.as_deref().unwrap_or(JSON);
            Self::whole(status.unwrap_or(StatusCode::OK), content_type, raw.body.clone())
        } else if let Some(sse) = &reply.stream_raw {
            Self::whole(status.unwrap_or(StatusCode::OK), EVENT_STREAM, sse.clone())
        } else {
            Self::said(status, &Said::new(asked, reply, body))
        };
        plan.delay = Duration::from_millis(reply.delay_ms);
        plan.hang = Duration::from_millis(reply.hang_ms);
        plan.stall = reply.stall_after_events.map(|after| (after, reply.stall_ms.map_or(STALL, Duration::from_millis)));
        let of_events = reply.cut_after_events.map(|events| plan.frames.iter().take(events).map(Bytes::len).sum());
        let cut_after = [reply.cut_after_bytes, of_events].into_iter().flatten().min();
        plan.cut = cut_after.map(|after| (after, reply.cut));
        plan.write_bytes = reply.write_bytes;
        plan.more_headers(&reply.headers);
        plan
    }

    /// The answer of a model, streamed or whole.
    fn said(status: Option<StatusCode>, said: &Said<'_>) -> Self {
        let dialect = said.asked.dialect;
        let status_or = |usual| status.unwrap_or(usual);
        let broken = said.reply.stream_error.as_ref();
        if said.asked.stream && dialect.streams() {
            let events = match broken {
                Some(error) => dialect.broken(said, error),
                None => dialect.stream(said).all(),
            };
            let frames = events.into_iter().map(Bytes::from).collect();
            return Self { frames, ..Self::whole(status_or(StatusCode::OK), EVENT_STREAM, Bytes::new()) };
        }
        match broken {
            Some(error) if dialect != Dialect::OpenaiResponses => {
                Self::error(dialect, status_or(StatusCode::INTERNAL_SERVER_ERROR), &error.plain())
            }
            _ => Self::whole(status_or(StatusCode::OK), JSON, dialect.whole(said).to_string()),
        }
    }

    fn more_headers(&mut self, headers: &BTreeMap<String, String>) {
        for (name, value) in headers {
            // The script was checked when it was read.
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()))
            {
                self.headers.insert(name, value);
            }
        }
    }

    /// Bytes of the whole body.
    pub(crate) fn length(&self) -> usize {
        self.frames.iter().map(Bytes::len).sum()
    }

    /// Whether the body comes as a stream, without a length told before.
    pub(crate) fn streams(&self) -> bool {
        self.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
    }
}
