//! Why a request is refused.

use crate::document::DocumentError;
use crate::json::{JsonError, NodeRef};

/// A request that does not pass: status 400 in the dialect's own error shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// A stable code, for machines.
    pub code: &'static str,
    /// RFC 6901 pointer of what is refused, where it is known.
    pub pointer: Option<String>,
    /// What is wrong and what to do, for people. Never quotes more than names.
    pub message: String,
}

impl Refusal {
    pub(crate) fn at(node: NodeRef<'_>, code: &'static str, message: impl Into<String>) -> Self {
        Self { code, pointer: Some(node.pointer()), message: message.into() }
    }

    pub(crate) fn wrong_type(node: NodeRef<'_>, expected: &str) -> Self {
        Self::at(node, "wrong_type", format!("Expected {expected} here, found {}.", node.kind()))
    }

    pub(crate) fn missing(parent: NodeRef<'_>, key: &str) -> Self {
        let pointer = Some(format!("{}/{key}", parent.pointer()));
        Self { code: "missing_field", pointer, message: format!("The field `{key}` is required here.") }
    }
}

impl From<JsonError> for Refusal {
    fn from(error: JsonError) -> Self {
        let message = format!("The body cannot be read as JSON: {error}.");
        Self { code: error.code(), pointer: error.pointer, message }
    }
}

impl From<DocumentError> for Refusal {
    fn from(error: DocumentError) -> Self {
        Self { code: error.code(), pointer: None, message: format!("Refused: {error}.") }
    }
}
