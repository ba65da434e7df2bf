//! Ending a stream early, in a way that clients understand.

use serde_json::{Value, json};

use super::dialects;
use super::shape::{Form, Places};
use super::{AbortStyle, Answer};
use crate::dialect::Dialect;
use crate::json::NodeRef;
use crate::sse;

/// Who the stream says that it is: frames of our own should not say otherwise.
pub(super) struct Identity {
    id: String,
    model: String,
    created: u64,
    /// Under which the texts would be found if they were edited.
    id_hash: u64,
    model_hash: u64,
    /// Usable once all fields told before this mark are settled.
    mark: u32,
}

/// What frames of our own are made of.
pub(crate) struct Known<'a> {
    /// Empty while nothing is settled.
    pub(crate) id: &'a str,
    pub(crate) model: &'a str,
    pub(crate) created: u64,
    /// Choices that are not over for the client.
    pub(crate) choices: Vec<u64>,
    /// Tokens written so far.
    pub(crate) written: u64,
}

impl Identity {
    /// Of the first frame that has an id.
    pub(super) fn of(dialect: Dialect, root: NodeRef<'_>, places: &Places, mark: u32) -> Option<Self> {
        let (inside, created) = dialects::identity(dialect);
        let (object, place) = match inside {
            Some(key) => (root.get(key)?, places.member(Places::ROOT, key)),
            None => (root, Places::ROOT),
        };
        let text = |key| object.get(key).and_then(NodeRef::text).unwrap_or_default().to_owned();
        let hash = |key: &str, text: &str| places.text(places.member(place, key), text);
        let (id, model) = (text("id"), text("model"));
        if id.is_empty() {
            return None;
        }
        let created = object.get(created).and_then(NodeRef::as_u64).unwrap_or_default();
        let (id_hash, model_hash) = (hash("id", &id), hash("model", &model));
        Some(Self { id, model, created, id_hash, model_hash, mark })
    }
}

impl Answer {
    fn known(&self) -> Known<'_> {
        let over = |choice: &u64| self.sent.items.get(choice).copied().unwrap_or_default();
        let choices = self.items.keys().copied().filter(|choice| !over(choice)).collect();
        let written = self.usage.1.unwrap_or_default();
        match self.identity.as_ref().filter(|identity| self.fields.settled_up_to(identity.mark)) {
            None => Known { id: "", model: "unknown", created: 0, choices, written },
            Some(known) => Known {
                id: self.fields.edited(known.id_hash).unwrap_or(&known.id),
                model: self.fields.edited(known.model_hash).unwrap_or(&known.model),
                created: known.created,
                choices,
                written,
            },
        }
    }

    /// A chunk that says nothing but this, before `[DONE]`.
    pub(super) fn telling(&self, witgate: &Value) -> Vec<u8> {
        let known = self.known();
        match self.dialect {
            Dialect::OpenAiChat => crate::openai_chat::answer::chunk(&known, &json!([]), witgate),
            // In the other dialects the frame that ends the answer has told of it.
            _ => Vec::new(),
        }
    }

    /// Ends a stream: gives what was decided and not taken yet, then the ending. What still waits is dropped, and
    /// nothing is accepted any more.
    ///
    /// `detail` becomes the member `witgate`; its strings `message`, `type` and `code` go into the error object of
    /// [`AbortStyle::ErrorFrame`]. Gives nothing for a unary answer (answer with a status of your own), after the
    /// stream's own end has left, and the second time.
    pub fn abort(&mut self, style: AbortStyle, detail: &Value) -> Vec<u8> {
        if self.aborted || self.form == Form::Whole {
            self.close();
            return Vec::new();
        }
        let mut out = self.take_output();
        if !self.sent.over {
            out.extend(dialects::ending(self.dialect, style, detail, &self.known(), &self.sent));
        }
        self.close();
        out
    }

    fn close(&mut self) {
        self.aborted = true;
        self.is_over = true;
        self.events.clear();
        self.held.clear();
        self.held_bytes = 0;
        self.body = Vec::new();
    }
}

/// The error of an ending, in OpenAI's shape.
pub(crate) fn error_of(detail: &Value) -> Value {
    let text = |key, default| detail.get(key).and_then(Value::as_str).unwrap_or(default);
    json!({
        "message": text("message", "The answer was ended by the gateway."),
        "type": text("type", "policy_violation"),
        "param": null,
        "code": text("code", "policy_violation"),
    })
}

/// The frame for which clients of OpenAI's dialects raise: an error that is of no type.
pub(crate) fn error_frame(detail: &Value) -> Vec<u8> {
    sse::frame(None, &json!({ "error": error_of(detail), "witgate": detail }).to_string())
}
