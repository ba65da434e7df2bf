//! A session that says `settled` right.

use std::ops::Range;

use crate::{Decision, Fault, Session, Span, Step, Verdict};

/// What one decision may have ([the contract](crate::Decision)). Findings beyond it are left out; edits wait for the next
/// step.
const MAX_EDITS: usize = 4096;
const MAX_FINDINGS: usize = 1024;

/// A match in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit<K> {
    /// What it is.
    pub kind: K,
    /// Where, in bytes; on character boundaries.
    pub at: Range<usize>,
}

/// Finds matches in a text that may still grow.
///
/// [`Matcher`](super::Matcher), [`Window`](super::Window) (a closure) and [`Normalised`](super::Normalised) are scanners.
/// One of your own keeps two rules, and [`testing::pieces_agree`](crate::testing::pieces_agree) shows whether it does:
///
/// 1. What it says of a place never changes when more text comes: it stops (and answers where) before the first place that
///    more text could change.
/// 2. It looks back no further than [`context`](Self::context).
pub trait Scan {
    /// What tells one match from another.
    type Kind;

    /// Tells `found` every match that begins at or after `from`, in order and without overlap. Answers how far everything
    /// is decided: no match that is still to come begins before. That is the end of the text, or the beginning of the first
    /// thing that more text may complete. Where the text is `complete`, nothing is left open.
    fn scan(&self, text: &str, from: usize, complete: bool, found: &mut dyn FnMut(Hit<Self::Kind>)) -> usize;

    /// How many bytes before a place may decide what begins there.
    fn context(&self) -> usize {
        8
    }
}

impl<S: Scan + ?Sized> Scan for &S {
    type Kind = S::Kind;

    fn scan(&self, text: &str, from: usize, complete: bool, found: &mut dyn FnMut(Hit<Self::Kind>)) -> usize {
        (**self).scan(text, from, complete, found)
    }

    fn context(&self) -> usize {
        (**self).context()
    }
}

/// Says what a match leads to: adds edits, findings and labels to the decision, or sets its verdict. `at` is the match as
/// absolute offsets in the channel. Closures and functions of these arguments are judges.
pub trait Judge<K> {
    /// Judges one match.
    fn judge(&mut self, hit: &Hit<K>, at: Span, decision: &mut Decision);
}

impl<K, F: FnMut(&Hit<K>, Span, &mut Decision)> Judge<K> for F {
    fn judge(&mut self, hit: &Hit<K>, at: Span, decision: &mut Decision) {
        self(hit, at, decision);
    }
}

/// A [`Session`] made of a scanner and a judge.
///
/// It keeps what the scanner has not decided, offers it again with the next piece, and settles the rest: never inside a
/// character, never back, never beyond what was pushed, and everything at the end. An edit is told in the step that settles
/// it. Of a scanner that keeps its rules, what comes out does not depend on where pieces end.
///
/// When the judge refuses or escalates, what was found before it in this step stays, edits go, and `settled` stays before
/// the match. The session reads on behind it, so that a policy that only watches (`mode: monitor`) sees the rest.
///
/// ```
/// use witgate_sdk::kit::{HoldBack, Matcher};
/// use witgate_sdk::{Decision, Edit, Replacement, Session};
///
/// let words = Matcher::words(["blue heron"]).unwrap();
/// let mut session = HoldBack::new(words, |_: &_, at, decision: &mut Decision| {
///     decision.edits.push(Edit { at, replacement: Replacement::Text("[withheld]".into()) });
/// });
/// assert_eq!(session.push("A blue her").unwrap().settled, 2);
/// let step = session.push("on flies").unwrap();
/// assert_eq!((step.settled, step.decision.edits.len()), (18, 1));
/// ```
#[derive(Debug)]
pub struct HoldBack<S, J> {
    scan: S,
    judge: J,
    /// The end of what is decided, as far as the scanner looks back, and all that is not.
    text: String,
    /// Where `text` begins in the channel.
    base: u64,
    /// How much of `text` is decided.
    decided: usize,
}

impl<S: Scan, J: Judge<S::Kind>> HoldBack<S, J> {
    /// A session at the beginning of a channel.
    #[must_use]
    pub fn new(scan: S, judge: J) -> Self {
        Self { scan, judge, text: String::new(), base: 0, decided: 0 }
    }

    /// Bytes that were pushed and are not settled.
    #[must_use]
    pub fn held(&self) -> usize {
        self.text.len() - self.decided
    }

    fn advance(&mut self, complete: bool) -> Step {
        let Self { scan, judge, text, base, decided } = self;
        let mut decision = Decision::allow();
        let mut refused: Option<Range<usize>> = None;
        let mut last = *decided;
        // Where the decision is full: the rest waits for the next step.
        let mut full: Option<usize> = None;
        let end = scan.scan(text, *decided, complete, &mut |hit| {
            // What breaks the rules is passed over rather than told to the host, which would call it a fault.
            if refused.is_some() || full.is_some() || hit.at.start < last || text.get(hit.at.clone()).is_none() {
                return;
            }
            if decision.edits.len() >= MAX_EDITS && !complete {
                full = Some(hit.at.start);
                return;
            }
            last = hit.at.end;
            let at = Span { start: *base + hit.at.start as u64, end: *base + hit.at.end as u64 };
            judge.judge(&hit, at, &mut decision);
            if !matches!(decision.verdict, Verdict::Allow) {
                refused = Some(hit.at);
            }
        });
        decision.findings.truncate(MAX_FINDINGS);
        let end = if complete { text.len() } else { text.floor_char_boundary(full.unwrap_or(end)) };
        let settled;
        match refused {
            Some(at) => {
                decision.edits.clear();
                settled = *base + at.start as u64;
                *decided = at.end;
            }
            None => {
                *decided = end.max(last);
                settled = *base + *decided as u64;
            }
        }
        self.forget();
        Step { settled, decision }
    }

    /// Drops what no later decision can look at.
    fn forget(&mut self) {
        let gone = self.text.floor_char_boundary(self.decided.saturating_sub(self.scan.context()));
        self.text.drain(..gone);
        self.base += gone as u64;
        self.decided -= gone;
    }
}

impl<S: Scan + 'static, J: Judge<S::Kind> + 'static> Session for HoldBack<S, J> {
    fn push(&mut self, text: &str) -> Result<Step, Fault> {
        self.text.push_str(text);
        Ok(self.advance(false))
    }

    fn finish(&mut self) -> Result<Step, Fault> {
        Ok(self.advance(true))
    }
}

#[cfg(test)]
mod tests;
