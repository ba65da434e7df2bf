//! Texts that stand side by side in one message. Models read them as one, so a value may begin in one and end in the next.

use super::Refusal;
use super::texts::{Label, Texts};
use crate::document::{Piece, Source};
use crate::json::NodeRef;

/// Bytes read again on either side of a seam. What policies look for begins and ends within them; texts that are shorter
/// are read again as a whole, so that a value may lie over any number of them.
const REACH: usize = 512;

/// How far a cut inside a text moves towards the seam, so as not to cut a word.
const WORD: usize = 64;

/// A run of neighbouring texts, read again over their seams: beside the segment of each text there is one more, which
/// joins the end of a text with the beginning of the next. Edits of it reach the texts themselves.
pub(super) struct Neighbours<'a> {
    label: Label<'a>,
    /// Where all of them stand.
    pointer: String,
    text: String,
    pieces: Vec<Piece>,
}

impl<'a> Neighbours<'a> {
    pub(super) fn new(holder: NodeRef<'_>, label: Label<'a>) -> Self {
        Self { label, pointer: holder.pointer(), text: String::new(), pieces: Vec::new() }
    }

    /// Takes note of a part that was read, as the segments from `first` on.
    pub(super) fn add(&mut self, part: NodeRef<'_>, first: usize, texts: &mut Texts) -> Result<(), Refusal> {
        let Some(node) = said(part) else { return self.end(texts) };
        let text = node.text().unwrap_or_default();
        if text.is_empty() {
            return Ok(());
        }
        let segment = texts.segment_of(node, first);
        let has_neighbour = !self.pieces.is_empty();
        if text.len() <= 2 * REACH && has_neighbour {
            self.push(segment, text, 0, text.len());
            return Ok(());
        }
        if has_neighbour {
            self.push(segment, text, 0, head(text));
            self.end(texts)?;
        }
        self.push(segment, text, tail(text), text.len());
        Ok(())
    }

    fn push(&mut self, segment: Option<usize>, text: &str, from: usize, to: usize) {
        self.text.push_str(text.get(from..to).unwrap_or_default());
        self.pieces.push(Piece { segment, from, len: to - from });
    }

    /// What comes next is no neighbour.
    pub(super) fn end(&mut self, texts: &mut Texts) -> Result<(), Refusal> {
        let (text, pieces) = (std::mem::take(&mut self.text), std::mem::take(&mut self.pieces));
        if pieces.len() < 2 {
            return Ok(());
        }
        texts.push(self.label, self.pointer.clone(), &text, Source::Joined(pieces))
    }
}

/// The text of a part that is one.
fn said(part: NodeRef<'_>) -> Option<NodeRef<'_>> {
    let is_text = matches!(part.get("type")?.text()?, "text" | "input_text" | "output_text");
    part.get("text").filter(|node| is_text && node.text().is_some())
}

/// Where the last bytes of a text begin.
fn tail(text: &str) -> usize {
    let from = text.ceil_char_boundary(text.len().saturating_sub(REACH));
    let word = text.get(from..text.ceil_char_boundary(from + WORD)).unwrap_or_default();
    match word.find(char::is_whitespace).filter(|_| from > 0) {
        Some(at) => from + at,
        None => from,
    }
}

/// Where the first bytes of a text that goes on end.
fn head(text: &str) -> usize {
    let to = text.floor_char_boundary(REACH);
    let from = text.floor_char_boundary(to.saturating_sub(WORD));
    let word = text.get(from..to).unwrap_or_default();
    word.rfind(char::is_whitespace).map_or(to, |at| from + at)
}

#[cfg(test)]
mod tests;
