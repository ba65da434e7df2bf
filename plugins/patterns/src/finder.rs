//! All words and regexes that read a text in the same way, looked for in one pass.

use std::fmt;
use std::ops::Range;

use crate::regex::{Regex, Search};
use crate::view::View;
use crate::words::{Mask, Words};

/// The words and regexes.
pub(crate) struct Finder {
    words: Words,
    /// With the pattern that each belongs to.
    regexes: Vec<(usize, Regex)>,
    /// For each byte the patterns whose regex may match from it on, and those in which it may come second.
    first: Box<[Mask; 256]>,
    second: Box<[Mask; 256]>,
}

/// From where on each part has still to look. Absolute offsets.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    words: u64,
    regexes: Vec<u64>,
}

/// A text that a finder reads: all of it, or what is kept of a stream.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) view: &'a View<'a>,
    /// Where the text begins in the channel.
    pub(crate) base: u64,
    /// Whether it ends here.
    pub(crate) complete: bool,
}

/// What a match is offered to. Answers whether it is decided; if not, it will be offered again.
pub(crate) type Offer<'a> = dyn FnMut(usize, Range<usize>) -> bool + 'a;

/// Without the tables, which fill pages.
impl fmt::Debug for Finder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finder").field("regexes", &self.regexes).finish_non_exhaustive()
    }
}

impl Finder {
    pub(crate) fn new(words: Words, regexes: Vec<(usize, Regex)>) -> Self {
        let (mut first, mut second) = (Box::new([0; 256]), Box::new([0; 256]));
        for (pattern, regex) in &regexes {
            let (begins, goes_on) = regex.begins();
            let bit = 1 << pattern;
            for (masks, set) in [(&mut first, begins), (&mut second, goes_on)] {
                for (mask, is) in masks.iter_mut().zip(set) {
                    *mask |= if is { bit } else { 0 };
                }
            }
        }
        Self { words, regexes, first, second }
    }

    /// Whether it has nothing to look for.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty() && self.regexes.is_empty()
    }

    /// The beginning of a text that begins at `base`.
    pub(crate) fn places(&self, base: u64) -> Places {
        Places { words: base, regexes: vec![base; self.regexes.len()] }
    }

    /// Offers every match of `active` patterns that was not offered before and is decided. Answers up to where there are no
    /// more, as an absolute offset.
    pub(crate) fn scan(&self, reading: &Reading<'_>, places: &mut Places, active: Mask, offer: &mut Offer<'_>) -> u64 {
        let Reading { view, base, complete } = *reading;
        let text = view.text();
        let end = base + view.origin(text.len()) as u64;
        if self.is_empty() {
            return end;
        }
        let relative = |at: u64| view.place(usize::try_from(at.saturating_sub(base)).unwrap_or(usize::MAX));
        let absolute = |at: usize| base + view.origin(at) as u64;
        let mut undecided = None;
        let decided = self.words.scan(text, relative(places.words), complete, active, &mut |mask, start, end| {
            each(mask, |pattern| {
                if undecided.is_none() && !offer(pattern, start..end) {
                    undecided = Some(start);
                }
            });
        });
        places.words = absolute(undecided.unwrap_or(decided));
        let mut frontier = places.words;
        if !self.regexes.is_empty() {
            let mut next: Vec<usize> = places.regexes.iter().map(|at| relative(*at)).collect();
            self.regexes(reading, &mut next, active, offer);
            for ((place, next), (pattern, _)) in places.regexes.iter_mut().zip(next).zip(&self.regexes) {
                *place = absolute(next);
                if active >> pattern & 1 == 1 {
                    frontier = frontier.min(*place);
                }
            }
        }
        frontier
    }

    fn regexes(&self, reading: &Reading<'_>, next: &mut [usize], active: Mask, offer: &mut Offer<'_>) {
        let text = reading.view.text();
        let bytes = text.as_bytes();
        // Patterns that wait for more text.
        let mut open: Mask = 0;
        let mut at = next.iter().min().copied().unwrap_or(0);
        while let Some(byte) = bytes.get(at) {
            let of = |masks: &[Mask; 256], byte: u8| masks.get(usize::from(byte)).copied().unwrap_or(0);
            let mut mask = of(&self.first, *byte) & active & !open;
            if mask != 0
                && let Some(byte) = bytes.get(at + 1)
            {
                mask &= of(&self.second, *byte);
            }
            if mask != 0 {
                for ((pattern, regex), next) in self.regexes.iter().zip(next.iter_mut()) {
                    if mask >> pattern & 1 == 0 || *next > at {
                        continue;
                    }
                    *next = at;
                    match regex.search(text, at, reading.complete) {
                        Search::Nothing(more) => *next = reading.view.align(more),
                        Search::Found(hit) => {
                            let end = reading.view.align(hit.end);
                            if offer(*pattern, hit) {
                                *next = end;
                            } else {
                                open |= 1 << pattern;
                            }
                        }
                        Search::Open => open |= 1 << pattern,
                    }
                }
            }
            at += 1;
        }
        for ((pattern, _), next) in self.regexes.iter().zip(next.iter_mut()) {
            if open >> pattern & 1 == 0 {
                *next = text.len();
            }
        }
    }
}

/// Each pattern of a mask.
pub(crate) fn each(mask: Mask, mut f: impl FnMut(usize)) {
    let mut rest = mask;
    while rest != 0 {
        f(rest.trailing_zeros() as usize);
        rest &= rest - 1;
    }
}
