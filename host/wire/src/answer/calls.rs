//! Tool calls, put together from fragments and judged as a whole.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;

use super::rewrite::rewritten;
use super::shape::{CallPart, End, Written};
use super::{AnswerError, AnswerLimits, CallId, CallOutcome, Event, ToolCall};
use crate::document::{DocumentBuilder, DocumentError, EditError, MappedDocument, Source};
use crate::json::{Tree, each_scalar, encoded};

enum State {
    /// Fragments come.
    Collecting,
    /// Told, not decided.
    Pending(Pending),
    /// Goes out as it came.
    Released,
    /// Goes out with other arguments; `written` once the first fragment has left.
    Edited { arguments: String, written: bool },
    /// Does not go out.
    Withheld(Value),
}

/// A call that waits for its decision.
struct Pending {
    /// `None` if it cannot be read.
    document: Option<Box<MappedDocument>>,
    /// The arguments that the document was read from, where they are not those that came.
    rewritten: Option<String>,
}

struct Call {
    item: u64,
    index: u64,
    call_id: Option<String>,
    name: Option<String>,
    arguments: String,
    written: Written,
    state: State,
}

/// A place of a frame that holds arguments, or a part of them.
pub(super) struct Arguments {
    call: usize,
    pub(super) raw: Range<usize>,
    written: Written,
    /// All of them.
    copy: bool,
}

#[derive(Default)]
pub(crate) struct Calls {
    /// In the order of their first fragment; bounded by `max_tool_calls`.
    all: Vec<Call>,
}

impl Calls {
    /// Takes what a frame says of a call. Answers where its arguments stand.
    pub(super) fn part(
        &mut self,
        part: &CallPart<'_>,
        limits: &AnswerLimits,
    ) -> Result<Option<Arguments>, AnswerError> {
        let at = match self.all.iter().rposition(|call| call.item == part.item && call.index == part.index) {
            Some(at) => at,
            None => self.begin(part, limits)?,
        };
        let call = &mut self.all[at];
        let collecting = matches!(call.state, State::Collecting);
        if !collecting && !part.copy {
            return Err(AnswerError::Protocol("a tool call goes on after its end"));
        }
        once(&mut call.call_id, part.id)?;
        once(&mut call.name, part.name)?;
        let Some(node) = part.arguments else {
            return Ok(None);
        };
        let text = match part.written {
            Written::Json => node.raw_str(),
            Written::Text | Written::Free => {
                node.text().ok_or(AnswerError::Protocol("a part of a tool call is not a string"))?
            }
        };
        call.written = part.written;
        let mut copy = part.copy;
        if copy && collecting && call.arguments.is_empty() {
            call.arguments.push_str(text);
            // All at once: the first and only fragment.
            copy = false;
        } else if !copy {
            call.arguments.push_str(text);
        } else if call.arguments != text {
            return Err(AnswerError::Protocol("a tool call says two things"));
        }
        Ok(Some(Arguments { call: at, raw: node.raw(), written: part.written, copy }))
    }

    fn begin(&mut self, part: &CallPart<'_>, limits: &AnswerLimits) -> Result<usize, AnswerError> {
        if self.all.len() >= limits.max_tool_calls || part.index >= limits.max_tool_calls as u64 {
            return Err(limits.calls());
        }
        self.all.push(Call {
            item: part.item,
            index: part.index,
            call_id: None,
            name: None,
            arguments: String::new(),
            written: part.written,
            state: State::Collecting,
        });
        Ok(self.all.len() - 1)
    }

    /// No more fragments come: tells of every call that this is about, in the order of item and index.
    pub(super) fn complete(&mut self, end: End, limits: &AnswerLimits, events: &mut impl Extend<Event>) {
        let due = |call: &Call| matches!(call.state, State::Collecting) && end.covers(call.item);
        let mut order: Vec<usize> = (0..self.all.len()).filter(|&at| due(&self.all[at])).collect();
        order.sort_by_key(|&at| (self.all[at].item, self.all[at].index));
        for at in order {
            let id = CallId(u32::try_from(at).unwrap_or(u32::MAX));
            let call = &mut self.all[at];
            let (document, event) = match call.read(&call.arguments, limits) {
                Ok((document, told)) => (Some(document), Event::ToolCall { id, call: told }),
                Err(code) => (None, Event::UnreadableCall { id, name: call.name.clone(), code }),
            };
            call.state = State::Pending(Pending { document, rewritten: None });
            events.extend([event]);
        }
    }

    pub(super) fn rewrite(
        &mut self,
        id: CallId,
        limits: &AnswerLimits,
        with: &mut dyn FnMut(&str) -> Option<String>,
    ) -> Result<Option<ToolCall>, AnswerError> {
        let call = self.all.get_mut(id.0 as usize).ok_or(EditError::NotPending)?;
        let State::Pending(Pending { document: Some(_), rewritten: None }) = &call.state else {
            return Err(EditError::NotPending.into());
        };
        let new = match call.written {
            Written::Free => rewritten(&encoded(&call.arguments), &limits.json, with)
                .and_then(|json| serde_json::from_str(&json).ok()),
            Written::Text | Written::Json => rewritten(&call.arguments, &limits.json, with),
        };
        let Some((new, (document, told))) = new.and_then(|new| call.read(&new, limits).ok().map(|read| (new, read)))
        else {
            return Ok(None);
        };
        call.state = State::Pending(Pending { document: Some(document), rewritten: Some(new) });
        Ok(Some(told))
    }

    pub(super) fn resolve(&mut self, id: CallId, outcome: CallOutcome) -> Result<(), AnswerError> {
        let call = self.all.get_mut(id.0 as usize).ok_or(EditError::NotPending)?;
        let State::Pending(Pending { document, rewritten }) = &mut call.state else {
            return Err(EditError::NotPending.into());
        };
        let text = rewritten.as_ref().unwrap_or(&call.arguments);
        call.state = match (outcome, document) {
            (CallOutcome::Withhold { reason }, _) => State::Withheld(reason),
            (CallOutcome::Release { .. }, None) => return Err(AnswerError::UnreadableCall),
            (CallOutcome::Release { edits }, Some(_)) if edits.is_empty() => match rewritten.take() {
                Some(arguments) => State::Edited { arguments, written: false },
                None => State::Released,
            },
            (CallOutcome::Release { edits }, Some(mapped)) => {
                let arguments = match call.written {
                    // The document was read from the text as a JSON string.
                    Written::Free => {
                        let json = mapped.apply(encoded(text).as_bytes(), &edits)?;
                        serde_json::from_slice(&json).map_err(|_| EditError::CutsCharacter(0))?
                    }
                    Written::Text | Written::Json => {
                        let bytes = mapped.apply(text.as_bytes(), &edits)?;
                        String::from_utf8(bytes).map_err(|_| EditError::CutsCharacter(0))?
                    }
                };
                State::Edited { arguments, written: false }
            }
        };
        Ok(())
    }

    /// Whether every call of these items is decided.
    pub(super) fn decided(&self, of: impl Fn(u64) -> bool) -> bool {
        !self.all.iter().any(|call| matches!(call.state, State::Collecting | State::Pending(_)) && of(call.item))
    }

    /// Whether any call does not go out at all.
    pub(super) fn any_withheld(&self) -> bool {
        self.all.iter().any(Call::is_withheld)
    }

    /// Why calls of these items were withheld, in the order of item and index.
    pub(crate) fn reasons(&self, of: impl Fn(u64) -> bool) -> Vec<Value> {
        let mut withheld: Vec<&Call> = self.all.iter().filter(|call| call.is_withheld() && of(call.item)).collect();
        withheld.sort_by_key(|call| (call.item, call.index));
        let reason = |call: &Call| match &call.state {
            State::Withheld(reason) => reason.clone(),
            _ => Value::Null,
        };
        withheld.into_iter().map(reason).collect()
    }

    /// Whether these items had calls and none is left.
    pub(crate) fn all_withheld(&self, of: impl Fn(u64) -> bool) -> bool {
        let mut calls = self.all.iter().filter(|call| of(call.item)).peekable();
        calls.peek().is_some() && calls.all(Call::is_withheld)
    }

    /// Whether a call does not go out.
    pub(crate) fn is_withheld(&self, item: u64, index: u64) -> bool {
        self.all.iter().any(|call| call.item == item && call.index == index && call.is_withheld())
    }

    /// How many items before this one are calls that do not go out.
    pub(crate) fn items_before(&self, item: u64) -> u64 {
        self.all.iter().filter(|call| call.item < item && call.is_withheld()).count() as u64
    }

    /// The indexes of an item's calls, in order.
    pub(crate) fn indexes(&self, item: u64) -> Vec<u64> {
        let mut indexes: Vec<u64> =
            self.all.iter().filter(|call| call.item == item && !call.is_withheld()).map(|call| call.index).collect();
        indexes.sort_unstable();
        indexes
    }

    /// What is to stand at this place instead, as JSON; `None` if it stays.
    pub(super) fn rewritten(&mut self, place: &Arguments) -> Option<String> {
        match self.all.get_mut(place.call).map(|call| &mut call.state) {
            Some(State::Edited { arguments, written }) => {
                let first = place.copy || !std::mem::replace(written, true);
                Some(match (first, place.written) {
                    (true, Written::Json) => arguments.clone(),
                    (true, _) => encoded(arguments),
                    (false, _) => encoded(""),
                })
            }
            _ => None,
        }
    }
}

impl Call {
    fn is_withheld(&self) -> bool {
        matches!(self.state, State::Withheld(_))
    }

    /// The call with these arguments, or the code of why they cannot be read.
    fn read(&self, text: &str, limits: &AnswerLimits) -> Result<(Box<MappedDocument>, ToolCall), &'static str> {
        let name = self.name.clone().ok_or("missing_name")?;
        let mut builder = DocumentBuilder::new(limits.max_segments);
        let json = match self.written {
            Written::Free => Cow::Owned(encoded(text)),
            Written::Text | Written::Json => Cow::Borrowed(text),
        };
        // Some upstreams write nothing at all for a call without arguments.
        if !json.is_empty() {
            let tree = Tree::parse(json.as_bytes(), &limits.json).map_err(|error| error.code())?;
            // Numbers and booleans too, since amounts and switches decide what a call does.
            let read = each_scalar(tree.root(), &mut |leaf| {
                builder.push("assistant", leaf.kind(), None, leaf.node().pointer(), leaf.text(), Source::of(leaf))
            });
            read.map_err(DocumentError::code)?;
        }
        let mapped = builder.finish();
        let call = ToolCall {
            call_id: self.call_id.clone(),
            name,
            arguments: mapped.document().clone(),
            raw_arguments: text.to_owned(),
        };
        Ok((Box::new(mapped), call))
    }
}

/// Identity comes once. Clients differ on what a second one does (replace, append), so it must say the same.
fn once(known: &mut Option<String>, more: Option<&str>) -> Result<(), AnswerError> {
    match (known.as_deref(), more) {
        (_, None | Some("")) => Ok(()),
        (None, Some(more)) => {
            *known = Some(more.to_owned());
            Ok(())
        }
        (Some(known), Some(more)) if known == more => Ok(()),
        _ => Err(AnswerError::Protocol("a tool call changes its id or name")),
    }
}
