//! Answers that are the gate's own, in the dialect's error shape.

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};
use serde_json::{Map, Value, json};

use witgate_wire::Dialect;

use crate::body::{Body, full};
use crate::config::Disclose;

/// Tells SDKs whether trying again makes sense.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");
/// The exchange's id, on every answer.
pub(crate) const EXCHANGE: HeaderName = HeaderName::from_static("x-witgate-exchange");

/// Why the gate answers instead of the upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// OpenAI's `error.type`.
    pub(crate) kind: &'static str,
    /// Stable code.
    pub(crate) code: String,
    /// What is wrong and what to do.
    pub(crate) message: String,
    /// RFC 6901 pointer into the request, where one value is at fault.
    pub(crate) pointer: Option<String>,
    /// The stage and the plugin, where a policy refused.
    pub(crate) policy: Option<(&'static str, String)>,
    /// Seconds after which to try again; `None`: do not.
    pub(crate) retry_after: Option<u32>,
}

impl Refusal {
    /// The kind of a policy's refusal.
    pub(crate) const VIOLATION: &str = "policy_violation";
    /// What would have needed a person's approval.
    pub(crate) const UNAPPROVED: &str = "approval_unavailable";

    /// A request that cannot be taken as it is.
    pub(crate) fn invalid(status: StatusCode, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            kind: "invalid_request_error",
            code: code.into(),
            message: message.into(),
            pointer: None,
            policy: None,
            retry_after: None,
        }
    }

    /// A policy's refusal, or a fault of one that may not be passed over.
    pub(crate) fn policy(stage: &'static str, reason: &witgate_policy::Reason, fault: bool) -> Self {
        let (status, kind) = match fault {
            false => (StatusCode::FORBIDDEN, Self::VIOLATION),
            true => (StatusCode::SERVICE_UNAVAILABLE, "policy_fault"),
        };
        let mut refusal = Self::invalid(status, reason.code.clone(), reason.message.clone());
        refusal.kind = kind;
        refusal.policy = Some((stage, reason.plugin.clone()));
        refusal
    }

    /// The upstream, or the gate itself, cannot serve.
    pub(crate) fn unavailable(status: StatusCode, kind: &'static str, code: &str, message: impl Into<String>) -> Self {
        let mut refusal = Self::invalid(status, code, message);
        refusal.kind = kind;
        refusal
    }

    /// Says after how many seconds to try again.
    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The `witgate` object: the exchange always, the rest as far as the operator discloses it.
    pub(crate) fn detail(&self, exchange: &str, disclose: Disclose) -> Value {
        let mut detail = Map::new();
        detail.insert("exchange".into(), json!(exchange));
        if let Some((stage, plugin)) = &self.policy {
            if disclose != Disclose::Nothing {
                detail.insert("stage".into(), json!(stage));
            }
            if disclose == Disclose::Code {
                detail.insert("plugin".into(), json!(plugin));
                detail.insert("code".into(), json!(self.code));
            }
        } else {
            detail.insert("code".into(), json!(self.code));
        }
        Value::Object(detail)
    }

    /// The message and code that the caller is told.
    pub(crate) fn told(&self, disclose: Disclose) -> (String, String) {
        match self.policy.is_some() && disclose != Disclose::Code {
            true => ("This exchange was refused by policy.".to_owned(), "refused".to_owned()),
            false => (self.message.clone(), self.code.clone()),
        }
    }

    /// The body: the dialect's error object, and `witgate` beside it.
    pub(crate) fn body(&self, dialect: Dialect, exchange: &str, disclose: Disclose) -> Bytes {
        let (message, code) = self.told(disclose);
        let witgate = self.detail(exchange, disclose);
        let body = match dialect {
            Dialect::AnthropicMessages | Dialect::AnthropicCountTokens => json!({
                "type": "error",
                "error": { "type": self.anthropic_kind(), "message": message, "param": self.pointer, "code": code },
                "witgate": witgate,
            }),
            _ => json!({
                "error": { "message": message, "type": self.kind, "param": self.pointer, "code": code },
                "witgate": witgate,
            }),
        };
        Bytes::from(body.to_string())
    }

    /// The error's `type` in a dialect.
    pub(crate) fn kind_in(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::AnthropicMessages | Dialect::AnthropicCountTokens => self.anthropic_kind(),
            _ => self.kind,
        }
    }

    /// Anthropic's `error.type`: a closed list, which goes by the status.
    fn anthropic_kind(&self) -> &'static str {
        match self.status.as_u16() {
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            413 => "request_too_large",
            429 => "rate_limit_error",
            504 => "timeout_error",
            400..=499 => "invalid_request_error",
            _ => "api_error",
        }
    }

    /// The answer.
    pub(crate) fn response(&self, dialect: Dialect, exchange: &str, disclose: Disclose) -> Response<Body> {
        self.saying(self.body(dialect, exchange, disclose), exchange)
    }

    /// The answer with its body, which was made before.
    pub(crate) fn saying(&self, body: Bytes, exchange: &str) -> Response<Body> {
        let mut response = Response::new(full(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let retry = HeaderValue::from_static(if self.retry_after.is_some() { "true" } else { "false" });
        headers.insert(SHOULD_RETRY, retry);
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Ok(exchange) = HeaderValue::try_from(exchange) {
            headers.insert(EXCHANGE, exchange);
        }
        response
    }
}

#[cfg(test)]
mod tests;
