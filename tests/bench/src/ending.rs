//! The end of a streamed answer.

/// How a streamed answer ends; the gate's receipt may come behind it.
const END: &[u8] = b"data: [DONE]\n\n";

/// Looks for the end in the pieces of a stream: a read may stop in the midst of it.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    /// The last bytes that came, fewer than the end has.
    tail: Vec<u8>,
    came: bool,
}

impl Ending {
    /// The next piece.
    pub(crate) fn read(&mut self, piece: &[u8]) {
        self.tail.extend_from_slice(piece);
        self.came |= memchr::memmem::find(&self.tail, END).is_some();
        let over = self.tail.len().saturating_sub(END.len() - 1);
        self.tail.drain(..over);
    }

    /// Whether it was there.
    pub(crate) fn came(&self) -> bool {
        self.came
    }
}

#[cfg(test)]
mod tests;
