//! A text that may still grow, read byte by byte.

/// The text ends here and more may come: nothing can be decided yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Open;

/// How many bytes before a value may decide about it. A session keeps at least this much.
pub(crate) const CONTEXT: usize = 96;

/// A text, and whether its end is the end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    text: &'a str,
    complete: bool,
}

impl<'a> View<'a> {
    pub(crate) fn new(text: &'a str, complete: bool) -> Self {
        Self { text, complete }
    }

    /// The byte at `at`; none at the end of a complete text.
    #[inline]
    pub(crate) fn at(self, at: usize) -> Result<Option<u8>, Open> {
        count(1);
        match self.text.as_bytes().get(at) {
            Some(&b) => Ok(Some(b)),
            None if self.complete => Ok(None),
            None => Err(Open),
        }
    }

    /// The byte before `at`, at most [`CONTEXT`] before a value.
    #[inline]
    pub(crate) fn before(self, at: usize) -> Option<u8> {
        at.checked_sub(1).and_then(|last| self.text.as_bytes().get(last)).copied()
    }

    /// Bytes of a range; nothing where it does not fit.
    #[inline]
    pub(crate) fn bytes(self, range: std::ops::Range<usize>) -> &'a [u8] {
        let bytes = self.text.as_bytes().get(range).unwrap_or_default();
        count(bytes.len());
        bytes
    }

    /// From `at` to the end of what is there.
    #[inline]
    pub(crate) fn rest(self, at: usize) -> &'a [u8] {
        self.text.as_bytes().get(at..).unwrap_or_default()
    }

    /// Where the bytes that satisfy `wanted` end, from `at` on. Open where the text ends first, or `most` of them are
    /// there and no more is needed.
    #[inline]
    pub(crate) fn run(self, at: usize, most: usize, mut wanted: impl FnMut(u8) -> bool) -> Result<usize, Open> {
        let len = self.rest(at).iter().take(most).take_while(|b| wanted(**b)).count();
        count(len);
        let end = at + len;
        match len == most {
            true => Ok(end),
            false => self.at(end).map(|_| end),
        }
    }

    /// Whether `word` stands at `at`. Open where its beginning does and the text ends.
    pub(crate) fn has(self, at: usize, word: &[u8]) -> Result<bool, Open> {
        let rest = self.rest(at);
        if rest.len() >= word.len() {
            return Ok(rest.starts_with(word));
        }
        match word.starts_with(rest) && !self.complete {
            true => Err(Open),
            false => Ok(false),
        }
    }
}

/// Tests count the bytes that are looked at: the work of a scan, told without a clock.
#[cfg(test)]
#[inline]
fn count(bytes: usize) {
    steps::add(bytes);
}

#[cfg(not(test))]
#[inline(always)]
fn count(_: usize) {}

/// Bytes that were looked at on this thread.
#[cfg(test)]
pub(crate) mod steps {
    use std::cell::Cell;

    thread_local!(static STEPS: Cell<usize> = const { Cell::new(0) });

    pub(super) fn add(steps: usize) {
        STEPS.with(|all| all.set(all.get() + steps));
    }

    /// How many `work` takes.
    pub(crate) fn of(work: impl FnOnce()) -> usize {
        STEPS.with(|all| all.set(0));
        work();
        STEPS.with(Cell::get)
    }
}
