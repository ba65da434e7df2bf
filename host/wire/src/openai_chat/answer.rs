//! The shape of a chat completion and its chunks: which string is channel text, which belongs to a tool call, and which
//! is a field.

mod change;
mod ending;
mod logprobs;

pub(crate) use change::change;
pub(crate) use ending::{chunk, ending};

use crate::answer::shape::{CallPart, Done, End, Form, GLOBAL, Mark, Places, Slot, Visitor, Walk, Written, string_of};
use crate::answer::{AnswerError, ChannelKind};
use crate::json::{Kind, NodeRef};
use crate::openai_choices;

/// The member of a choice that holds the message.
fn message_of(form: Form) -> &'static str {
    match form {
        Form::Whole => "message",
        Form::Stream => "delta",
    }
}

/// Visits every string and unknown key of `root` once.
pub(crate) fn visit(root: NodeRef<'_>, form: Form, places: &Places, visitor: &mut impl Visitor) -> Done {
    let mut walk = Walk::new(Chat, form, places, visitor, is_known);
    let top = Places::ROOT;
    for member in root.children() {
        match member.key().unwrap_or_default() {
            "choices" => walk.choices(member, top)?,
            "object" if matches!(member.text(), Some("chat.completion" | "chat.completion.chunk")) => {}
            "usage" => {
                walk.counted(member, "prompt_tokens", "completion_tokens");
                walk.member(member, top)?;
            }
            "error" if !member.is_null() => {
                walk.visitor.failure();
                walk.echo(|walk| walk.member(member, top))?;
            }
            // Padding that OpenAI adds to each chunk; as a field it would be told anew with every one.
            "obfuscation" if member.text().is_some() => {
                walk.visitor.text(Slot::named(GLOBAL, ChannelKind::Value, "obfuscation"), member)?;
            }
            _ => walk.member(member, top)?,
        }
    }
    Ok(())
}

/// The walk's dialect.
struct Chat;

impl<V: Visitor> Walk<'_, V, Chat> {
    fn choices(&mut self, choices: NodeRef<'_>, parent: u64) -> Done {
        if choices.kind() != Kind::Array {
            return Err(AnswerError::Protocol("`choices` is not an array"));
        }
        let place = self.places.member(parent, "choices");
        for choice in choices.children() {
            if choice.kind() != Kind::Object {
                return Err(AnswerError::Protocol("a choice is not an object"));
            }
            let index = openai_choices::index_of(choice)?;
            self.visitor.item(index, false)?;
            self.visitor.mark(Mark::Start);
            // By the choice's own number: chunks hold one choice each, wherever in `choices` it belongs.
            let place = self.places.element(place, usize::try_from(index).unwrap_or(usize::MAX));
            for member in choice.children() {
                self.choice(index, member, place)?;
            }
            if let Some(node) = choice.get("logprobs").filter(|node| !node.is_null()) {
                self.logprobs(index, choice, node, place)?;
            }
        }
        Ok(())
    }

    fn choice(&mut self, item: u64, member: NodeRef<'_>, place: u64) -> Done {
        let key = member.key().unwrap_or_default();
        match key {
            "index" | "logprobs" => Ok(()),
            "delta" | "message" if member.is_null() => Ok(()),
            "delta" | "message" if key != message_of(self.form) => Err(AnswerError::Unsupported(match self.form {
                Form::Whole => "choices.delta",
                Form::Stream => "choices.message",
            })),
            "delta" | "message" => self.message(item, member, self.places.member(place, key)),
            "finish_reason" if member.is_null() => Ok(()),
            "finish_reason" => match member.text() {
                Some("function_call") => Err(AnswerError::Unsupported("function_call")),
                Some(reason) => {
                    self.visitor.end(End::Item(item))?;
                    self.visitor.finish(reason);
                    let closed = matches!(reason, "stop" | "length" | "tool_calls" | "content_filter");
                    if closed { Ok(()) } else { self.member(member, place) }
                }
                None => Err(AnswerError::Protocol("`finish_reason` is not a string")),
            },
            _ => self.member(member, place),
        }
    }

    fn message(&mut self, item: u64, message: NodeRef<'_>, place: u64) -> Done {
        if message.kind() != Kind::Object {
            return Err(AnswerError::Protocol("a message is not an object"));
        }
        for member in message.children() {
            let key = member.key().unwrap_or_default();
            let text = member.text().is_some();
            match key {
                _ if member.is_null() && is_known(key) => {}
                "role" if member.text() == Some("assistant") => {}
                "content" if text => self.visitor.text(Slot::new(item, 0, ChannelKind::Content), member)?,
                "content" => self.parts(item, member, self.places.member(place, key))?,
                "refusal" if text => self.visitor.text(Slot::new(item, 0, ChannelKind::Refusal), member)?,
                "refusal" => return Err(AnswerError::Protocol("`refusal` is not a string")),
                "reasoning_content" | "reasoning" if text => {
                    self.visitor.text(Slot::named(item, ChannelKind::Reasoning, key), member)?;
                }
                "reasoning_details" if member.kind() == Kind::Array => {
                    self.reasoning(item, member, self.places.member(place, key))?;
                }
                "tool_calls" => self.calls(item, member, self.places.member(place, key))?,
                "function_call" => return Err(AnswerError::Unsupported("function_call")),
                "audio" => return Err(AnswerError::Unsupported("audio")),
                "images" if member.children().next().is_some() || text => {
                    return Err(AnswerError::Unsupported("images"));
                }
                // Unknown text of a message may come piece by piece, like its content.
                _ if text && !is_known(key) => {
                    self.key(member, self.places.member(place, key))?;
                    self.visitor.text(Slot::named(item, ChannelKind::Value, key), member)?;
                }
                _ => self.member(member, place)?,
            }
        }
        Ok(())
    }

    fn parts(&mut self, item: u64, parts: NodeRef<'_>, place: u64) -> Done {
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
                    Some("text") => self.visitor.text(Slot::new(item, 0, ChannelKind::Content), member)?,
                    _ => self.member(member, place)?,
                }
            }
        }
        Ok(())
    }

    fn reasoning(&mut self, item: u64, details: NodeRef<'_>, place: u64) -> Done {
        for detail in details.children() {
            let inner = self.places.element(place, detail.position());
            if detail.kind() != Kind::Object {
                self.value(detail, inner)?;
            }
            for member in detail.children().filter(|_| detail.kind() == Kind::Object) {
                match member.key() {
                    Some(key @ ("text" | "summary")) if member.text().is_some() => {
                        let name = format!("reasoning_details/{}/{key}", detail.position());
                        self.visitor.text(Slot::named(item, ChannelKind::Reasoning, &name), member)?;
                    }
                    _ => self.member(member, inner)?,
                }
            }
        }
        Ok(())
    }

    fn calls(&mut self, item: u64, calls: NodeRef<'_>, place: u64) -> Done {
        if calls.kind() != Kind::Array {
            return Err(AnswerError::Protocol("`tool_calls` is not an array"));
        }
        for call in calls.children() {
            if call.kind() != Kind::Object {
                return Err(AnswerError::Protocol("a tool call is not an object"));
            }
            let custom = match call.get("type").filter(|kind| !kind.is_null()).map(|kind| kind.text()) {
                None => call.get("custom").is_some_and(|custom| !custom.is_null()),
                Some(Some("function")) => false,
                Some(Some("custom")) => true,
                Some(_) => return Err(AnswerError::Unsupported("tool_calls.type")),
            };
            let (body, arguments) = if custom { ("custom", "input") } else { ("function", "arguments") };
            self.visitor.call(part(item, call, body, arguments, self.form)?)?;
            // By its own number: fragments of several calls stand at the same position, frame by frame.
            let number = index_of(call, self.form).and_then(|index| usize::try_from(index).ok());
            let place = self.places.element(place, number.unwrap_or(call.position()));
            for member in call.children() {
                match member.key() {
                    Some("index" | "id" | "type") => {}
                    Some(key) if key == body && member.is_null() => {}
                    Some(key) if key == body && member.kind() == Kind::Object => {
                        let place = self.places.member(place, body);
                        self.members(member, place, |_, key, _| Ok(key == "name" || key == arguments))?;
                    }
                    Some(key) if key == body => {
                        return Err(AnswerError::Protocol("a tool call's body is not an object"));
                    }
                    _ => self.member(member, place)?,
                }
            }
        }
        Ok(())
    }
}

/// What an element of `tool_calls` says.
fn part<'t>(
    item: u64,
    call: NodeRef<'t>,
    body: &str,
    arguments: &str,
    form: Form,
) -> Result<CallPart<'t>, AnswerError> {
    let inner = |key: &str| call.get(body).map_or(Ok(None), |body| string_of(body, key));
    Ok(CallPart {
        item,
        index: index_of(call, form).ok_or(AnswerError::Protocol("a tool call has no `index`"))?,
        id: string_of(call, "id")?.and_then(NodeRef::text),
        name: inner("name")?.and_then(NodeRef::text),
        arguments: inner(arguments)?,
        written: if body == "custom" { Written::Free } else { Written::Text },
        copy: false,
    })
}

fn index_of(call: NodeRef<'_>, form: Form) -> Option<u64> {
    match form {
        Form::Whole => Some(call.position() as u64),
        Form::Stream => call.get("index").and_then(NodeRef::as_u64),
    }
}

/// Keys that the API defines for answers: they say nothing that would need reading.
fn is_known(key: &str) -> bool {
    openai_choices::is_known(key)
        || matches!(
            key,
            "role"
                | "content"
                | "refusal"
                | "reasoning"
                | "reasoning_content"
                | "reasoning_details"
                | "tool_calls"
                | "function_call"
                | "audio"
                | "annotations"
                | "function"
                | "custom"
                | "url_citation"
                | "provider"
                // Azure's verdicts, in every chunk.
                | "content_filter_results"
                | "prompt_filter_results"
                | "content_filter_offsets"
                | "prompt_index"
                | "check_offset"
                | "start_offset"
                | "end_offset"
                | "hate"
                | "self_harm"
                | "sexual"
                | "violence"
                | "profanity"
                | "jailbreak"
                | "protected_material_text"
                | "protected_material_code"
                | "filtered"
                | "detected"
                | "severity"
                | "url"
                | "title"
                | "start_index"
                | "end_index"
        )
}
