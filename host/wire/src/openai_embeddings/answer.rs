//! The shape of an embeddings answer: numbers, and little else.

use crate::answer::AnswerError;
use crate::answer::shape::{Done, End, Form, Mark, Places, Visitor, Walk};
use crate::json::{Kind, NodeRef};

/// The walk's dialect.
struct Embeddings;

/// Visits every string and unknown key of `root` once.
pub(crate) fn visit(root: NodeRef<'_>, form: Form, places: &Places, visitor: &mut impl Visitor) -> Done {
    if form == Form::Stream {
        return Err(AnswerError::Protocol("it is not a JSON object"));
    }
    let mut walk = Walk::new(Embeddings, form, places, visitor, is_known);
    if root.get("error").is_some_and(|error| !error.is_null()) {
        walk.visitor.failure();
    } else if root.get("data").is_none_or(|data| data.kind() != Kind::Array) {
        return Err(AnswerError::Protocol("`data` is not an array"));
    }
    walk.visitor.mark(Mark::Start);
    if let Some(usage) = root.get("usage") {
        let read = usage.get("prompt_tokens").and_then(NodeRef::as_u64);
        walk.visitor.usage(read, Some(0));
    }
    let place = places.member(Places::ROOT, "data");
    walk.members(root, Places::ROOT, |walk, key, member| match key {
        "error" => walk.echo(|walk| walk.member(member, Places::ROOT)).map(|()| true),
        "object" => Ok(member.text() == Some("list")),
        "data" if member.kind() == Kind::Array => {
            for element in member.children() {
                walk.members(element, walk.places.element(place, element.position()), |_, key, member| {
                    Ok(match key {
                        "object" => member.text() == Some("embedding"),
                        "embedding" => is_vector(member),
                        _ => false,
                    })
                })?;
            }
            Ok(true)
        }
        _ => Ok(false),
    })?;
    walk.visitor.end(End::All)
}

/// Numbers, or 32-bit floats in base64. Anything else is read as text.
fn is_vector(node: NodeRef<'_>) -> bool {
    match node.kind() {
        Kind::Array => node.children().all(|number| number.kind() == Kind::Number && !is_long(number)),
        Kind::String => {
            let text = node.text().unwrap_or_default();
            let digits = text.trim_end_matches('=');
            let plain = digits.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/');
            plain && text.len().is_multiple_of(4) && (digits.len() * 3 / 4).is_multiple_of(4) && text.len() >= 64
        }
        _ => false,
    }
}

/// A coordinate is small; a number with many digits before its point is something else.
fn is_long(number: NodeRef<'_>) -> bool {
    number.raw_str().bytes().skip_while(|b| *b == b'-').take_while(u8::is_ascii_digit).count() >= 9
}

/// Keys that the API defines for answers: they say nothing that would need reading.
fn is_known(key: &str) -> bool {
    matches!(
        key,
        "object"
            | "data"
            | "embedding"
            | "index"
            | "model"
            | "usage"
            | "prompt_tokens"
            | "total_tokens"
            | "error"
            | "message"
            | "type"
            | "param"
            | "code"
            | "id"
    )
}
