//! Where in a text a marking may begin: at few words, some brackets, and characters that are not ASCII.

use crate::fold::is_ascii_word;
use crate::openings::{NEEDED, Openings, STEP};

/// Finds the starts of a text, one after the other.
#[derive(Debug)]
pub(crate) struct Starts<'t> {
    text: &'t [u8],
    openings: &'t Openings,
    /// Where the last step began; before the first, the end of the text, which no place is beyond.
    from: usize,
    /// What was found in that step.
    found: u64,
}

impl<'t> Starts<'t> {
    pub(crate) fn new(text: &'t [u8], openings: &'t Openings) -> Self {
        Self { text, openings, from: text.len(), found: 0 }
    }

    /// The first start at or after `at`, or the end of the text. `at` never goes back, so that each byte is looked at once.
    pub(crate) fn next(&mut self, at: usize) -> usize {
        let mut at = at;
        while at < self.text.len() {
            let known = at.wrapping_sub(self.from);
            if known >= STEP {
                self.read(at);
                continue;
            }
            let found = self.found >> known;
            if found != 0 {
                return at.wrapping_add(found.trailing_zeros() as usize);
            }
            at = self.from.saturating_add(STEP);
        }
        self.text.len()
    }

    /// What stands before a text is not known, so that something may begin with it.
    fn read(&mut self, at: usize) {
        let within = at.checked_sub(1).and_then(|before| self.text.get(before)).is_some_and(|b| is_ascii_word(*b));
        let rest = self.text.get(at..).unwrap_or_default();
        self.found = match rest.first_chunk::<NEEDED>() {
            Some(bytes) => self.openings.find(bytes, within),
            None => {
                // What follows is not known; it may be anything, as what is not seen may.
                let mut bytes = [0; NEEDED];
                for (to, from) in bytes.iter_mut().zip(rest) {
                    *to = *from;
                }
                self.openings.find(&bytes, within)
            }
        };
        self.from = at;
    }
}

#[cfg(test)]
mod tests;
