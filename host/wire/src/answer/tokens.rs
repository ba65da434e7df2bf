//! Log probabilities: a text again, token by token, and what might have stood there instead.

use super::shape::{Done, Slot, Visitor, Walk};
use super::{AnswerError, ChannelKind};
use crate::json::NodeRef;

const MISMATCH: AnswerError = AnswerError::Unsupported("logprobs that do not repeat the text beside them");

impl<V: Visitor, D> Walk<'_, V, D> {
    /// The tokens repeat the text exactly, or the answer is refused: so nothing stands in them that was not read. What
    /// might have stood there instead is text of its own, by rank. `node` holds the tokens, and goes when any of it is
    /// changed.
    pub(crate) fn tokens(
        &mut self,
        slot: Slot<'_>,
        tokens: NodeRef<'_>,
        node: NodeRef<'_>,
        text: &str,
        place: u64,
    ) -> Done {
        let mut rest = text.as_bytes();
        let mut ranks = 0;
        for token in tokens.children() {
            let bytes = bytes_of(token)?;
            rest = rest.strip_prefix(bytes.as_slice()).ok_or(MISMATCH)?;
            self.members(token, place, |walk, key, member| match key {
                "token" | "logprob" | "bytes" => Ok(true),
                "top_logprobs" => {
                    for (rank, other) in member.children().enumerate() {
                        walk.alternative(other, ranked(slot, rank), place)?;
                        ranks = ranks.max(rank + 1);
                    }
                    Ok(true)
                }
                _ => Ok(false),
            })?;
        }
        if !rest.is_empty() {
            return Err(MISMATCH);
        }
        self.visitor.repeats(slot, node)?;
        (0..ranks).try_for_each(|rank| self.visitor.repeats(ranked(slot, rank), node))
    }

    /// A token that was not chosen, or the chosen one again.
    fn alternative(&mut self, other: NodeRef<'_>, slot: Slot<'_>, place: u64) -> Done {
        bytes_of(other)?;
        if let Some(token) = other.get("token") {
            self.visitor.text(slot, token)?;
        }
        self.members(other, place, |_, key, _| Ok(matches!(key, "token" | "logprob" | "bytes")))
    }
}

/// The text that the alternatives of one rank make.
fn ranked(slot: Slot<'_>, rank: usize) -> Slot<'static> {
    let name = if slot.kind == ChannelKind::Refusal { "refusal logprobs" } else { "logprobs" };
    // Texts of one item differ by part, of which there are few.
    let part = slot.part.wrapping_mul(1 << 8).wrapping_add(rank as u64);
    Slot { part, alternative: true, ..Slot::named(slot.item, ChannelKind::Value, name) }
}

/// The bytes of a token: as they are given, or those of its text. Where they are a text, they are the same one.
fn bytes_of(token: NodeRef<'_>) -> Result<Vec<u8>, AnswerError> {
    let own = match token.get("token").filter(|token| !token.is_null()) {
        Some(own) => own.text().ok_or(MISMATCH)?,
        None => "",
    };
    match token.get("bytes").filter(|bytes| !bytes.is_null()) {
        None => Ok(own.as_bytes().to_vec()),
        Some(bytes) => {
            let byte = |node: NodeRef<'_>| node.as_u64().and_then(|byte| u8::try_from(byte).ok()).ok_or(MISMATCH);
            let bytes: Vec<u8> = bytes.children().map(byte).collect::<Result<_, _>>()?;
            // A part of a character is shown in some other way.
            let same = std::str::from_utf8(&bytes).is_err() || own.as_bytes() == bytes;
            if same { Ok(bytes) } else { Err(MISMATCH) }
        }
    }
}
