//! What a plugin said of a row, in all the stages that it was asked at.

use std::time::Duration;

use witgate_engine::{Decision, Edit, Finding, Replacement, Span, Verdict};

use super::spans::Marked;

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// A stage denied, escalated or edited.
    pub(super) acted: bool,
    /// There was a finding or a label.
    pub(super) noticed: bool,
    /// The highest confidence of a finding.
    pub(super) score: u8,
    /// Spans that the first stage acted on, in the row's text.
    pub(super) found: Vec<Marked>,
    /// A code for each question without an answer.
    pub(super) faults: Vec<&'static str>,
    /// How long each question took.
    pub(super) took: Vec<Duration>,
}

impl Told {
    /// Takes the answer to a question. `offset` is where the row's text began; the spans are taken of the `first` question.
    pub(super) fn take(&mut self, decision: &Decision, offset: usize, first: bool) {
        let refused = !matches!(decision.verdict, Verdict::Allow);
        self.acted |= refused || !decision.edits.is_empty();
        self.noticed |= !decision.findings.is_empty() || !decision.labels.is_empty();
        let highest = decision.findings.iter().map(|finding| finding.confidence).max();
        self.score = self.score.max(highest.unwrap_or(0));
        if !first {
            return;
        }
        let mut mark = |at: &Span, kind: &str| {
            let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).saturating_sub(offset);
            self.found.push(Marked { start: place(at.start), end: place(at.end), kind: kind.to_owned() });
        };
        for edit in &decision.edits {
            mark(&edit.at, kind(edit, &decision.findings));
        }
        // What is refused is not edited: the findings say why.
        if refused && decision.edits.is_empty() {
            for Finding { code, at, .. } in &decision.findings {
                if let Some(at) = at {
                    mark(at, code);
                }
            }
        }
    }
}

/// What an edit takes away: its token's kind, or the code of the finding that it lies nearest to; empty where there is none.
fn kind<'a>(edit: &'a Edit, findings: &'a [Finding]) -> &'a str {
    if let Replacement::Token(kind) = &edit.replacement {
        return kind;
    }
    let of = |fits: fn(&Span, &Span) -> bool| {
        findings.iter().find(|finding| finding.at.as_ref().is_some_and(|at| fits(at, &edit.at)))
    };
    let same = of(|at, edit| (at.start, at.end) == (edit.start, edit.end));
    let near = || of(|at, edit| at.start < edit.end && edit.start < at.end);
    same.or_else(near).map_or("", |finding| &finding.code)
}

#[cfg(test)]
mod tests {
    use witgate_engine::{Denial, Label};

    use super::*;

    fn decision() -> Decision {
        Decision { verdict: Verdict::Allow, edits: vec![], findings: vec![], labels: vec![] }
    }

    fn finding(code: &str, start: u64, end: u64, confidence: u8) -> Finding {
        Finding { code: code.to_owned(), at: Some(Span { start, end }), confidence, detail: String::new() }
    }

    fn edit(start: u64, end: u64, replacement: Replacement) -> Edit {
        Edit { at: Span { start, end }, replacement }
    }

    fn marked(start: usize, end: usize, kind: &str) -> Marked {
        Marked { start, end, kind: kind.to_owned() }
    }

    #[test]
    fn findings_and_labels_alone_are_noticed() {
        let mut told = Told::default();
        let label = Label { key: "k".to_owned(), value: "v".to_owned() };
        told.take(&Decision { labels: vec![label], ..decision() }, 0, true);
        assert_eq!((told.acted, told.noticed, told.score), (false, true, 0));
        told.take(&Decision { findings: vec![finding("a", 0, 1, 40), finding("b", 0, 1, 60)], ..decision() }, 0, false);
        told.take(&Decision { findings: vec![finding("a", 0, 1, 50)], ..decision() }, 0, false);
        assert_eq!((told.acted, told.score, told.found.len()), (false, 60, 0));
    }

    #[test]
    fn an_edit_is_what_its_token_or_its_finding_says() {
        let text = || Replacement::Text("x".to_owned());
        let edits = vec![
            edit(6, 10, Replacement::Token("card".to_owned())),
            edit(16, 20, text()),
            edit(26, 30, text()),
            edit(36, 40, text()),
        ];
        let findings = vec![finding("near", 25, 28, 10), finding("wide", 15, 21, 10), finding("same", 16, 20, 10)];
        let mut told = Told::default();
        told.take(&Decision { edits, findings, ..decision() }, 6, true);
        let wanted = [marked(0, 4, "card"), marked(10, 14, "same"), marked(20, 24, "near"), marked(30, 34, "")];
        assert_eq!((told.acted, told.found.as_slice()), (true, wanted.as_slice()));
    }

    #[test]
    fn a_refusal_points_with_its_findings() {
        let denial = Denial { code: "no".to_owned(), message: String::new() };
        let mut told = Told::default();
        told.take(
            &Decision { verdict: Verdict::Deny(denial), findings: vec![finding("ssn", 1, 5, 90)], ..decision() },
            0,
            true,
        );
        assert_eq!((told.acted, told.score, told.found.as_slice()), (true, 90, [marked(1, 5, "ssn")].as_slice()));
    }
}
