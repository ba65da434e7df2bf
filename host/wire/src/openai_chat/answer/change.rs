//! What withheld calls change in a chunk or completion.

use super::{index_of, message_of};
use crate::answer::shape::Form;
use crate::answer::{Changes, Leaving};
use crate::json::{NodeRef, Splice, encoded, removals};

/// Removes and renumbers the tool calls of a frame, and corrects the finish reason.
pub(crate) fn change(root: NodeRef<'_>, leaving: &Leaving<'_>, changes: &mut Changes) {
    let choices = || root.get("choices").into_iter().flat_map(NodeRef::children);
    let mut emptied = false;
    for (choice, item) in choices().map(|choice| (choice, item_of(choice))) {
        if leaving.has_calls {
            emptied |= calls(choice, item, leaving, changes);
        }
        let reason = choice.get("finish_reason").filter(|reason| reason.text() == Some("tool_calls"));
        if let Some(reason) = reason.filter(|_| leaving.is_end_of(item))
            && leaving.calls.all_withheld(|of| of == item)
        {
            changes.splices.push(Splice { at: reason.raw(), with: encoded("stop") });
        }
    }
    changes.gone = emptied && leaving.form == Form::Stream && nothing_else(root, leaving);
}

fn item_of(choice: NodeRef<'_>) -> u64 {
    choice.get("index").and_then(NodeRef::as_u64).unwrap_or(choice.position() as u64)
}

/// Whether the choice has lost all of its calls.
fn calls(choice: NodeRef<'_>, item: u64, leaving: &Leaving<'_>, changes: &mut Changes) -> bool {
    let message = choice.get(message_of(leaving.form));
    let Some((message, array)) = message.and_then(|message| Some((message, message.get("tool_calls")?))) else {
        return false;
    };
    let left = leaving.calls.indexes(item);
    let any_withheld = !leaving.calls.reasons(|of| of == item).is_empty();
    let (mut gone, mut kept) = (Vec::new(), 0_usize);
    for element in array.children() {
        let index = index_of(element, leaving.form).unwrap_or(u64::MAX);
        let withheld = leaving.calls.is_withheld(item, index);
        gone.push(withheld);
        kept += usize::from(!withheld);
        // Indexes are the upstream's own, gaps and all, until a call is missing.
        let number = left.iter().position(|other| *other == index).map(|at| at as u64);
        if let (Some(number), Some(node)) = (number, element.get("index"))
            && any_withheld
            && leaving.form == Form::Stream
            && node.as_u64() != Some(number)
        {
            changes.splices.push(Splice { at: node.raw(), with: number.to_string() });
        }
    }
    let cuts = match kept == 0 && !gone.is_empty() {
        true => removals(message, |member| member.key() == Some("tool_calls")),
        false => removals(array, |element| gone.get(element.position()) == Some(&true)),
    };
    changes.whole.extend(cuts.into_iter().map(Splice::cut));
    kept == 0 && !gone.is_empty()
}

/// Whether a frame says nothing but that there were tool calls, all of which are gone.
fn nothing_else(root: NodeRef<'_>, leaving: &Leaving<'_>) -> bool {
    let idle = |node: NodeRef<'_>, known: &[&str]| {
        node.children().all(|member| member.is_null() || known.contains(&member.key().unwrap_or_default()))
    };
    let message = message_of(leaving.form);
    let empty = |choice: NodeRef<'_>| {
        let item = item_of(choice);
        let gone = |call| leaving.calls.is_withheld(item, index_of(call, leaving.form).unwrap_or(u64::MAX));
        idle(choice, &["index", message])
            && choice.get(message).is_none_or(|message| {
                message.children().all(|member| member.key() == Some("tool_calls") && member.children().all(gone))
            })
    };
    idle(root, &["id", "object", "created", "model", "system_fingerprint", "service_tier", "choices", "obfuscation"])
        && root.get("choices").is_none_or(|choices| choices.children().all(empty))
}
