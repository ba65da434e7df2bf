//! How long a text of an answer may be.

/// Counts the characters of a text up to the most it may have.
#[derive(Debug)]
pub(crate) struct Length {
    left: u64,
    over: bool,
}

impl Length {
    pub(crate) fn new(most: u64) -> Self {
        Self { left: most, over: false }
    }

    /// Reads a piece. Where it is the one that makes the text too long: the byte in it at which the surplus begins.
    pub(crate) fn read(&mut self, text: &str) -> Option<usize> {
        if self.over {
            return None;
        }
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        match text.char_indices().nth(left) {
            Some((at, _)) => {
                self.over = true;
                Some(at)
            }
            None => {
                self.left -= text.chars().count() as u64;
                None
            }
        }
    }
}
