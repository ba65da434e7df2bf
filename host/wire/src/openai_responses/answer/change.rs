//! What withheld calls change in a response or the events of its stream.

use crate::answer::shape::Form;
use crate::answer::{Changes, Leaving};
use crate::json::{NodeRef, Splice, removals};

/// Takes withheld items out, and keeps the numbers of what follows without gaps.
pub(crate) fn change(root: NodeRef<'_>, leaving: &Leaving<'_>, changes: &mut Changes) {
    let response = match leaving.form {
        Form::Whole => Some(root),
        Form::Stream => root.get("response"),
    };
    if let Some(output) = response.and_then(|response| response.get("output")) {
        let gone = |item: NodeRef<'_>| leaving.calls.is_withheld(item.position() as u64, 0);
        changes.whole.extend(removals(output, gone).into_iter().map(Splice::cut));
    }
    if leaving.form == Form::Whole {
        return;
    }
    let mut less = |key: &str, by: u64| {
        if let Some(node) = root.get(key)
            && let Some(number) = node.as_u64().filter(|_| by > 0)
        {
            changes.splices.push(Splice { at: node.raw(), with: number.saturating_sub(by).to_string() });
        }
    };
    less("sequence_number", leaving.dropped);
    less("output_index", leaving.item.map_or(0, |item| leaving.calls.items_before(item)));
}
