//! A guest's answer is never trusted: sizes, spans, grants.

use crate::contract::{Decision, Document, Replacement, Span, Step, Verdict};
use crate::{Fault, Grant, Grants, Limits};

impl AsRef<Decision> for Decision {
    fn as_ref(&self) -> &Decision {
        self
    }
}

impl AsRef<Decision> for Step {
    fn as_ref(&self) -> &Decision {
        &self.decision
    }
}

/// What holds for every decision: bounds, names, grants, edits in order without overlap.
pub(super) fn decision(decision: &Decision, grants: &Grants) -> Result<(), Fault> {
    let bad = |what| Err(Fault::BadOutput(what));
    if !decision.edits.is_empty() && !grants.has(Grant::Edit) {
        return Err(Fault::MissingGrant(Grant::Edit.name()));
    }
    match &decision.verdict {
        Verdict::Allow => {}
        Verdict::Deny(d) if name(&d.code) && text(&d.message) => {}
        Verdict::Deny(_) => return bad("a denial's code or message"),
        Verdict::Escalate(_) if !grants.has(Grant::Escalate) => {
            return Err(Fault::MissingGrant(Grant::Escalate.name()));
        }
        Verdict::Escalate(e) if name(&e.code) && name(&e.queue) && text(&e.message) => {}
        Verdict::Escalate(_) => return bad("an escalation's queue, code or message"),
    }
    if decision.edits.len() > Limits::EDITS {
        return bad("too many edits");
    }
    if decision.findings.len() > Limits::FINDINGS {
        return bad("too many findings");
    }
    if decision.labels.len() > Limits::LABELS {
        return bad("too many labels");
    }
    if !decision.findings.iter().all(|f| name(&f.code) && f.confidence <= 100 && text(&f.detail)) {
        return bad("a finding's code, confidence or detail");
    }
    if !decision.labels.iter().all(|l| name(&l.key) && l.value.len() <= Limits::TEXT_BYTES) {
        return bad("a label's key or value");
    }
    edits(decision)
}

fn edits(decision: &Decision) -> Result<(), Fault> {
    let mut bytes = 0_usize;
    let mut end = 0;
    let mut order: Vec<Span> = decision.edits.iter().map(|e| e.at).collect();
    order.sort_by_key(|s| (s.start, s.end));
    for span in order {
        if span.start > span.end || span.start < end {
            return Err(Fault::BadOutput("edits that overlap or run backwards"));
        }
        end = span.end;
    }
    for edit in &decision.edits {
        let fits = match &edit.replacement {
            Replacement::Text(text) => {
                bytes = bytes.saturating_add(text.len());
                bytes <= Limits::REPLACEMENT_BYTES
            }
            Replacement::Token(kind) => {
                let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
                (1..=24).contains(&kind.len()) && kind.bytes().all(legal)
            }
        };
        if !fits {
            return Err(Fault::BadOutput("a replacement's size or kind"));
        }
    }
    Ok(())
}

fn name(name: &str) -> bool {
    let legal = |b: u8| b.is_ascii_graphic();
    (1..=Limits::NAME_BYTES).contains(&name.len()) && name.bytes().all(legal)
}

fn text(text: &str) -> bool {
    text.len() <= Limits::TEXT_BYTES
}

/// Every edit lies inside one segment, on character boundaries; every finding inside the text.
pub(super) fn in_segments(decision: &Decision, document: &Document) -> Result<(), &'static str> {
    for edit in &decision.edits {
        if !on_boundaries(&document.text, edit.at) {
            return Err("an edit out of range or off a character boundary");
        }
        // Segments come in order, so the one that could hold the edit is the last that begins before it.
        let after = document.segments.partition_point(|s| s.at.start <= edit.at.start);
        let holds = after.checked_sub(1).and_then(|i| document.segments.get(i));
        if holds.is_none_or(|s| edit.at.end > s.at.end) {
            return Err("an edit outside any one segment");
        }
    }
    let inside = |s: Span| on_boundaries(&document.text, s);
    match decision.findings.iter().filter_map(|f| f.at).all(inside) {
        true => Ok(()),
        false => Err("a finding out of range or off a character boundary"),
    }
}

/// The frontier moves on only, within what was pushed; edits lie between the last one and this one.
pub(super) fn step(step: &Step, before: u64, pushed: u64, finished: bool) -> Result<(), &'static str> {
    let ended = !matches!(step.decision.verdict, Verdict::Allow);
    if step.settled < before {
        return Err("settled moved back");
    }
    if step.settled > pushed {
        return Err("settled passed what was pushed");
    }
    if finished && step.settled != pushed && !ended {
        return Err("finish left text unsettled");
    }
    let between = |s: Span| before <= s.start && s.start <= s.end && s.end <= step.settled;
    if !step.decision.edits.iter().all(|e| between(e.at)) {
        return Err("an edit outside what was newly settled");
    }
    let seen = |s: Span| s.start <= s.end && s.end <= pushed;
    if !step.decision.findings.iter().filter_map(|f| f.at).all(seen) {
        return Err("a finding beyond what was pushed");
    }
    Ok(())
}

fn on_boundaries(text: &str, span: Span) -> bool {
    let (Ok(start), Ok(end)) = (usize::try_from(span.start), usize::try_from(span.end)) else {
        return false;
    };
    start <= end && text.is_char_boundary(start) && text.is_char_boundary(end)
}
