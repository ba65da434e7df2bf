//! The shape of a response and the events of its stream: which string is channel text, which repeats it, which belongs
//! to a tool call, and which is a field.
//!
//! A response says everything several times: in deltas, in `*.done` events, in `content_part.done`, in
//! `output_item.done` and in the last event. A repetition that is the same goes out with the same edits; one that is not
//! is a text of its own.

mod change;
mod ending;
mod items;
mod known;

pub(crate) use change::change;
pub(crate) use ending::ending;

use items::Phase;
use known::is_known;

use crate::answer::shape::{CallPart, Done, End, Form, GLOBAL, Mark, Places, Slot, Visitor, Walk, Written};
use crate::answer::{AnswerError, ChannelKind};
use crate::json::{Kind, NodeRef};

/// The walk's dialect.
struct Responses;

/// Visits every string and unknown key of `root` once.
pub(crate) fn visit(root: NodeRef<'_>, form: Form, places: &Places, visitor: &mut impl Visitor) -> Done {
    let mut walk = Walk::new(Responses, form, places, visitor, is_known);
    let event = root.get("type").and_then(NodeRef::text);
    match (form, event) {
        // An error that the SDK raises has no type of its own.
        (_, None) if root.get("error").is_some_and(|error| !error.is_null()) => {
            walk.visitor.failure();
            walk.echo(|walk| walk.members(root, Places::ROOT, |_, _, _| Ok(false)))
        }
        (Form::Whole, _) => walk.response(root, Places::ROOT, Phase::Whole),
        (Form::Stream, Some(event)) => walk.event(event, root),
        (Form::Stream, None) => Err(AnswerError::Protocol("an event has no `type`")),
    }
}

/// The events of one text: what it is, the member that numbers it, and the member that has the whole of it.
fn text_event(event: &str) -> Option<(ChannelKind, Option<&'static str>, &'static str, &'static str)> {
    let event = event.strip_suffix(".delta").or_else(|| event.strip_suffix(".done"))?;
    Some(match event {
        "response.output_text" => (ChannelKind::Content, None, "content_index", "text"),
        "response.refusal" => (ChannelKind::Refusal, None, "content_index", "refusal"),
        "response.reasoning_text" => (ChannelKind::Reasoning, Some("text"), "content_index", "text"),
        "response.reasoning_summary_text" => (ChannelKind::Reasoning, Some("summary"), "summary_index", "text"),
        _ => return None,
    })
}

/// The events of a call's arguments: how they are written, and the member that has the whole of them.
fn call_event(event: &str) -> Option<(Written, &'static str)> {
    let event = event.strip_suffix(".delta").or_else(|| event.strip_suffix(".done"))?;
    Some(match event {
        "response.function_call_arguments" => (Written::Text, "arguments"),
        "response.custom_tool_call_input" => (Written::Free, "input"),
        _ => return None,
    })
}

/// What the provider does by itself, where no policy can be asked. Requests for it are refused.
const PROVIDER: [&str; 10] = [
    "response.web_search_call",
    "response.file_search_call",
    "response.code_interpreter_call",
    "response.image_generation_call",
    "response.mcp_call",
    "response.mcp_list_tools",
    "response.computer_call",
    "response.shell_call",
    "response.apply_patch_call",
    "response.audio",
];

impl<V: Visitor> Walk<'_, V, Responses> {
    fn event(&mut self, event: &str, root: NodeRef<'_>) -> Done {
        if PROVIDER.iter().any(|prefix| event.starts_with(prefix)) {
            return Err(AnswerError::Unsupported("an event of a tool that the provider runs"));
        }
        let delta = event.ends_with(".delta");
        // A member that was taken here, beside those of every event.
        let mut taken: &[&str] = &[];
        let mut is_known = true;
        if let Some((kind, name, part, whole)) = text_event(event) {
            let item = self.within(root)?;
            let slot = Slot { name, ..Slot::new(item, number(root, part)?, kind) };
            let node = self.string(root, if delta { "delta" } else { whole })?;
            if delta {
                self.visitor.text(slot, node)?
            } else {
                self.visitor.copy(slot, node)?
            }
            self.logprobs(slot, node, root)?;
            taken = if delta { &["delta", "logprobs"] } else { &["text", "refusal", "logprobs"] };
        } else if let Some((written, whole)) = call_event(event) {
            let item = self.within(root)?;
            let node = self.string(root, if delta { "delta" } else { whole })?;
            let (id, name) = (None, root.get("name").and_then(NodeRef::text));
            let part = CallPart { item, index: 0, id, name, arguments: Some(node), written, copy: !delta };
            self.visitor.call(part)?;
            taken = &["delta", "arguments", "input", "name"];
        } else {
            match event {
                "response.created" | "response.queued" | "response.in_progress" => {
                    self.visitor.mark(Mark::Start);
                    self.told(root, Phase::Begun)?;
                    taken = &["response"];
                }
                "response.completed" | "response.failed" | "response.incomplete" | "response.cancelled" => {
                    self.visitor.mark(Mark::Over);
                    self.told(root, Phase::Again)?;
                    taken = &["response"];
                    self.visitor.finish(event.strip_prefix("response.").unwrap_or(event));
                    self.visitor.end(End::All)?;
                }
                "response.output_item.added" | "response.output_item.done" => {
                    let begins = event.ends_with("added");
                    let item = number(root, "output_index")?;
                    self.visitor.item(item, begins)?;
                    let node = root.get("item").ok_or(AnswerError::Protocol("an event has no `item`"))?;
                    let place = self.places.member(Places::ROOT, "item");
                    self.output(item, node, place, if begins { Phase::Begun } else { Phase::Again })?;
                    self.visitor.mark(if begins { Mark::Open } else { Mark::Close });
                    if !begins {
                        self.visitor.end(End::Item(item))?;
                    }
                    taken = &["item"];
                }
                "response.content_part.added"
                | "response.content_part.done"
                | "response.reasoning_summary_part.added"
                | "response.reasoning_summary_part.done" => {
                    let item = self.within(root)?;
                    let summary = event.contains("summary");
                    let at = number(root, if summary { "summary_index" } else { "content_index" })?;
                    let node = root.get("part").ok_or(AnswerError::Protocol("an event has no `part`"))?;
                    let phase = if event.ends_with("added") { Phase::Begun } else { Phase::Again };
                    self.part((item, at), node, self.places.member(Places::ROOT, "part"), phase)?;
                    taken = &["part"];
                }
                "response.output_text.annotation.added" => self.within(root).map(drop)?,
                "error" => self.visitor.failure(),
                _ => {
                    is_known = false;
                    self.visitor.unknown_event();
                    // A text of a kind that came later than this was written.
                    if let Some(node) = root.get("delta").filter(|node| node.text().is_some()) {
                        let item = root.get("output_index").and_then(NodeRef::as_u64).unwrap_or(GLOBAL);
                        self.visitor.text(Slot::named(item, ChannelKind::Value, event), node)?;
                        taken = &["delta"];
                    }
                }
            }
        }
        let members = |walk: &mut Self| {
            walk.members(root, Places::ROOT, |walk, key, member| match key {
                "type" => Ok(is_known),
                // Padding that OpenAI adds to each delta; as a field it would be told anew with every one.
                "obfuscation" if member.text().is_some() => {
                    walk.visitor.text(Slot::named(GLOBAL, ChannelKind::Value, "obfuscation"), member).map(|()| true)
                }
                key => Ok(taken.contains(&key)),
            })
        };
        if event == "error" { self.echo(members) } else { members(self) }
    }

    /// The item that an event is about.
    fn within(&mut self, root: NodeRef<'_>) -> Result<u64, AnswerError> {
        let item = number(root, "output_index")?;
        self.visitor.item(item, false)?;
        Ok(item)
    }

    fn told(&mut self, root: NodeRef<'_>, phase: Phase) -> Done {
        let response = root.get("response").filter(|node| node.kind() == Kind::Object);
        let response = response.ok_or(AnswerError::Protocol("an event has no `response`"))?;
        self.response(response, self.places.member(Places::ROOT, "response"), phase)
    }

    /// The response itself.
    fn response(&mut self, response: NodeRef<'_>, place: u64, phase: Phase) -> Done {
        if let Some(usage) = response.get("usage") {
            self.counted(usage, "input_tokens", "output_tokens");
        }
        let output = response.get("output").filter(|output| !output.is_null());
        if output.is_some_and(|output| output.kind() != Kind::Array) || (output.is_none() && phase == Phase::Whole) {
            return Err(AnswerError::Protocol("`output` is not an array"));
        }
        if phase == Phase::Whole {
            self.visitor.mark(Mark::Start);
        }
        let inner = self.places.member(place, "output");
        for node in output.into_iter().flat_map(NodeRef::children) {
            let item = node.position() as u64;
            match phase {
                Phase::Begun => return Err(AnswerError::Protocol("a response begins with output")),
                Phase::Whole => self.visitor.item(item, true)?,
                Phase::Again => {}
            }
            self.output(item, node, self.places.element(inner, node.position()), phase)?;
            if phase == Phase::Whole {
                self.visitor.end(End::Item(item))?;
            }
        }
        if phase == Phase::Whole {
            self.visitor.finish(response.get("status").and_then(NodeRef::text).unwrap_or("completed"));
            self.visitor.end(End::All)?;
        }
        // Beside its output it repeats what it was asked: instructions, tools, metadata.
        self.echo(|walk| {
            walk.members(response, place, |_, key, member| {
                Ok(match key {
                    "output" => true,
                    "object" => member.text() == Some("response"),
                    _ => false,
                })
            })
        })
    }

    fn string<'t>(&self, root: NodeRef<'t>, key: &str) -> Result<NodeRef<'t>, AnswerError> {
        let node = root.get(key).filter(|node| node.text().is_some());
        node.ok_or(AnswerError::Protocol("an event lacks its text"))
    }

    fn logprobs(&mut self, slot: Slot<'_>, text: NodeRef<'_>, holder: NodeRef<'_>) -> Done {
        let Some(node) = holder.get("logprobs").filter(|node| node.children().next().is_some()) else {
            return Ok(());
        };
        let place = self.places.member(Places::ROOT, "logprobs");
        self.tokens(slot, node, node, text.text().unwrap_or_default(), place)
    }
}

fn number(root: NodeRef<'_>, key: &str) -> Result<u64, AnswerError> {
    root.get(key).and_then(NodeRef::as_u64).ok_or(AnswerError::Protocol("an event lacks its index"))
}
