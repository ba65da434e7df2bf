//! Taking elements and members out of containers, with the commas that go with them.

use std::ops::Range;

use super::NodeRef;

/// The byte ranges to cut so that `container` loses the children for which `remove` answers true.
///
/// Whichever they are (first, last, several in a row, all) exactly the right commas go with them. A member goes with
/// its key. Ranges come in order and do not overlap.
#[must_use]
pub fn removals<'t>(container: NodeRef<'t>, mut remove: impl FnMut(NodeRef<'t>) -> bool) -> Vec<Range<usize>> {
    let children: Vec<(Range<usize>, bool)> = container.children().map(|c| (c.slot(), remove(c))).collect();
    let mut cuts = Vec::new();
    let mut at = 0;
    while at < children.len() {
        if !children[at].1 {
            at += 1;
            continue;
        }
        let run = children[at..].iter().take_while(|c| c.1).count();
        let last = children[at + run - 1].0.end;
        let before = at.checked_sub(1).map(|kept| children[kept].0.end);
        let after = children.get(at + run).map(|kept| kept.0.start);
        cuts.push(match (before, after) {
            (Some(kept_end), _) => kept_end..last,
            (None, Some(kept_start)) => children[at].0.start..kept_start,
            (None, None) => children[at].0.start..last,
        });
        at += run;
    }
    cuts
}

#[cfg(test)]
mod tests;
