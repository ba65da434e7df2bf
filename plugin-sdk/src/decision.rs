//! Building decisions.

use crate::{Decision, Denial, Edit, Escalation, Fault, Finding, Label, Replacement, Segment, Span, Step, Verdict};

impl Decision {
    /// Nothing to object to, nothing to change.
    pub fn allow() -> Self {
        Self { verdict: Verdict::Allow, edits: vec![], findings: vec![], labels: vec![] }
    }

    /// Refused. `code` is for machines and records, `message` for the caller; neither quotes the text.
    pub fn deny(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { verdict: Verdict::Deny(Denial { code: code.into(), message: message.into() }), ..Self::allow() }
    }

    /// A person must agree. Needs the grant `escalate`.
    pub fn escalate(queue: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Escalate(Escalation { queue: queue.into(), code: code.into(), message: message.into() }),
            ..Self::allow()
        }
    }

    /// Adds a finding.
    #[must_use]
    pub fn with_finding(mut self, code: impl Into<String>, at: Option<Span>, confidence: u8) -> Self {
        self.findings.push(Finding { code: code.into(), at, confidence, detail: String::new() });
        self
    }

    /// Adds an edit. Needs the grant `edit`.
    #[must_use]
    pub fn with_edit(mut self, at: Span, replacement: Replacement) -> Self {
        self.edits.push(Edit { at, replacement });
        self
    }

    /// Adds a label that later stages can read.
    #[must_use]
    pub fn with_label(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.push(Label { key: key.into(), value: value.into() });
        self
    }
}

impl Step {
    /// Everything before `settled` is decided and nothing is to be said about it.
    pub fn settled(settled: u64) -> Self {
        Self { settled, decision: Decision::allow() }
    }
}

impl Fault {
    /// "Could not decide", with a stable code.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}

impl Span {
    /// From a range of `usize` offsets.
    pub fn from_range(range: std::ops::Range<usize>) -> Self {
        Self { start: range.start as u64, end: range.end as u64 }
    }

    /// As a range in memory; what cannot be addressed becomes the largest offset, which no text has.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        let offset = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
        offset(self.start)..offset(self.end)
    }
}

impl Segment {
    /// The segment's text within its document, or an empty text where the span does not fit.
    pub fn text<'a>(&self, document: &'a crate::Document) -> &'a str {
        document.text.get(self.at.range()).unwrap_or_default()
    }
}
