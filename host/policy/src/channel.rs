//! Hold-back: how far a channel's text may go out.
//!
//! Every enforcing plugin answers how far it is done. The frontier is the least of these, pulled back to the beginning of
//! any cluster of edits or vault token that is still open, so that neither is ever cut in two. On a deny the frontier
//! stays where it was: nothing more of the channel leaves.

use witgate_engine::{Edit, Replacement, SessionId};
use witgate_wire::document::{Span, TextEdit};

use crate::merge;
use crate::opinion::Verdict;
use crate::vault::Vault;

/// A channel of one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChannelId(pub(crate) usize);

/// What may go out now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advance {
    /// Every byte of the channel before this absolute offset is decided.
    pub settled: u64,
    /// What to change between the last `settled` and this one; sorted, without overlap.
    pub edits: Vec<TextEdit>,
    /// Anything but allow ends the channel; `settled` did not move then.
    pub verdict: Verdict,
}

/// One plugin's part in a channel. `S` is its session; how far text may go does not depend on it.
#[derive(Debug)]
pub(crate) struct Party<S = SessionId> {
    pub(crate) member: usize,
    pub(crate) session: S,
    /// How far the plugin is done; `None` when it holds nothing back (monitor mode, or it faulted and may be skipped).
    pub(crate) settled: Option<u64>,
}

/// The text that has not gone out, and who says what about it.
#[derive(Debug)]
pub(crate) struct Channel<S = SessionId> {
    /// How many were opened before it in its exchange.
    pub(crate) number: u32,
    pub(crate) parties: Vec<Party<S>>,
    /// Whether tokens of the vault are put back here: in text for the client only. In a tool's arguments a value that
    /// comes back is an exfiltration, and nobody has judged it there.
    restores: bool,
    /// Text from `frontier` on.
    text: String,
    frontier: u64,
    /// Edits that plugins told, in the plugins' order, not yet gone out.
    pending: Vec<(usize, Edit)>,
}

impl<S> Channel<S> {
    pub(crate) fn new(parties: Vec<Party<S>>, restores: bool) -> Self {
        Self { number: 0, parties, restores, text: String::new(), frontier: 0, pending: vec![] }
    }

    pub(crate) fn append(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(crate) fn frontier(&self) -> u64 {
        self.frontier
    }

    pub(crate) fn end(&self) -> u64 {
        self.frontier + self.text.len() as u64
    }

    /// Bytes held back.
    pub(crate) fn held(&self) -> usize {
        self.text.len()
    }

    /// Takes an enforcing plugin's edits.
    pub(crate) fn tell(&mut self, member: usize, edits: Vec<Edit>) {
        self.pending.extend(edits.into_iter().map(|e| (member, e)));
    }

    /// Whether an absolute span is on character boundaries of what is held. The engine has checked its range.
    pub(crate) fn on_boundaries(&self, span: Span) -> bool {
        let at = |offset: u64| {
            // Nobody waits for a plugin that only watches: of what has gone out by then nothing is known, and nothing changed.
            offset
                .checked_sub(self.frontier)
                .is_none_or(|offset| usize::try_from(offset).is_ok_and(|offset| self.text.is_char_boundary(offset)))
        };
        at(span.start) && at(span.end)
    }

    /// Moves the frontier as far as everybody is done. `over` when no more text will come.
    pub(crate) fn advance(&mut self, vault: &mut Vault, over: bool) -> (u64, Vec<TextEdit>) {
        let mut to = self.parties.iter().filter_map(|p| p.settled).min().unwrap_or(u64::MAX).min(self.end());
        let (restored, open) = match self.restores {
            true => vault.restore(&self.text, self.frontier),
            false => (vec![], self.end()),
        };
        if !over {
            to = to.min(open);
        }
        self.pending.sort_by_key(|(member, e)| (*member, e.at.start));
        let cuts = merge::clusters(self.pending.iter().map(|(_, e)| e.clone()));
        // Neither a cluster nor a token that reaches over the frontier is cut in two. Each step can only pull it back.
        let spans = || {
            let restored = restored.iter().map(|e| (e.at.start, e.at.end));
            cuts.iter().map(|c| (c.start, c.end)).chain(restored)
        };
        while let Some((start, _)) = spans().find(|(start, end)| *start < to && to < *end) {
            to = start;
        }
        let to = to.max(self.frontier);
        let mut edits: Vec<TextEdit> = Vec::new();
        for cut in cuts.into_iter().filter(|c| c.end <= to) {
            let at = Span::new(cut.start, cut.end);
            let text = match cut.replacement {
                Replacement::Text(text) => text,
                Replacement::Token(kind) => {
                    let value = self.slice(at).to_owned();
                    vault.one_way(&kind, &value)
                }
            };
            edits.push(TextEdit { at, text });
        }
        let free = |e: &TextEdit| !edits.iter().any(|c| c.at.start < e.at.end && e.at.start < c.at.end);
        let restored: Vec<TextEdit> = restored.into_iter().filter(|e| e.at.end <= to && free(e)).collect();
        vault.gone_out(restored.iter().map(|e| e.text.len()).sum());
        edits.extend(restored);
        edits.sort_by_key(|e| (e.at.start, e.at.end));
        self.pending.retain(|(_, e)| e.at.end > to);
        let gone = usize::try_from(to - self.frontier).unwrap_or(usize::MAX).min(self.text.len());
        self.text.drain(..gone);
        self.frontier = to;
        (to, edits)
    }

    fn slice(&self, at: Span) -> &str {
        let from = |o: u64| o.checked_sub(self.frontier).and_then(|o| usize::try_from(o).ok());
        let range = from(at.start).zip(from(at.end));
        range.and_then(|(start, end)| self.text.get(start..end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
