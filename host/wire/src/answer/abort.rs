//! Ending a stream early, in a way that clients understand.

use serde_json::{Value, json};

use super::visit::{Form, Places};
use super::{AbortStyle, Answer};
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

impl Identity {
    /// Of the first frame that has an id.
    pub(super) fn of(root: NodeRef<'_>, places: &Places, mark: u32) -> Option<Self> {
        let text = |key| root.get(key).and_then(NodeRef::text).unwrap_or_default().to_owned();
        let hash = |key: &str, text: &str| places.text(places.member(Places::ROOT, key), text);
        let (id, model) = (text("id"), text("model"));
        if id.is_empty() {
            return None;
        }
        let created = root.get("created").and_then(NodeRef::as_u64).unwrap_or_default();
        let (id_hash, model_hash) = (hash("id", &id), hash("model", &model));
        Some(Self { id, model, created, id_hash, model_hash, mark })
    }
}

impl Answer {
    /// The stream's id, model and time as the client may know them; placeholders while nothing is settled.
    pub(super) fn known_identity(&self) -> (&str, &str, u64) {
        match self.identity.as_ref().filter(|identity| self.fields.settled_up_to(identity.mark)) {
            None => ("chatcmpl-witgate", "unknown", 0),
            Some(known) => (
                self.fields.edited(known.id_hash).unwrap_or(&known.id),
                self.fields.edited(known.model_hash).unwrap_or(&known.model),
                known.created,
            ),
        }
    }

    /// Ends a stream: gives what was decided and not taken yet, then the ending. What still waits is dropped, and
    /// nothing is accepted any more.
    ///
    /// `detail` becomes the member `witgate`; its strings `message`, `type` and `code` go into the error object of
    /// [`AbortStyle::ErrorFrame`]. Gives nothing for a unary answer (answer with a status of your own), after `[DONE]`
    /// has left, and the second time.
    pub fn abort(&mut self, style: AbortStyle, detail: &Value) -> Vec<u8> {
        if self.aborted || self.form == Form::Whole {
            self.close();
            return Vec::new();
        }
        let mut out = self.take_output();
        if !self.done_sent {
            match style {
                AbortStyle::ContentFilter => {
                    let choices =
                        json!([{ "index": 0, "delta": {}, "logprobs": null, "finish_reason": "content_filter" }]);
                    out.extend(self.synthesized(choices, detail));
                    out.extend(sse::frame(None, "[DONE]"));
                }
                AbortStyle::ErrorFrame => {
                    let text = |key, default| detail.get(key).and_then(Value::as_str).unwrap_or(default);
                    let error = json!({
                        "error": {
                            "message": text("message", "The answer was ended by the gateway."),
                            "type": text("type", "policy_violation"),
                            "param": null,
                            "code": text("code", "policy_violation"),
                        },
                        "witgate": detail,
                    });
                    out.extend(sse::frame(None, &error.to_string()));
                }
            }
        }
        self.close();
        out
    }

    fn close(&mut self) {
        self.aborted = true;
        self.over = true;
        self.events.clear();
        self.held.clear();
        self.held_bytes = 0;
        self.body = Vec::new();
    }
}
