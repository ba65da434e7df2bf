//! Decides on what an answer tells, at once or late.

use std::collections::BTreeMap;

use serde_json::json;
use witgate_wire::answer::{Answer, AnswerError, CallId, CallOutcome, ChannelId, Event, FieldsId};
use witgate_wire::document::TextEdit;

use super::without_ours;
use crate::control::Control;

/// What is decided on texts and calls.
pub(super) struct Decisions {
    /// Puts `#` where each piece of text stands.
    mask: bool,
    withhold: bool,
    /// Whether a call was withheld, because it had to be or was meant to.
    pub(super) withheld: bool,
}

impl Decisions {
    pub(super) fn pass() -> Self {
        Self { mask: false, withhold: false, withheld: false }
    }

    pub(super) fn mask() -> Self {
        Self { mask: true, ..Self::pass() }
    }

    pub(super) fn withhold() -> Self {
        Self { withhold: true, ..Self::pass() }
    }
}

/// A text as far as it has come and is decided, and where its pieces end.
#[derive(Default)]
struct Text {
    settled: u64,
    pieces: Vec<u64>,
}

impl Text {
    fn come(&self) -> u64 {
        self.pieces.last().copied().unwrap_or_default()
    }
}

/// An answer, what it told, what of that waits, and what left.
pub(super) struct Driver {
    pub(super) answer: Answer,
    pub(super) events: Vec<Event>,
    pub(super) out: Vec<u8>,
    texts: BTreeMap<ChannelId, Text>,
    fields: Vec<FieldsId>,
    /// With whether the call can be read.
    calls: Vec<(CallId, bool)>,
    decided_fields: usize,
    decided_calls: usize,
    /// A call was withheld, and with it what vendors added to it.
    withheld: bool,
}

impl Driver {
    pub(super) fn new(answer: Answer) -> Self {
        Self {
            answer,
            events: Vec::new(),
            out: Vec::new(),
            texts: BTreeMap::new(),
            fields: Vec::new(),
            calls: Vec::new(),
            decided_fields: 0,
            decided_calls: 0,
            withheld: false,
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), AnswerError> {
        let fed = self.answer.feed(bytes);
        self.take_events();
        fed
    }

    pub(super) fn take_events(&mut self) {
        while let Some(event) = self.answer.next_event() {
            match &event {
                Event::Text { channel, text } => {
                    assert!(!text.is_empty() && text.len() <= 64 << 10);
                    let known = self.texts.entry(*channel).or_default();
                    known.pieces.push(known.come() + text.len() as u64);
                }
                Event::Fields { id, .. } => self.fields.push(*id),
                Event::ToolCall { id, .. } => self.calls.push((*id, true)),
                Event::UnreadableCall { id, .. } => self.calls.push((*id, false)),
                _ => {}
            }
            self.events.push(event);
        }
    }

    /// Decides on all that waits, and takes what may leave.
    pub(super) fn decide_all(&mut self, decisions: &mut Decisions) {
        for (id, text) in &mut self.texts {
            let mut edits = Vec::new();
            let mut start = text.settled;
            for end in text.pieces.iter().copied().filter(|end| decisions.mask && *end > text.settled) {
                edits.push(TextEdit::new(start, end, "#"));
                start = end;
            }
            match self.answer.settle(*id, text.come(), &edits) {
                // Nothing of it is decided then.
                Err(error) if error.code() == "edit_of_signed" => holds(self.answer.settle(*id, text.come(), &[])),
                settled => holds(settled),
            }
            text.settled = text.come();
        }
        for id in self.fields.drain(..) {
            holds(self.answer.settle_fields(id, &[]));
            self.decided_fields += 1;
        }
        for (id, readable) in std::mem::take(&mut self.calls) {
            decisions.withheld |= !readable || decisions.withhold;
            self.resolve(id, readable && !decisions.withhold);
        }
        self.take();
    }

    /// Decides on some of what waits, and takes what may leave. Decisions that do not hold are tried, too.
    pub(super) fn decide_some(&mut self, control: &mut Control<'_>) {
        for (id, text) in &mut self.texts {
            let more = usize::try_from(text.come() - text.settled).unwrap_or(usize::MAX);
            assert!(self.answer.settle(*id, text.come() + 1, &[]).is_err(), "settled beyond what came");
            let beyond = TextEdit::new(text.settled, text.come() + 1, "#");
            assert!(self.answer.settle(*id, text.come(), &[beyond]).is_err(), "edited beyond what came");
            // Inside a character, it counts as its start: the next may begin there again.
            text.settled += (control.next() % more.saturating_add(1)) as u64;
            holds(self.answer.settle(*id, text.settled, &[]));
        }
        if !self.fields.is_empty() && control.flag() {
            let id = self.fields.remove(control.next() % self.fields.len());
            holds(self.answer.settle_fields(id, &[]));
            assert!(self.answer.settle_fields(id, &[]).is_err(), "fields were settled twice");
            self.decided_fields += 1;
        }
        if !self.calls.is_empty() && control.flag() {
            let (id, readable) = self.calls.remove(control.next() % self.calls.len());
            let release = CallOutcome::Release { edits: Vec::new() };
            assert!(readable || self.answer.resolve_call(id, release).is_err(), "an unreadable call was released");
            self.resolve(id, readable);
        }
        self.take();
    }

    fn resolve(&mut self, id: CallId, release: bool) {
        let outcome = if release {
            CallOutcome::Release { edits: Vec::new() }
        } else {
            CallOutcome::Withhold { reason: json!({ "code": "x" }) }
        };
        self.withheld |= !release;
        holds(self.answer.resolve_call(id, outcome));
        self.decided_calls += 1;
    }

    fn take(&mut self) {
        let out = self.answer.take_output();
        self.out.extend(out);
        assert!(self.answer.take_output().is_empty(), "what may leave leaves at once");
    }
}

fn holds(decision: Result<(), AnswerError>) {
    if let Err(error) = decision {
        panic!("a decision that holds was refused: {error}");
    }
}

/// Reads what left, as it leaves.
pub(super) struct Client {
    driver: Driver,
    seen: usize,
    added: bool,
    over: bool,
}

impl Client {
    pub(super) fn new(answer: Answer) -> Self {
        Self { driver: Driver::new(answer), seen: 0, added: false, over: false }
    }

    /// Takes what is new of `gate`'s output: there is no more in it than was decided.
    pub(super) fn sees(&mut self, gate: &Driver) {
        if !self.over && gate.out.len() > self.seen {
            let new = without_ours(&gate.out[self.seen..]);
            // What the gate adds is a field that nobody decides on.
            self.added |= new != gate.out[self.seen..];
            self.over = self.driver.feed(&new).is_err();
            self.seen = gate.out.len();
        }
        for (id, text) in &self.driver.texts {
            let settled = gate.texts.get(id).map_or(0, |text| text.settled);
            // What the gate adds is read as texts of its own, and what it takes out as none, which shifts the numbers of
            // those that follow.
            let known = self.added || gate.withheld || text.come() <= settled;
            assert!(known, "{} bytes of a text left, {settled} were settled", text.come());
        }
        assert!(self.added || self.driver.fields.len() <= gate.decided_fields, "fields left undecided");
        assert!(self.driver.calls.len() <= gate.decided_calls, "a call left undecided");
    }
}
