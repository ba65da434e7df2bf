//! The shape of a message and the events of its stream: which string is channel text, which belongs to a tool call, and
//! which is a field.

mod change;
mod ending;

pub(crate) use change::change;
pub(crate) use ending::ending;

use crate::answer::shape::{CallPart, Done, End, Form, Mark, Places, Slot, Visitor, Walk, Written, string_of};
use crate::answer::{AnswerError, ChannelKind};
use crate::json::{Kind, NodeRef};

/// The walk's dialect.
struct Messages;

/// Visits every string and unknown key of `root` once.
pub(crate) fn visit(root: NodeRef<'_>, form: Form, places: &Places, visitor: &mut impl Visitor) -> Done {
    let mut walk = Walk::new(Messages, form, places, visitor, is_known);
    match (form, root.get("type").and_then(NodeRef::text)) {
        (_, Some("error")) => {
            walk.visitor.failure();
            walk.echo(|walk| walk.members(root, Places::ROOT, |_, key, _| Ok(key == "type")))
        }
        (Form::Whole, _) => walk.message(root, Places::ROOT, true),
        (Form::Stream, Some(event)) => walk.event(event, root),
        (Form::Stream, None) => Err(AnswerError::Protocol("an event has no `type`")),
    }
}

impl<V: Visitor> Walk<'_, V, Messages> {
    fn event(&mut self, event: &str, root: NodeRef<'_>) -> Done {
        let index = || {
            let index = root.get("index").and_then(NodeRef::as_u64);
            index.ok_or(AnswerError::Protocol("an event of a content block has no `index`"))
        };
        let inner = |key: &str| root.get(key).filter(|node| node.kind() == Kind::Object);
        let missing = AnswerError::Protocol("an event lacks what its type says");
        let is_known = match event {
            "message_start" => {
                let message = inner("message").ok_or(missing)?;
                self.visitor.mark(Mark::Start);
                self.message(message, self.places.member(Places::ROOT, "message"), false)?;
                true
            }
            "content_block_start" => {
                let index = index()?;
                self.visitor.item(index, true)?;
                self.visitor.mark(Mark::Open);
                let block = inner("content_block").ok_or(missing)?;
                self.block(index, block, self.places.member(Places::ROOT, "content_block"))?;
                true
            }
            "content_block_delta" => {
                let index = index()?;
                self.visitor.item(index, false)?;
                let delta = inner("delta").ok_or(missing)?;
                self.delta(index, delta, self.places.member(Places::ROOT, "delta"))?;
                true
            }
            "content_block_stop" => {
                let index = index()?;
                self.visitor.item(index, false)?;
                self.visitor.mark(Mark::Close);
                self.visitor.end(End::Item(index))?;
                true
            }
            "message_delta" => {
                if let Some(delta) = inner("delta") {
                    self.stop(delta)?;
                    let place = self.places.member(Places::ROOT, "delta");
                    self.members(delta, place, |_, key, member| Ok(is_stop(key, member)))?;
                }
                self.usage(root);
                true
            }
            "message_stop" => {
                self.visitor.mark(Mark::Over);
                self.visitor.end(End::All)?;
                true
            }
            "ping" => true,
            _ => {
                self.visitor.unknown_event();
                false
            }
        };
        self.members(root, Places::ROOT, |_, key, _| {
            Ok(match key {
                "type" => is_known,
                "message" => event == "message_start",
                "content_block" => event == "content_block_start",
                "delta" => matches!(event, "content_block_delta" | "message_delta"),
                _ => false,
            })
        })
    }

    /// The message itself; the whole of it, or its beginning.
    fn message(&mut self, message: NodeRef<'_>, place: u64, whole: bool) -> Done {
        self.usage(message);
        if whole {
            let content = message.get("content").filter(|content| content.kind() == Kind::Array);
            let content = content.ok_or(AnswerError::Protocol("`content` is not an array"))?;
            self.visitor.mark(Mark::Start);
            let place = self.places.member(place, "content");
            for block in content.children() {
                let index = block.position() as u64;
                if block.kind() != Kind::Object {
                    return Err(AnswerError::Protocol("a content block is not an object"));
                }
                self.visitor.item(index, true)?;
                self.block(index, block, self.places.element(place, block.position()))?;
                self.visitor.end(End::Item(index))?;
            }
            self.stop(message)?;
            self.visitor.end(End::All)?;
        } else if message.get("content").is_some_and(|content| content.children().next().is_some()) {
            return Err(AnswerError::Protocol("a message begins with content"));
        }
        self.members(message, place, |_, key, member| {
            Ok(match key {
                "content" => true,
                "type" => member.text() == Some("message"),
                "role" => member.text() == Some("assistant"),
                _ => is_stop(key, member),
            })
        })
    }

    fn stop(&mut self, holder: NodeRef<'_>) -> Done {
        if let Some(reason) = holder.get("stop_reason").and_then(NodeRef::text) {
            self.visitor.finish(reason);
            self.visitor.end(End::All)?;
        }
        Ok(())
    }

    fn usage(&mut self, holder: NodeRef<'_>) {
        if let Some(usage) = holder.get("usage") {
            self.counted(usage, "input_tokens", "output_tokens");
        }
    }

    fn block(&mut self, item: u64, block: NodeRef<'_>, place: u64) -> Done {
        let kind = block.get("type").and_then(NodeRef::text).unwrap_or_default();
        match kind {
            "text" => self.members(block, place, |walk, key, member| match key {
                "type" => Ok(true),
                "text" => walk.string(Slot::new(item, 0, ChannelKind::Content), member),
                "citations" => walk.echo(|walk| walk.member(member, place)).map(|()| true),
                _ => Ok(false),
            }),
            "thinking" => self.members(block, place, |walk, key, member| match key {
                "type" => Ok(true),
                "thinking" => walk.string(thinking(item), member),
                "signature" => walk.signature(item, member),
                _ => Ok(false),
            }),
            "redacted_thinking" => {
                self.visitor.encrypted("content_block.redacted_thinking")?;
                self.members(block, place, |_, key, _| Ok(matches!(key, "type" | "data")))
            }
            "tool_use" => {
                let input = block.get("input").filter(|input| !input.is_null());
                // A stream begins with an empty one, and its pieces follow.
                let begins = self.form == Form::Stream && input.is_some_and(|input| input.children().next().is_none());
                self.visitor.call(CallPart {
                    item,
                    index: 0,
                    id: string_of(block, "id")?.and_then(NodeRef::text),
                    name: string_of(block, "name")?.and_then(NodeRef::text),
                    arguments: input.filter(|_| !begins),
                    written: if begins { Written::Text } else { Written::Json },
                    copy: false,
                })?;
                self.members(block, place, |_, key, _| Ok(matches!(key, "type" | "id" | "name" | "input")))
            }
            _ => Err(AnswerError::Unsupported("a content block of another type than text, thinking or tool_use")),
        }
    }

    fn delta(&mut self, item: u64, delta: NodeRef<'_>, place: u64) -> Done {
        let kind = delta.get("type").and_then(NodeRef::text).unwrap_or_default();
        let known = matches!(
            kind,
            "text_delta" | "thinking_delta" | "input_json_delta" | "signature_delta" | "citations_delta"
        );
        self.members(delta, place, |walk, key, member| match (kind, key) {
            (_, "type") => Ok(known),
            ("citations_delta", "citation") => walk.echo(|walk| walk.member(member, place)).map(|()| true),
            ("text_delta", "text") => walk.string(Slot::new(item, 0, ChannelKind::Content), member),
            ("thinking_delta", "thinking") => walk.string(thinking(item), member),
            ("signature_delta", "signature") => walk.signature(item, member),
            ("input_json_delta", "partial_json") => {
                let arguments = Some(member);
                let part =
                    CallPart { item, index: 0, id: None, name: None, arguments, written: Written::Text, copy: false };
                walk.visitor.call(part).map(|()| true)
            }
            // A text of a kind that came later than this was written.
            (other, _) if !known && member.text().is_some() => {
                walk.key(member, walk.places.member(place, key))?;
                walk.visitor.text(Slot::named(item, ChannelKind::Value, &format!("{other}/{key}")), member)?;
                Ok(true)
            }
            _ => Ok(false),
        })
    }

    fn string(&mut self, slot: Slot<'_>, node: NodeRef<'_>) -> Result<bool, AnswerError> {
        if node.is_null() {
            return Ok(true);
        }
        if node.text().is_none() {
            return Err(AnswerError::Protocol("a text is not a string"));
        }
        self.visitor.text(slot, node).map(|()| true)
    }

    /// What signs the thinking before it; another one would be refused by the provider.
    fn signature(&mut self, item: u64, node: NodeRef<'_>) -> Result<bool, AnswerError> {
        self.string(Slot { fixed: true, ..Slot::named(item, ChannelKind::Value, "signature") }, node)
    }
}

fn thinking(item: u64) -> Slot<'static> {
    Slot { fixed: true, ..Slot::named(item, ChannelKind::Reasoning, "thinking") }
}

/// A reason for stopping that the API defines.
fn is_stop(key: &str, member: NodeRef<'_>) -> bool {
    key == "stop_reason"
        && member.text().is_none_or(|reason| {
            matches!(
                reason,
                "end_turn"
                    | "max_tokens"
                    | "stop_sequence"
                    | "tool_use"
                    | "pause_turn"
                    | "refusal"
                    | "model_context_window_exceeded"
            )
        })
}

/// Keys that the API defines for answers: they say nothing that would need reading.
fn is_known(key: &str) -> bool {
    matches!(
        key,
        "id" | "type"
            | "role"
            | "model"
            | "content"
            | "text"
            | "index"
            | "message"
            | "delta"
            | "content_block"
            | "stop_reason"
            | "stop_sequence"
            | "stop_details"
            | "container"
            | "context_management"
            | "usage"
            | "input_tokens"
            | "output_tokens"
            | "cache_creation_input_tokens"
            | "cache_read_input_tokens"
            | "cache_creation"
            | "ephemeral_5m_input_tokens"
            | "ephemeral_1h_input_tokens"
            | "server_tool_use"
            | "service_tier"
            | "inference_geo"
            | "output_tokens_details"
            | "thinking_tokens"
            | "iterations"
            | "speed"
            | "error"
            | "request_id"
            | "citations"
            | "citation"
            | "cited_text"
            | "document_index"
            | "document_title"
            | "start_char_index"
            | "end_char_index"
            | "start_page_number"
            | "end_page_number"
            | "start_block_index"
            | "end_block_index"
            | "file_id"
            | "caller"
    )
}
