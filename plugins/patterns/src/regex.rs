//! One regex as two automata: one finds where a match ends, the other, backwards, where it begins.
//!
//! A search begins where the automaton leaves rest (no match is on its way) and reads on until it rests again, until the
//! leftmost match is decided, or until `2 * max_bytes` were read. So a match of up to `max_bytes` is found wherever it
//! begins, time is linear, and what is found depends on the text alone, never on where a piece of it ends.

use std::fmt;
use std::ops::Range;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::Hir;

/// Bytes of one automaton, and of what it takes to make it.
const MAX_TABLE: usize = 256 << 10;
const MAX_WORK: usize = 2 << 20;

/// A regex.
pub(crate) struct Regex {
    forward: dense::DFA<Vec<u32>>,
    backward: dense::DFA<Vec<u32>>,
    max_bytes: usize,
}

/// What a search came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// A match.
    Found(Range<usize>),
    /// None that begins before this place.
    Nothing(usize),
    /// More text must tell.
    Open,
}

/// Without the tables, which fill pages.
impl fmt::Debug for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Regex").field("max_bytes", &self.max_bytes).finish_non_exhaustive()
    }
}

impl Regex {
    pub(crate) fn new(hir: &Hir, max_bytes: usize) -> Result<Self, String> {
        let table = |reverse: bool| -> Result<dense::DFA<Vec<u32>>, String> {
            let config = thompson::Config::new()
                .reverse(reverse)
                .nfa_size_limit(Some(MAX_WORK))
                .which_captures(thompson::WhichCaptures::None);
            let nfa = thompson::Compiler::new().configure(config).build_from_hir(hir).map_err(|_| too_large())?;
            let (kind, start) = match reverse {
                false => (MatchKind::LeftmostFirst, StartKind::Unanchored),
                true => (MatchKind::All, StartKind::Anchored),
            };
            let config = dense::Config::new()
                .match_kind(kind)
                .start_kind(start)
                .accelerate(false)
                // Not for its size: so that the state in which nothing is on its way is one, and known for what it is.
                .minimize(!reverse)
                .specialize_start_states(true)
                .dfa_size_limit(Some(MAX_TABLE))
                .determinize_size_limit(Some(MAX_WORK));
            dense::Builder::new().configure(config).build_from_nfa(&nfa).map_err(|_| too_large())
        };
        Ok(Self { forward: table(false)?, backward: table(true)?, max_bytes })
    }

    /// Bytes of its tables.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        self.forward.memory_usage() + self.backward.memory_usage()
    }

    /// For each byte whether a match may begin with it, and for each whether it may come second.
    pub(crate) fn begins(&self) -> ([bool; 256], [bool; 256]) {
        let (mut first, mut second) = ([false; 256], [false; 256]);
        let starts: Vec<_> = [None, Some(b'\n'), Some(b'\r'), Some(b'a'), Some(b' ')]
            .into_iter()
            .filter_map(|before| self.start(before))
            .collect();
        let live = |id| !self.forward.is_start_state(id) && !self.forward.is_dead_state(id);
        for (one, is_first) in (0..=u8::MAX).zip(&mut first) {
            for start in &starts {
                let after = self.forward.next_state(*start, one);
                if live(after) {
                    *is_first = true;
                    for (two, is_second) in (0..=u8::MAX).zip(&mut second) {
                        *is_second |= live(self.forward.next_state(after, two));
                    }
                }
            }
        }
        (first, second)
    }

    fn start(&self, before: Option<u8>) -> Option<StateID> {
        self.forward.start_state(&start::Config::new().look_behind(before).anchored(Anchored::No)).ok()
    }

    /// Searches from `from` on, where nothing is on its way.
    pub(crate) fn search(&self, text: &str, from: usize, complete: bool) -> Search {
        let bytes = text.as_bytes();
        let before = from.checked_sub(1).and_then(|at| bytes.get(at)).copied();
        let Some(mut state) = self.start(before) else {
            return Search::Nothing(text.len());
        };
        let limit = from.saturating_add(self.max_bytes.saturating_mul(2));
        let mut end = None;
        let mut at = from;
        // A match is told one byte late, so the byte behind the last one is read as well.
        while at <= limit {
            let Some(byte) = bytes.get(at) else { break };
            state = self.forward.next_state(state, *byte);
            if self.forward.is_special_state(state) {
                if self.forward.is_match_state(state) {
                    end = Some(at);
                } else if self.forward.is_dead_state(state) {
                    return self.found(text, from, end).unwrap_or(Search::Nothing(at + 1));
                } else if self.forward.is_start_state(state) {
                    return Search::Nothing(at + 1);
                }
            }
            at += 1;
        }
        if at <= limit {
            if !complete {
                // Where nothing can make it longer any more, the match is decided.
                return self.found(text, from, end.filter(|_| self.is_over(state))).unwrap_or(Search::Open);
            }
            if self.forward.is_match_state(self.forward.next_eoi_state(state)) {
                end = Some(at);
            }
            return self.found(text, from, end).unwrap_or(Search::Nothing(text.len()));
        }
        self.found(text, from, end).unwrap_or(Search::Nothing(from + self.max_bytes))
    }

    /// Whether nothing that follows changes what was found.
    fn is_over(&self, state: StateID) -> bool {
        let dead = |state| self.forward.is_dead_state(state);
        (0..=u8::MAX).all(|byte| dead(self.forward.next_state(state, byte))) && dead(self.forward.next_eoi_state(state))
    }

    /// The match that ends there.
    fn found(&self, text: &str, from: usize, end: Option<usize>) -> Option<Search> {
        let end = end?;
        let input = Input::new(text).range(from..end).anchored(Anchored::Yes);
        let start = self.backward.try_search_rev(&input).ok().flatten().map_or(from, |half| half.offset());
        Some(Search::Found(start..end))
    }
}

fn too_large() -> String {
    format!(
        "it needs more than {} KiB of tables; write `+` for a count such as `{{1,40}}` (`max_bytes` bounds a match anyway), or make it shorter",
        MAX_TABLE >> 10
    )
}

#[cfg(test)]
mod tests;
