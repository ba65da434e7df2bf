//! What is sent for one request, and how: decided whole before the first byte.

use std::collections::BTreeMap;
use std::time::Duration;

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

use super::completion::Completion;
use super::request::ChatRequest;
use super::script::{ApiError, Reply};

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
    /// The connection is closed after so many bytes of the body.
    pub(crate) cut_after: Option<usize>,
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
        let frames = vec![body.into()];
        Self {
            status,
            headers,
            frames,
            delay: Duration::ZERO,
            hang: Duration::ZERO,
            cut_after: None,
            write_bytes: None,
        }
    }

    /// An error in OpenAI's shape.
    pub(crate) fn error(status: StatusCode, error: &ApiError) -> Self {
        let usual = if status == StatusCode::TOO_MANY_REQUESTS {
            "rate_limit_error"
        } else if status.is_server_error() {
            "server_error"
        } else {
            "invalid_request_error"
        };
        let kind = error.r#type.as_deref().unwrap_or(usual);
        let body = json!({"error": {"message": error.message, "type": kind, "param": error.param, "code": error.code}});
        Self::whole(status, "application/json", body.to_string())
    }

    /// What a reply of the script says for this request.
    pub(crate) fn of(request: &ChatRequest, reply: &Reply, body: &[u8]) -> Self {
        let status = reply.status.and_then(|status| StatusCode::from_u16(status).ok());
        let mut plan = if let Some(error) = &reply.error {
            Self::error(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), error)
        } else {
            let status = status.unwrap_or(StatusCode::OK);
            if let Some(raw) = &reply.raw {
                Self::whole(status, raw.content_type.as_deref().unwrap_or("application/json"), raw.body.clone())
            } else if let Some(sse) = &reply.stream_raw {
                Self::whole(status, EVENT_STREAM, sse.clone())
            } else {
                let completion = Completion::new(request, reply, body);
                if request.stream {
                    let frames = completion.events().into_iter().map(Bytes::from).collect();
                    Self { frames, ..Self::whole(status, EVENT_STREAM, Bytes::new()) }
                } else {
                    Self::whole(status, "application/json", completion.whole())
                }
            }
        };
        plan.delay = Duration::from_millis(reply.delay_ms);
        plan.hang = Duration::from_millis(reply.hang_ms);
        plan.cut_after = reply.cut_after_bytes;
        plan.write_bytes = reply.write_bytes;
        plan.more_headers(&reply.headers);
        plan
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

const EVENT_STREAM: &str = "text/event-stream; charset=utf-8";
