//! The shape of a count: a number, and little else.

use crate::answer::AnswerError;
use crate::answer::shape::{Done, End, Form, Mark, Places, Visitor, Walk};
use crate::json::NodeRef;

/// The walk's dialect.
struct Count;

/// Visits every string and unknown key of `root` once. What was counted was not used, so no usage is told.
pub(crate) fn visit(root: NodeRef<'_>, form: Form, places: &Places, visitor: &mut impl Visitor) -> Done {
    if form == Form::Stream {
        return Err(AnswerError::Protocol("a count of tokens is not streamed"));
    }
    let mut walk = Walk::new(Count, form, places, visitor, is_known);
    let failed = root.get("type").and_then(NodeRef::text) == Some("error");
    if failed {
        walk.visitor.failure();
    } else if root.get("input_tokens").and_then(NodeRef::as_u64).is_none() {
        return Err(AnswerError::Protocol("`input_tokens` is not a number"));
    }
    walk.visitor.mark(Mark::Start);
    walk.members(root, Places::ROOT, |_, key, _| Ok(failed && key == "type"))?;
    walk.visitor.end(End::All)
}

/// Keys that the API defines for answers: they say nothing that would need reading.
fn is_known(key: &str) -> bool {
    matches!(
        key,
        "input_tokens" | "context_management" | "original_input_tokens" | "type" | "error" | "message" | "request_id"
    )
}

#[cfg(test)]
mod tests;
