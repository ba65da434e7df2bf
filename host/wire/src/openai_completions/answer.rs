//! The shape of a legacy completion and its chunks.

use serde_json::{Value, json};

use crate::answer::shape::{Done, End, Form, Mark, Places, Slot, Visitor, Walk};
use crate::answer::{AbortStyle, AnswerError, ChannelKind, Known, Sent, error_of};
use crate::json::{Kind, NodeRef};
use crate::sse;

/// The walk's dialect.
struct Completions;

/// Visits every string and unknown key of `root` once.
pub(crate) fn visit(root: NodeRef<'_>, form: Form, places: &Places, visitor: &mut impl Visitor) -> Done {
    if root.kind() != Kind::Object {
        return Err(AnswerError::Protocol("it is not a JSON object"));
    }
    let mut walk = Walk::new(Completions, form, places, visitor, is_known);
    walk.members(root, Places::ROOT, |walk, key, member| match key {
        "choices" => walk.choices(member).map(|()| true),
        "object" => Ok(member.text() == Some("text_completion")),
        "usage" => {
            let count = |key| member.get(key).and_then(NodeRef::as_u64);
            walk.visitor.usage(count("prompt_tokens"), count("completion_tokens"));
            Ok(false)
        }
        "error" if !member.is_null() => {
            walk.visitor.failure();
            walk.echo(|walk| walk.member(member, Places::ROOT)).map(|()| true)
        }
        "witgate" => Err(AnswerError::Unsupported("witgate")),
        _ => Ok(false),
    })
}

impl<V: Visitor> Walk<'_, V, Completions> {
    fn choices(&mut self, choices: NodeRef<'_>) -> Done {
        if choices.kind() != Kind::Array {
            return Err(AnswerError::Protocol("`choices` is not an array"));
        }
        let place = self.places.member(Places::ROOT, "choices");
        for choice in choices.children() {
            let item = match choice.get("index").filter(|index| !index.is_null()) {
                Some(index) => index.as_u64().ok_or(AnswerError::Protocol("a choice's index is not a number"))?,
                None => choice.position() as u64,
            };
            self.visitor.item(item, false)?;
            self.visitor.mark(Mark::Start);
            self.members(choice, place, |walk, key, member| match key {
                "text" if member.text().is_some() => {
                    walk.visitor.text(Slot::new(item, 0, ChannelKind::Content), member).map(|()| true)
                }
                "logprobs" if !member.is_null() => Err(AnswerError::Unsupported("logprobs")),
                "finish_reason" => {
                    if let Some(reason) = member.text() {
                        walk.visitor.end(End::Item(item))?;
                        walk.visitor.finish(reason);
                    }
                    Ok(matches!(member.text(), None | Some("stop" | "length" | "content_filter")))
                }
                _ => Ok(false),
            })?;
        }
        Ok(())
    }
}

/// Every choice that is not over ends as filtered; or an error object and no `[DONE]`.
pub(crate) fn ending(style: AbortStyle, detail: &Value, known: &Known<'_>, _sent: &Sent) -> Vec<u8> {
    match style {
        AbortStyle::ContentFilter => {
            let choices = if known.choices.is_empty() { &[0][..] } else { &known.choices };
            let choices: Vec<Value> = choices
                .iter()
                .map(|index| json!({ "index": index, "text": "", "logprobs": null, "finish_reason": "content_filter" }))
                .collect();
            let id = if known.id.is_empty() { "cmpl-witgate" } else { known.id };
            let chunk = json!({
                "id": id, "object": "text_completion", "created": known.created, "model": known.model,
                "choices": choices, "witgate": detail,
            });
            let mut out = sse::frame(None, &chunk.to_string());
            out.extend(sse::frame(None, "[DONE]"));
            out
        }
        AbortStyle::ErrorFrame => {
            sse::frame(None, &json!({ "error": error_of(detail), "witgate": detail }).to_string())
        }
    }
}

/// Keys that the API defines for answers: they say nothing that would need reading.
fn is_known(key: &str) -> bool {
    matches!(
        key,
        "id" | "object"
            | "created"
            | "model"
            | "system_fingerprint"
            | "service_tier"
            | "choices"
            | "index"
            | "text"
            | "logprobs"
            | "finish_reason"
            | "usage"
            | "prompt_tokens"
            | "completion_tokens"
            | "total_tokens"
            | "prompt_tokens_details"
            | "completion_tokens_details"
            | "cached_tokens"
            | "audio_tokens"
            | "reasoning_tokens"
            | "accepted_prediction_tokens"
            | "rejected_prediction_tokens"
            | "error"
            | "message"
            | "code"
            | "param"
            | "type"
    )
}
