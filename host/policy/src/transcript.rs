//! What the plugins of one exchange were asked, word for word: enough, with the host's answers, to ask again.
//!
//! A verdict depends on the set, on the texts in the order and the pieces in which they were shown, on what the host knew of
//! the exchange, and on what it answered to the plugins. The first is named by its digest, the last stands in the ledger's
//! records; the rest is here. Nothing of it is in the ledger, where no text ever is.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use witgate_engine::{AttributedLabel, Claim, Context};
use witgate_wire::document::{Document, Segment, Span};

use crate::judge::{Facts, JudgeLimits};

/// A claim about the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Claimed {
    value: String,
    proven: bool,
}

impl Claimed {
    fn of(claim: &Claim) -> Self {
        Self { value: claim.value.clone(), proven: claim.proven }
    }

    fn claim(&self) -> Claim {
        Claim { value: self.value.clone(), proven: self.proven }
    }
}

/// A label that came from an earlier exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Inherited {
    source: String,
    key: String,
    value: String,
}

/// A segment of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Part {
    role: String,
    kind: String,
    name: Option<String>,
    pointer: String,
    start: u64,
    end: u64,
}

/// A document as it was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    text: String,
    parts: Vec<Part>,
}

impl Shown {
    fn of(document: &Document) -> Self {
        let part = |s: &Segment| Part {
            role: s.role.clone(),
            kind: s.kind.clone(),
            name: s.name.clone(),
            pointer: s.pointer.clone(),
            start: s.at.start,
            end: s.at.end,
        };
        Self { text: document.text.clone(), parts: document.segments.iter().map(part).collect() }
    }

    /// The document again.
    #[must_use]
    pub fn document(&self) -> Document {
        let segment = |p: &Part| Segment {
            role: p.role.clone(),
            kind: p.kind.clone(),
            name: p.name.clone(),
            pointer: p.pointer.clone(),
            at: Span::new(p.start, p.end),
        };
        Document { text: self.text.clone(), segments: self.parts.iter().map(segment).collect() }
    }
}

/// One question, to all plugins of its stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Admission.
    Admit(Shown),
    /// A channel begins; it is known by how many were opened before it.
    Open {
        /// The kind of its text.
        kind: String,
        /// The tool's name, where it is of one.
        name: Option<String>,
        /// Whether the caller's values come back in it.
        restores: bool,
    },
    /// More text of a channel.
    Push {
        /// Which.
        channel: u32,
        /// The piece.
        text: String,
    },
    /// A channel is over.
    Finish {
        /// Which.
        channel: u32,
    },
    /// Commitment of a call.
    Commit {
        /// The tool.
        tool: String,
        /// Its arguments.
        arguments: Shown,
    },
}

impl Question {
    fn bytes(&self) -> usize {
        // What a question costs besides its text, about.
        const FRAME: usize = 16;
        let shown = |shown: &Shown| {
            shown.text.len() + shown.parts.iter().map(|p| FRAME + p.kind.len() + p.pointer.len()).sum::<usize>()
        };
        FRAME
            + match self {
                Self::Admit(document) => shown(document),
                Self::Open { kind, name, .. } => kind.len() + name.as_ref().map_or(0, String::len),
                Self::Push { text, .. } => text.len(),
                Self::Finish { .. } => 0,
                Self::Commit { tool, arguments } => tool.len() + shown(arguments),
            }
    }
}

/// All questions of one exchange, and what the host knew of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    exchange: String,
    tenant: String,
    principal: Claimed,
    owner: Option<Claimed>,
    clearance: Option<Claimed>,
    classification: Option<Claimed>,
    intent: Option<Claimed>,
    dialect: String,
    model: Option<String>,
    /// Absent in what was kept before exchanges could name earlier ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    inherited: Vec<Inherited>,
    held_bytes: u64,
    channels: u64,
    labels: u64,
    questions: Vec<Question>,
    /// Whether every question is here.
    complete: bool,
}

impl Transcript {
    pub(crate) fn of(ctx: &Context, limits: JudgeLimits) -> Self {
        let claimed = |claim: &Option<Claim>| claim.as_ref().map(Claimed::of);
        Self {
            exchange: ctx.exchange.clone(),
            tenant: ctx.tenant.clone(),
            principal: Claimed::of(&ctx.principal),
            owner: claimed(&ctx.owner),
            clearance: claimed(&ctx.clearance),
            classification: claimed(&ctx.classification),
            intent: claimed(&ctx.intent),
            dialect: ctx.dialect.clone(),
            model: ctx.model.clone(),
            inherited: ctx.labels.iter().map(inherited).collect(),
            held_bytes: limits.held_bytes as u64,
            channels: limits.channels as u64,
            labels: limits.labels as u64,
            questions: vec![],
            complete: true,
        }
    }

    /// The exchange.
    #[must_use]
    pub fn exchange(&self) -> &str {
        &self.exchange
    }

    /// The questions, in the order in which they were asked.
    #[must_use]
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }

    /// Whether every question is here: one that would have taken more room than there was is not, nor any after it.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// What the host knew.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let claim = |claimed: &Option<Claimed>| claimed.as_ref().map(Claimed::claim);
        Facts {
            exchange: self.exchange.clone(),
            tenant: self.tenant.clone(),
            principal: self.principal.claim(),
            owner: claim(&self.owner),
            clearance: claim(&self.clearance),
            classification: claim(&self.classification),
            intent: claim(&self.intent),
            dialect: self.dialect.clone(),
            model: self.model.clone(),
            inherited: self.inherited.iter().map(label).collect(),
        }
    }

    /// The bounds it had.
    #[must_use]
    pub fn limits(&self) -> JudgeLimits {
        let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        JudgeLimits { held_bytes: size(self.held_bytes), channels: size(self.channels), labels: size(self.labels) }
    }
}

fn inherited(label: &AttributedLabel) -> Inherited {
    let AttributedLabel { source, key, value } = label.clone();
    Inherited { source, key, value }
}

fn label(inherited: &Inherited) -> AttributedLabel {
    let Inherited { source, key, value } = inherited.clone();
    AttributedLabel { source, key, value }
}

/// A transcript being written, shared by whoever asks and whoever keeps it in the end.
#[derive(Debug, Clone)]
pub struct Stenographer {
    kept: Arc<Mutex<(Option<Transcript>, usize)>>,
}

impl Stenographer {
    /// Writes at most about `room` bytes.
    pub(crate) fn new(transcript: Transcript, room: usize) -> Self {
        Self { kept: Arc::new(Mutex::new((Some(transcript), room))) }
    }

    pub(crate) fn note(&self, question: impl FnOnce() -> Question) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (Some(transcript), room) = &mut *kept else { return };
        if !transcript.complete {
            return;
        }
        let question = question();
        match room.checked_sub(question.bytes()) {
            Some(left) => {
                *room = left;
                transcript.questions.push(question);
            }
            None => transcript.complete = false,
        }
    }

    pub(crate) fn admit(&self, document: &Document) {
        self.note(|| Question::Admit(Shown::of(document)));
    }

    pub(crate) fn commit(&self, tool: &str, arguments: &Document) {
        self.note(|| Question::Commit { tool: tool.to_owned(), arguments: Shown::of(arguments) });
    }

    /// What was written, once.
    #[must_use]
    pub fn take(&self) -> Option<Transcript> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).0.take()
    }
}

#[cfg(test)]
mod tests;
