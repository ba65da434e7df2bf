//! What conversations of all dialects are made of.

use super::Refusal;
use super::neighbours::Neighbours;
use super::texts::{Label, Texts, expect, required, short, string};
use crate::json::{Kind, NodeRef};

/// The member `messages`, of which `one` reads each.
pub(crate) fn messages<'t>(
    messages: NodeRef<'t>,
    one: impl FnMut(NodeRef<'t>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    expect(messages, Kind::Array)?;
    if messages.children().next().is_none() {
        return Err(Refusal::at(messages, "empty_messages", "`messages` must hold at least one message."));
    }
    messages.children().try_for_each(one)
}

/// Who a message is by: one of `roles`.
pub(crate) fn role<'t>(message: NodeRef<'t>, roles: &[&str]) -> Result<&'t str, Refusal> {
    let node = required(message, "role")?;
    let role = string(node)?;
    if roles.contains(&role) {
        return Ok(role);
    }
    let covered = roles.split_last().map(|(last, others)| format!("{} or {last}", others.join(", ")));
    let message = format!("The role `{}` is not covered. Use {}.", short(role), covered.unwrap_or_default());
    Err(Refusal::at(node, "unsupported_role", message))
}

/// What is said: a string, or an array of `parts`, of which `one` reads each.
pub(crate) fn content<'t>(
    content: NodeRef<'t>,
    parts: &str,
    label: Label<'_>,
    texts: &mut Texts,
    mut one: impl FnMut(NodeRef<'t>, &mut Texts) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    match content.kind() {
        Kind::Null => Ok(()),
        Kind::String => texts.string(content, label),
        Kind::Array => {
            let mut neighbours = Neighbours::new(content, label);
            for part in content.children() {
                let first = texts.segments();
                one(part, texts)?;
                neighbours.add(part, first, texts)?;
            }
            neighbours.end(texts)
        }
        _ => Err(Refusal::wrong_type(content, &format!("a string or an array of {parts}"))),
    }
}
