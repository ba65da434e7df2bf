//! The end of a chat completion that is ended early.

use serde_json::{Value, json};

use crate::answer::{AbortStyle, Known};
use crate::openai_choices::Names;

const NAMES: Names = Names { object: "chat.completion.chunk", id: "chatcmpl-witgate" };

/// A chunk of our own, with the stream's identity.
pub(crate) fn chunk(known: &Known<'_>, choices: &Value, witgate: &Value) -> Vec<u8> {
    NAMES.chunk(known, choices, witgate)
}

/// See [`Names::ending`].
pub(crate) fn ending(style: AbortStyle, detail: &Value, known: &Known<'_>) -> Vec<u8> {
    NAMES.ending(("delta", json!({})), style, detail, known)
}
