//! The shape of a chunk or completion, in one place: which string is channel text, which belongs to a tool call, and
//! which is a field. Reading a frame and changing it later both go through here, so that they cannot disagree.

use std::hash::{BuildHasher, RandomState};

use super::{AnswerError, ChannelKind};
use crate::json::{Kind, NodeRef};

/// Unary or streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Whole,
    Stream,
}

impl Form {
    /// The member of a choice that holds the message.
    pub(super) fn message(self) -> &'static str {
        match self {
            Self::Whole => "message",
            Self::Stream => "delta",
        }
    }
}

/// A string or key that is neither channel text nor part of a call.
pub(super) struct Field<'t> {
    /// Names the place and the text. Keyed at random for each exchange, so that nobody can aim at a collision.
    pub(super) hash: u64,
    pub(super) text: &'t str,
    pub(super) node: NodeRef<'t>,
    pub(super) is_key: bool,
}

type Done = Result<(), AnswerError>;

/// What to do with each part.
pub(super) trait Visitor {
    fn field(&mut self, field: Field<'_>) -> Done;
    fn text(&mut self, _kind: ChannelKind, _name: Option<&str>, _node: NodeRef<'_>) -> Done {
        Ok(())
    }
    fn call(&mut self, _element: NodeRef<'_>) -> Done {
        Ok(())
    }
    fn finish(&mut self, _reason: &str) -> Done {
        Ok(())
    }
    fn usage(&mut self, _usage: NodeRef<'_>) {}
    fn failure(&mut self) {}
    fn choice(&mut self) {}
}

/// Hashes of places.
#[derive(Clone, Debug, Default)]
pub(super) struct Places(RandomState);

impl Places {
    pub(super) const ROOT: u64 = 0;

    pub(super) fn member(&self, parent: u64, key: &str) -> u64 {
        self.0.hash_one((parent, key))
    }

    fn element(&self, parent: u64, position: usize) -> u64 {
        self.0.hash_one((parent, position))
    }

    pub(super) fn text(&self, place: u64, text: &str) -> u64 {
        self.0.hash_one((place, text, "text"))
    }

    /// A field of the event stream's own framing.
    pub(super) fn line(&self, name: &str, text: &str) -> u64 {
        self.0.hash_one((name, text, "line"))
    }

    fn key(&self, place: u64) -> u64 {
        self.0.hash_one((place, "key"))
    }
}

/// Visits every string and unknown key of `root` once.
pub(super) fn visit(root: NodeRef<'_>, form: Form, places: &Places, visitor: &mut impl Visitor) -> Done {
    if root.kind() != Kind::Object {
        return Err(AnswerError::Protocol("it is not a JSON object"));
    }
    let mut walk = Walk { form, places, visitor };
    let top = Places::ROOT;
    for member in root.children() {
        match member.key().unwrap_or_default() {
            "choices" => walk.choices(member, top)?,
            "object" if matches!(member.text(), Some("chat.completion" | "chat.completion.chunk")) => {}
            "usage" => {
                walk.visitor.usage(member);
                walk.member(member, top)?;
            }
            "error" if !member.is_null() => {
                walk.visitor.failure();
                walk.member(member, top)?;
            }
            // Padding that OpenAI adds to each chunk; as a field it would be told anew with every one.
            "obfuscation" if member.text().is_some() => {
                walk.visitor.text(ChannelKind::Value, Some("obfuscation"), member)?;
            }
            "witgate" => return Err(AnswerError::Unsupported("witgate")),
            _ => walk.member(member, top)?,
        }
    }
    Ok(())
}

struct Walk<'a, V> {
    form: Form,
    places: &'a Places,
    visitor: &'a mut V,
}

impl<V: Visitor> Walk<'_, V> {
    fn choices(&mut self, choices: NodeRef<'_>, parent: u64) -> Done {
        if choices.kind() != Kind::Array {
            return Err(AnswerError::Protocol("`choices` is not an array"));
        }
        let place = self.places.member(parent, "choices");
        for choice in choices.children() {
            if choice.position() > 0 {
                return Err(AnswerError::Protocol("more than one choice"));
            }
            if choice.kind() != Kind::Object {
                return Err(AnswerError::Protocol("a choice is not an object"));
            }
            self.visitor.choice();
            let place = self.places.element(place, 0);
            for member in choice.children() {
                self.choice(member, place)?;
            }
        }
        Ok(())
    }

    fn choice(&mut self, member: NodeRef<'_>, place: u64) -> Done {
        let key = member.key().unwrap_or_default();
        match key {
            "index" if member.is_null() || member.as_u64() == Some(0) => Ok(()),
            "index" => Err(AnswerError::Protocol("a choice has another index than 0")),
            "delta" | "message" if member.is_null() => Ok(()),
            "delta" | "message" if key != self.form.message() => Err(AnswerError::Unsupported(match self.form {
                Form::Whole => "choices.delta",
                Form::Stream => "choices.message",
            })),
            "delta" | "message" => self.message(member, self.places.member(place, key)),
            "finish_reason" if member.is_null() => Ok(()),
            "finish_reason" => match member.text() {
                Some("function_call") => Err(AnswerError::Unsupported("function_call")),
                Some(reason) => {
                    self.visitor.finish(reason)?;
                    let closed = matches!(reason, "stop" | "length" | "tool_calls" | "content_filter");
                    if closed { Ok(()) } else { self.member(member, place) }
                }
                None => Err(AnswerError::Protocol("`finish_reason` is not a string")),
            },
            "logprobs" if member.is_null() => Ok(()),
            "logprobs" => Err(AnswerError::Unsupported("logprobs")),
            _ => self.member(member, place),
        }
    }

    fn message(&mut self, message: NodeRef<'_>, place: u64) -> Done {
        if message.kind() != Kind::Object {
            return Err(AnswerError::Protocol("a message is not an object"));
        }
        for member in message.children() {
            let key = member.key().unwrap_or_default();
            let text = member.text().is_some();
            match key {
                _ if member.is_null() && is_known(key) => {}
                "role" if member.text() == Some("assistant") => {}
                "content" if text => self.visitor.text(ChannelKind::Content, None, member)?,
                "content" => self.parts(member, self.places.member(place, key))?,
                "refusal" if text => self.visitor.text(ChannelKind::Refusal, None, member)?,
                "refusal" => return Err(AnswerError::Protocol("`refusal` is not a string")),
                "reasoning_content" | "reasoning" if text => {
                    self.visitor.text(ChannelKind::Reasoning, Some(key), member)?;
                }
                "reasoning_details" if member.kind() == Kind::Array => {
                    self.reasoning(member, self.places.member(place, key))?;
                }
                "tool_calls" => self.calls(member, self.places.member(place, key))?,
                "function_call" => return Err(AnswerError::Unsupported("function_call")),
                "audio" => return Err(AnswerError::Unsupported("audio")),
                "images" if member.children().next().is_some() || text => {
                    return Err(AnswerError::Unsupported("images"));
                }
                // Unknown text of a message may come piece by piece, like its content.
                _ if text && !is_known(key) => {
                    self.key(member, self.places.member(place, key))?;
                    self.visitor.text(ChannelKind::Value, Some(key), member)?;
                }
                _ => self.member(member, place)?,
            }
        }
        Ok(())
    }

    fn parts(&mut self, parts: NodeRef<'_>, place: u64) -> Done {
        if parts.kind() != Kind::Array {
            return Err(AnswerError::Unsupported("content"));
        }
        for part in parts.children() {
            let typed = part.get("type").and_then(NodeRef::text);
            if typed != Some("text") || part.get("text").and_then(NodeRef::text).is_none() {
                return Err(AnswerError::Unsupported("content"));
            }
            let place = self.places.element(place, part.position());
            for member in part.children() {
                match member.key() {
                    Some("type") => {}
                    Some("text") => self.visitor.text(ChannelKind::Content, None, member)?,
                    _ => self.member(member, place)?,
                }
            }
        }
        Ok(())
    }

    fn reasoning(&mut self, details: NodeRef<'_>, place: u64) -> Done {
        for detail in details.children() {
            let inner = self.places.element(place, detail.position());
            if detail.kind() != Kind::Object {
                self.value(detail, inner)?;
            }
            for member in detail.children().filter(|_| detail.kind() == Kind::Object) {
                match member.key() {
                    Some(key @ ("text" | "summary")) if member.text().is_some() => {
                        let name = format!("reasoning_details/{}/{key}", detail.position());
                        self.visitor.text(ChannelKind::Reasoning, Some(&name), member)?;
                    }
                    _ => self.member(member, inner)?,
                }
            }
        }
        Ok(())
    }

    fn calls(&mut self, calls: NodeRef<'_>, place: u64) -> Done {
        if calls.kind() != Kind::Array {
            return Err(AnswerError::Protocol("`tool_calls` is not an array"));
        }
        for call in calls.children() {
            if call.kind() != Kind::Object {
                return Err(AnswerError::Protocol("a tool call is not an object"));
            }
            if call.get("type").is_some_and(|kind| !kind.is_null() && kind.text() != Some("function")) {
                return Err(AnswerError::Unsupported("tool_calls.type"));
            }
            self.visitor.call(call)?;
            let place = self.places.element(place, call.position());
            for member in call.children() {
                match member.key() {
                    Some("index" | "id" | "type") => {}
                    Some("function") if member.is_null() => {}
                    Some("function") if member.kind() == Kind::Object => {
                        let place = self.places.member(place, "function");
                        for part in member.children().filter(|p| !matches!(p.key(), Some("name" | "arguments"))) {
                            self.member(part, place)?;
                        }
                    }
                    Some("function") => {
                        return Err(AnswerError::Protocol("a tool call's `function` is not an object"));
                    }
                    _ => self.member(member, place)?,
                }
            }
        }
        Ok(())
    }

    /// A member that holds fields only: its key, unless it is known, and all below it.
    fn member(&mut self, member: NodeRef<'_>, parent: u64) -> Done {
        let key = member.key().unwrap_or_default();
        let leaf = matches!(member.kind(), Kind::Null | Kind::Bool | Kind::Number);
        let known = is_known(key);
        if leaf && known {
            return Ok(());
        }
        let place = self.places.member(parent, key);
        if !known {
            self.key(member, place)?;
        }
        self.value(member, place)
    }

    fn key(&mut self, member: NodeRef<'_>, place: u64) -> Done {
        let text = member.key().unwrap_or_default();
        self.visitor.field(Field { hash: self.places.key(place), text, node: member, is_key: true })
    }

    fn value(&mut self, node: NodeRef<'_>, place: u64) -> Done {
        match node.kind() {
            Kind::Null | Kind::Bool | Kind::Number => Ok(()),
            Kind::String => {
                let text = node.text().unwrap_or_default();
                self.visitor.field(Field { hash: self.places.text(place, text), text, node, is_key: false })
            }
            Kind::Array => {
                node.children().try_for_each(|child| self.value(child, self.places.element(place, child.position())))
            }
            Kind::Object => node.children().try_for_each(|child| self.member(child, place)),
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
            | "role"
            | "content"
            | "refusal"
            | "reasoning"
            | "reasoning_content"
            | "reasoning_details"
            | "tool_calls"
            | "function_call"
            | "audio"
            | "annotations"
            | "finish_reason"
            | "logprobs"
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
            | "url_citation"
            | "url"
            | "title"
            | "start_index"
            | "end_index"
    )
}
