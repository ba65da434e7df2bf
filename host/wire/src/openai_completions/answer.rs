//! The shape of a legacy completion and its chunks.

use serde_json::{Value, json};

use crate::answer::shape::{Done, End, Form, Mark, Places, Slot, Visitor, Walk};
use crate::answer::{AbortStyle, AnswerError, ChannelKind, Known};
use crate::json::{Kind, NodeRef};
use crate::openai_choices::{self, Names};

/// The walk's dialect.
struct Completions;

/// Visits every string and unknown key of `root` once.
pub(crate) fn visit(root: NodeRef<'_>, form: Form, places: &Places, visitor: &mut impl Visitor) -> Done {
    let mut walk = Walk::new(Completions, form, places, visitor, is_known);
    walk.members(root, Places::ROOT, |walk, key, member| match key {
        "choices" => walk.choices(member).map(|()| true),
        "object" => Ok(member.text() == Some("text_completion")),
        "usage" => {
            walk.counted(member, "prompt_tokens", "completion_tokens");
            Ok(false)
        }
        "error" if !member.is_null() => {
            walk.visitor.failure();
            walk.echo(|walk| walk.member(member, Places::ROOT)).map(|()| true)
        }
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
            let item = openai_choices::index_of(choice)?;
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

const NAMES: Names = Names { object: "text_completion", id: "cmpl-witgate" };

/// See [`Names::ending`].
pub(crate) fn ending(style: AbortStyle, detail: &Value, known: &Known<'_>) -> Vec<u8> {
    NAMES.ending(("text", json!("")), style, detail, known)
}

/// Keys that the API defines for answers: they say nothing that would need reading.
fn is_known(key: &str) -> bool {
    key == "text" || openai_choices::is_known(key)
}
