//! A scanner made of a closure.

use std::ops::Range;

use super::hold_back::{Hit, Scan};

/// Bytes after a match that may decide about it: one character.
const AFTER: usize = 4;

/// A scanner that only knows how to find the first match in a text, and how long a match can be.
///
/// `find(text, from)` answers the first match that begins at or after `from`, as [`str::find`] would of `text[from..]`.
/// Whether a match begins at a place, and where it ends, may depend on the match itself, on [`context`](Self::context)
/// bytes before it and on one character after it; it never depends on what comes later. A match above `longest` bytes is
/// passed over.
///
/// Everything that could still become a match is held back, which without further knowledge is the last `longest` bytes of
/// any text. Say with [`beginning`](Self::beginning) what the beginning of a match looks like, and only that is.
///
/// ```
/// use witgate_sdk::kit::{HoldBack, Window};
/// use witgate_sdk::{Decision, Session};
///
/// /// `ID-` and digits.
/// fn id(text: &str, from: usize) -> Option<std::ops::Range<usize>> {
///     let digits = |at: usize| text[at + 3..].bytes().take(17).take_while(u8::is_ascii_digit).count();
///     let mut places = text[from..].match_indices("ID-").map(|(at, _)| from + at);
///     places.find(|at| digits(*at) > 0).map(|at| at..at + 3 + digits(at))
/// }
///
/// let scan = Window::new(20, id).beginning(|tail| "ID-".starts_with(tail) || tail.starts_with("ID-"));
/// let mut session = HoldBack::new(scan, |_: &_, at, decision: &mut Decision| decision.findings.push(
///     witgate_sdk::Finding { code: "id".into(), at: Some(at), confidence: 100, detail: String::new() }));
/// assert_eq!(session.push("no ID here, but ID-12").unwrap().settled, 16);
/// assert_eq!(session.push("34.").unwrap().decision.findings.len(), 0, "more digits may come until 20 bytes are there");
/// assert_eq!(session.finish().unwrap().decision.findings.len(), 1);
/// ```
#[derive(Debug, Clone)]
pub struct Window<F, B = fn(&str) -> bool> {
    longest: usize,
    context: usize,
    find: F,
    beginning: B,
}

impl<F: Fn(&str, usize) -> Option<Range<usize>>> Window<F> {
    /// A scanner for matches of at most `longest` bytes.
    #[must_use]
    pub fn new(longest: usize, find: F) -> Self {
        Self { longest, context: 8, find, beginning: |_| true }
    }
}

impl<F, B> Window<F, B> {
    /// `beginning(tail)` says whether a match that begins where `tail` begins may still come, or change, when more text
    /// comes after it. A match that is whole and that nothing can change any more is not a beginning. `tail` is never
    /// empty.
    #[must_use]
    pub fn beginning<C: Fn(&str) -> bool>(self, beginning: C) -> Window<F, C> {
        let Self { longest, context, find, .. } = self;
        Window { longest, context, find, beginning }
    }

    /// How many bytes before a match `find` looks at; 8 unless told.
    #[must_use]
    pub fn context(self, bytes: usize) -> Self {
        Self { context: bytes, ..self }
    }
}

impl<F: Fn(&str, usize) -> Option<Range<usize>>, B: Fn(&str) -> bool> Window<F, B> {
    /// The first place from `from` on at which a match may still begin or change; what is before is decided.
    fn open(&self, text: &str, from: usize) -> usize {
        // Of what begins before this place, the longest match and what is after it are there.
        let first = (text.len() + 1).saturating_sub(self.longest.saturating_add(AFTER));
        let first = text.ceil_char_boundary(first.max(from));
        let tail = text.get(first..).unwrap_or_default();
        let open = tail.char_indices().find(|(at, _)| tail.get(*at..).is_some_and(|tail| (self.beginning)(tail)));
        open.map_or(text.len(), |(at, _)| first + at)
    }
}

impl<F: Fn(&str, usize) -> Option<Range<usize>>, B: Fn(&str) -> bool> Scan for Window<F, B> {
    type Kind = ();

    fn scan(&self, text: &str, from: usize, complete: bool, found: &mut dyn FnMut(Hit<()>)) -> usize {
        let open = if complete { text.len() } else { self.open(text, from) };
        let mut from = from;
        while let Some(at) = (self.find)(text, from).filter(|at| at.start >= from && at.start < open) {
            if at.is_empty() || at.len() > self.longest {
                from = text.ceil_char_boundary(at.start + 1);
                continue;
            }
            from = at.end;
            found(Hit { kind: (), at });
        }
        open.max(from)
    }

    fn context(&self) -> usize {
        self.context
    }
}

#[cfg(test)]
mod tests;
