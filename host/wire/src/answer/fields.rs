//! Fields: strings that come once, and are told once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use super::shape::Places;
use super::{AnswerError, AnswerLimits, FieldsId};
use crate::document::{EditError, Span, TextEdit, check_edits};

/// One string of a fields event.
struct Leaf {
    at: Range<usize>,
    hash: u64,
    fixed: bool,
    /// It repeats the request.
    echo: bool,
}

/// The strings of one frame that were not seen before.
#[derive(Default)]
pub(super) struct Draft {
    text: String,
    leaves: Vec<Leaf>,
}

/// All fields of an exchange.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) places: Places,
    /// What was told already; bounded by `max_fields`, beyond which values are told again.
    seen: HashSet<u64>,
    next: u32,
    /// Told, not settled. One for each held frame at most.
    pending: BTreeMap<u32, Draft>,
    /// New texts of values, wherever in the stream they come again. Bounded by `max_fields`.
    edited: HashMap<u64, String>,
}

impl Fields {
    pub(super) fn add(
        &mut self,
        draft: &mut Draft,
        (hash, text): (u64, &str),
        (fixed, echo): (bool, bool),
        limits: &AnswerLimits,
    ) {
        if text.is_empty() || self.seen.contains(&hash) {
            return;
        }
        if self.seen.len() < limits.max_fields {
            self.seen.insert(hash);
        }
        if !draft.leaves.is_empty() {
            draft.text.push('\n');
        }
        let start = draft.text.len();
        draft.text.push_str(text);
        draft.leaves.push(Leaf { at: start..draft.text.len(), hash, fixed, echo });
    }

    /// Makes a draft wait for its decision; `None` if there is nothing in it.
    pub(super) fn tell(&mut self, draft: Draft) -> Option<(FieldsId, String)> {
        if draft.leaves.is_empty() {
            return None;
        }
        let (id, text) = (self.next, draft.text.clone());
        self.next = self.next.saturating_add(1);
        self.pending.insert(id, draft);
        Some((FieldsId(id), text))
    }

    /// Where the text that waits under this id repeats the request.
    pub(super) fn echoes(&self, id: FieldsId) -> Vec<Span> {
        let leaves = self.pending.get(&id.0).map(|draft| draft.leaves.as_slice()).unwrap_or_default();
        leaves.iter().filter(|leaf| leaf.echo).map(|leaf| Span::of(leaf.at.clone())).collect()
    }

    pub(super) fn is_pending(&self, id: FieldsId) -> bool {
        self.pending.contains_key(&id.0)
    }

    /// Whether all that was told so far is settled, given a mark from [`Self::mark`].
    pub(super) fn settled_up_to(&self, mark: u32) -> bool {
        self.pending.first_key_value().is_none_or(|(first, _)| *first >= mark)
    }

    pub(super) fn mark(&self) -> u32 {
        self.next
    }

    pub(super) fn settle(
        &mut self,
        id: FieldsId,
        edits: &[TextEdit],
        limits: &AnswerLimits,
    ) -> Result<(), AnswerError> {
        let draft = self.pending.get(&id.0).ok_or(EditError::NotPending)?;
        let changed = draft.changed(edits)?;
        if self.edited.len().saturating_add(changed.len()) > limits.max_fields {
            return Err(limits.fields());
        }
        self.edited.extend(changed);
        self.pending.remove(&id.0);
        Ok(())
    }

    pub(super) fn edits_exist(&self) -> bool {
        !self.edited.is_empty()
    }

    pub(super) fn edited(&self, hash: u64) -> Option<&str> {
        self.edited.get(&hash).map(String::as_str)
    }
}

impl Draft {
    /// The new texts of the strings that `edits` touch.
    fn changed(&self, edits: &[TextEdit]) -> Result<Vec<(u64, String)>, EditError> {
        check_edits(&self.text, 0, edits)?;
        let mut out: Vec<(u64, String)> = Vec::new();
        let mut rest = edits;
        while let Some(first) = rest.first() {
            let start = first.at.start;
            let after = self.leaves.partition_point(|leaf| leaf.at.start as u64 <= start);
            let leaf = after.checked_sub(1).and_then(|index| self.leaves.get(index));
            let leaf = leaf.ok_or(EditError::CrossesSegments(start))?;
            let here = rest.iter().take_while(|edit| edit.at.start <= leaf.at.end as u64).count().max(1);
            let (mut text, mut done) = (String::new(), leaf.at.start);
            for edit in &rest[..here] {
                let range = edit.at.range().filter(|range| range.end <= leaf.at.end);
                let range = range.ok_or(EditError::CrossesSegments(edit.at.start))?;
                text.push_str(&self.text[done..range.start]);
                text.push_str(&edit.text);
                done = range.end;
            }
            if leaf.fixed {
                return Err(EditError::OfKey(start));
            }
            text.push_str(&self.text[done..leaf.at.end]);
            out.push((leaf.hash, text));
            rest = &rest[here..];
        }
        Ok(out)
    }
}
