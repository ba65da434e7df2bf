//! Tool calls, put together from fragments and judged as a whole.

use serde_json::Value;

use super::visit::Form;
use super::{AnswerError, AnswerLimits, CallId, CallOutcome, Event, ToolCall};
use crate::document::{DocumentBuilder, DocumentError, EditError, MappedDocument, Source};
use crate::json::{Kind, NodeRef, Tree};

enum State {
    /// Fragments come.
    Collecting,
    /// Told, not decided; `None` if it cannot be read.
    Pending(Option<Box<MappedDocument>>),
    /// Goes out as it came.
    Released,
    /// Goes out with other arguments; `written` once they have left.
    Edited { arguments: String, written: bool },
    /// Does not go out.
    Withheld(Value),
}

pub(super) struct Call {
    index: u64,
    call_id: Option<String>,
    name: Option<String>,
    arguments: String,
    state: State,
}

/// What happens to one element of a `tool_calls` array.
pub(super) enum Fate<'a> {
    Keep,
    /// Put this into `arguments`.
    Rewrite(&'a str),
    Remove,
}

#[derive(Default)]
pub(super) struct Calls {
    /// In the order of their first fragment; bounded by `max_tool_calls`.
    all: Vec<Call>,
}

impl Calls {
    /// Takes one element of a `tool_calls` array.
    pub(super) fn fragment(
        &mut self,
        element: NodeRef<'_>,
        form: Form,
        limits: &AnswerLimits,
    ) -> Result<(), AnswerError> {
        let index = index_of(element, form).ok_or(AnswerError::Protocol("a tool call has no `index`"))?;
        let part = |parent: Option<NodeRef<'_>>, key: &str| -> Result<Option<String>, AnswerError> {
            match parent.and_then(|parent| parent.get(key)).filter(|node| !node.is_null()) {
                None => Ok(None),
                Some(node) => match node.text() {
                    Some(text) => Ok(Some(text.to_owned())),
                    None => Err(AnswerError::Protocol("a part of a tool call is not a string")),
                },
            }
        };
        let function = element.get("function");
        let (id, name, arguments) = (part(Some(element), "id")?, part(function, "name")?, part(function, "arguments")?);
        let at = match self.all.iter().rposition(|call| call.index == index) {
            Some(at) => at,
            None => {
                if self.all.len() >= limits.max_tool_calls || index >= limits.max_tool_calls as u64 {
                    return Err(limits.calls());
                }
                let state = State::Collecting;
                self.all.push(Call { index, call_id: None, name: None, arguments: String::new(), state });
                self.all.len() - 1
            }
        };
        let call = &mut self.all[at];
        if !matches!(call.state, State::Collecting) {
            return Err(AnswerError::Protocol("a tool call goes on after its end"));
        }
        once(&mut call.call_id, id)?;
        once(&mut call.name, name)?;
        if let Some(arguments) = arguments {
            call.arguments.push_str(&arguments);
        }
        Ok(())
    }

    /// No more fragments come: tells of every call, in the order of `index`.
    pub(super) fn complete(&mut self, limits: &AnswerLimits, events: &mut impl Extend<Event>) {
        let mut order: Vec<usize> = (0..self.all.len()).collect();
        order.sort_by_key(|&at| self.all[at].index);
        for at in order {
            let call = &mut self.all[at];
            if !matches!(call.state, State::Collecting) {
                continue;
            }
            let id = CallId(u32::try_from(at).unwrap_or(u32::MAX));
            let (state, event) = call.complete(id, limits);
            call.state = State::Pending(state);
            events.extend([event]);
        }
    }

    pub(super) fn resolve(&mut self, id: CallId, outcome: CallOutcome) -> Result<(), AnswerError> {
        let call = self.all.get_mut(id.0 as usize).ok_or(EditError::NotPending)?;
        let State::Pending(arguments) = &call.state else {
            return Err(EditError::NotPending.into());
        };
        call.state = match (outcome, arguments) {
            (CallOutcome::Withhold { reason }, _) => State::Withheld(reason),
            (CallOutcome::Release { .. }, None) => return Err(AnswerError::UnreadableCall),
            (CallOutcome::Release { edits }, Some(_)) if edits.is_empty() => State::Released,
            (CallOutcome::Release { edits }, Some(mapped)) => {
                let bytes = mapped.apply(call.arguments.as_bytes(), &edits)?;
                let arguments = String::from_utf8(bytes).map_err(|_| EditError::CutsCharacter(0))?;
                State::Edited { arguments, written: false }
            }
        };
        Ok(())
    }

    /// Whether every call is decided.
    pub(super) fn decided(&self) -> bool {
        !self.all.iter().any(|call| matches!(call.state, State::Collecting | State::Pending(_)))
    }

    /// Whether any call does not go out just as it came.
    pub(super) fn changed(&self) -> bool {
        !self.all.iter().all(|call| matches!(call.state, State::Released))
    }

    pub(super) fn reasons(&self) -> Vec<Value> {
        let mut withheld: Vec<&Call> = self.all.iter().filter(|call| call.is_withheld()).collect();
        withheld.sort_by_key(|call| call.index);
        let reason = |call: &Call| match &call.state {
            State::Withheld(reason) => reason.clone(),
            _ => Value::Null,
        };
        withheld.into_iter().map(reason).collect()
    }

    pub(super) fn all_withheld(&self) -> bool {
        !self.all.is_empty() && self.all.iter().all(Call::is_withheld)
    }

    /// What happens to an element, and the `index` it is to have.
    pub(super) fn fate(&mut self, element: NodeRef<'_>, form: Form) -> (Fate<'_>, u64) {
        let index = index_of(element, form).unwrap_or(u64::MAX);
        let any_withheld = self.all.iter().any(Call::is_withheld);
        let before = self.all.iter().filter(|call| call.index < index && !call.is_withheld()).count();
        // Indexes are the upstream's own, gaps and all, until a call is missing.
        let renumbered = if any_withheld { before as u64 } else { index };
        let has_arguments = element.get("function").and_then(|f| f.get("arguments")).and_then(NodeRef::text).is_some();
        let fate = match self.all.iter_mut().find(|call| call.index == index).map(|call| &mut call.state) {
            Some(State::Released) => Fate::Keep,
            Some(State::Edited { .. }) if !has_arguments => Fate::Keep,
            Some(State::Edited { written: true, .. }) => Fate::Rewrite(""),
            Some(State::Edited { arguments, written }) => {
                *written = true;
                Fate::Rewrite(arguments)
            }
            _ => Fate::Remove,
        };
        (fate, renumbered)
    }
}

impl Call {
    fn is_withheld(&self) -> bool {
        matches!(self.state, State::Withheld(_))
    }

    fn complete(&self, id: CallId, limits: &AnswerLimits) -> (Option<Box<MappedDocument>>, Event) {
        let unreadable = |code| (None, Event::UnreadableCall { id, name: self.name.clone(), code });
        let Some(name) = self.name.clone() else {
            return unreadable("missing_name");
        };
        let mut builder = DocumentBuilder::new(limits.max_segments);
        // Some upstreams write nothing at all for a call without arguments.
        if !self.arguments.is_empty() {
            match Tree::parse(self.arguments.as_bytes(), &limits.json) {
                Err(error) => return unreadable(error.code()),
                Ok(tree) => {
                    if let Err(error) = arguments(tree.root(), &mut builder) {
                        return unreadable(error.code());
                    }
                }
            }
        }
        let mapped = builder.finish();
        let call = ToolCall {
            call_id: self.call_id.clone(),
            name,
            arguments: mapped.document().clone(),
            raw_arguments: self.arguments.clone(),
        };
        (Some(Box::new(mapped)), Event::ToolCall { id, call })
    }
}

/// Every key and value; numbers and booleans too, since amounts and switches decide what a call does.
fn arguments(node: NodeRef<'_>, builder: &mut DocumentBuilder) -> Result<(), DocumentError> {
    if let Some((key, raw)) = node.key().zip(node.key_raw()) {
        builder.push("assistant", "key", None, node.pointer(), key, Source::Key(raw))?;
    }
    match node.kind() {
        Kind::Null => Ok(()),
        Kind::Array | Kind::Object => node.children().try_for_each(|child| arguments(child, builder)),
        Kind::Bool | Kind::Number | Kind::String => {
            let text = node.text().unwrap_or(node.raw_str());
            builder.push("assistant", "value", None, node.pointer(), text, Source::Value(node.raw()))
        }
    }
}

fn index_of(element: NodeRef<'_>, form: Form) -> Option<u64> {
    match form {
        Form::Whole => Some(element.position() as u64),
        Form::Stream => element.get("index").and_then(NodeRef::as_u64),
    }
}

/// Identity comes once. Clients differ on what a second one does (replace, append), so it must say the same.
fn once(known: &mut Option<String>, more: Option<String>) -> Result<(), AnswerError> {
    match (known.as_deref(), more) {
        (_, None) => Ok(()),
        (_, Some(more)) if more.is_empty() => Ok(()),
        (None, Some(more)) => {
            *known = Some(more);
            Ok(())
        }
        (Some(known), Some(more)) if known == more => Ok(()),
        _ => Err(AnswerError::Protocol("a tool call changes its id or name")),
    }
}
