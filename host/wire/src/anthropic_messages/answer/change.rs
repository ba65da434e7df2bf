//! What withheld calls change in a message or the events of its stream.

use crate::answer::shape::Form;
use crate::answer::{Changes, Leaving};
use crate::json::{NodeRef, Splice, encoded, removals};

/// Takes withheld blocks out, numbers those that follow anew, and corrects the reason for stopping.
pub(crate) fn change(root: NodeRef<'_>, leaving: &Leaving<'_>, changes: &mut Changes) {
    let holder = match leaving.form {
        Form::Whole => {
            if let Some(content) = root.get("content") {
                let gone = |block: NodeRef<'_>| leaving.calls.is_withheld(block.position() as u64, 0);
                changes.whole.extend(removals(content, gone).into_iter().map(Splice::cut));
            }
            Some(root)
        }
        Form::Stream => root.get("delta"),
    };
    if let (Some(index), Some(item)) = (root.get("index"), leaving.item) {
        let before = leaving.calls.items_before(item);
        if before > 0 {
            changes.splices.push(Splice { at: index.raw(), with: item.saturating_sub(before).to_string() });
        }
    }
    let reason = holder.and_then(|holder| holder.get("stop_reason")).filter(|r| r.text() == Some("tool_use"));
    if let Some(reason) = reason.filter(|_| leaving.calls.all_withheld(|_| true)) {
        changes.splices.push(Splice { at: reason.raw(), with: encoded("end_turn") });
    }
}
