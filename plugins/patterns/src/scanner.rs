//! All patterns over one text, whole or as it comes.

use std::ops::Range;

use crate::config::{Direction, Role};
use crate::finder::{Finder, Places, Reading};
use crate::pattern::{Except, Pattern, Wanted};
use crate::view::{REACH, View};
use crate::words::{Mask, Words};

/// Bytes before a place that may decide what begins there, exceptions aside.
const BEFORE: usize = 8;
/// Bytes behind an exception that tell whether its last word ends.
const AFTER: usize = 4;

/// What all patterns look for.
#[derive(Debug)]
pub(crate) struct Scanner {
    pub(crate) patterns: Vec<Pattern>,
    plain: Finder,
    folded: Finder,
}

/// A match of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) pattern: usize,
    /// Absolute offsets.
    pub(crate) at: Range<u64>,
}

/// From where on is still to be looked.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    plain: Places,
    folded: Places,
}

/// A text, or what is kept of one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) text: &'a str,
    /// Where it begins in the channel.
    pub(crate) base: u64,
    /// Whether the text ends here.
    pub(crate) complete: bool,
}

impl Scanner {
    /// Of checked patterns, at most 64.
    pub(crate) fn new(patterns: Vec<(Pattern, Wanted)>) -> Self {
        let mut words = [vec![], vec![]];
        let mut regexes = [vec![], vec![]];
        let mut kept = vec![];
        for (i, (pattern, wanted)) in patterns.into_iter().enumerate() {
            let side = usize::from(pattern.fold);
            match (wanted, words.get_mut(side), regexes.get_mut(side)) {
                (Wanted::Words(new), Some(words), _) => words.extend(new.into_iter().map(|word| (word, 1 << i))),
                (Wanted::Regex(regex), _, Some(regexes)) => regexes.push((i, *regex)),
                _ => {}
            }
            kept.push(pattern);
        }
        let [plain, folded] = words.map(Words::new);
        let [plain_regexes, folded_regexes] = regexes;
        let plain = Finder::new(plain, plain_regexes);
        let folded = Finder::new(folded, folded_regexes);
        Self { patterns: kept, plain, folded }
    }

    /// The patterns that are looked for there.
    pub(crate) fn active(&self, direction: Direction, role: Option<Role>) -> Mask {
        self.those(|pattern| pattern.reads(direction, role))
    }

    fn those(&self, are: impl Fn(&Pattern) -> bool) -> Mask {
        self.patterns.iter().enumerate().filter(|(_, pattern)| are(pattern)).fold(0, |mask, (i, _)| mask | 1 << i)
    }

    /// The beginning of a text that begins at `base`.
    pub(crate) fn begin(&self, base: u64) -> Progress {
        Progress { plain: self.plain.places(base), folded: self.folded.places(base) }
    }

    /// How many bytes before what is open must be kept.
    pub(crate) fn context(&self) -> usize {
        let within = self.patterns.iter().filter_map(|p| p.except.as_ref()).map(|e| e.within).max().unwrap_or(0);
        let reach = if self.folded.is_empty() { 1 } else { REACH };
        (within + BEFORE) * reach
    }

    /// Tells every match of `active` patterns that was not told before and is decided; some more than once. Answers up to
    /// where there are no more.
    pub(crate) fn scan(
        &self,
        part: Part<'_>,
        progress: &mut Progress,
        active: Mask,
        found: &mut dyn FnMut(Hit),
    ) -> u64 {
        let mut frontier = part.base + part.text.len() as u64;
        for (folded, finder) in [(false, &self.plain), (true, &self.folded)] {
            let active = active & self.those(|pattern| pattern.fold == folded);
            if finder.is_empty() || active == 0 {
                continue;
            }
            let view = if folded { View::folded(part.text) } else { View::Plain(part.text) };
            let reading = Reading { view: &view, base: part.base, complete: part.complete };
            let places = if folded { &mut progress.folded } else { &mut progress.plain };
            let mut cache = vec![];
            let to = finder.scan(&reading, places, active, &mut |pattern, at| {
                match self.excepted(pattern, &view, &at, part.complete, &mut cache) {
                    None => return false,
                    Some(true) => {}
                    Some(false) => {
                        let at = view.original(at);
                        found(Hit { pattern, at: part.base + at.start as u64..part.base + at.end as u64 });
                    }
                }
                true
            });
            frontier = frontier.min(to);
        }
        frontier
    }

    /// Whether words beside a match make it fine; none where more text must tell. `cache` keeps where such words stand.
    fn excepted(
        &self,
        pattern: usize,
        view: &View<'_>,
        at: &Range<usize>,
        complete: bool,
        cache: &mut Vec<Option<Vec<Range<usize>>>>,
    ) -> Option<bool> {
        let Some(Except { words, within }) = self.patterns.get(pattern).and_then(|p| p.except.as_ref()) else {
            return Some(false);
        };
        let text = view.text();
        let (from, to) = (at.start.saturating_sub(*within), at.end + within);
        cache.resize(self.patterns.len(), None);
        let stand = cache.get_mut(pattern)?.get_or_insert_with(|| {
            let mut all = vec![];
            words.scan(text, 0, true, 1, &mut |_, start, end| all.push(start..end));
            all
        });
        let first = stand.partition_point(|word| word.start < from);
        let beside = stand.get(first..).unwrap_or_default().iter().take_while(|word| word.start < to);
        // A word is sure once the character behind it is there.
        let sure = |word: &&Range<usize>| word.end <= to && (complete || word.end + AFTER <= text.len());
        if beside.clone().any(|word| sure(&word)) {
            return Some(true);
        }
        (complete || to + AFTER <= text.len()).then_some(false)
    }
}
