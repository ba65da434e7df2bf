//! New values in JSON text, however deep they stand in it.

use crate::json::{JsonLimits, Kind, NodeRef, Splice, Tree, encoded, splice};

/// Levels of JSON text inside JSON strings that are looked into. Deeper values stay as they are.
const DEPTH: usize = 8;

/// `json` with each string value put through `with`; what is no string, and every key, stays byte for byte. A string that is
/// JSON text itself is not given as a whole, but its strings are, so that what is put in is escaped for each level that
/// it stands in. `None` if nothing changes, or `json` cannot be read.
pub(super) fn rewritten(
    json: &str,
    limits: &JsonLimits,
    with: &mut dyn FnMut(&str) -> Option<String>,
) -> Option<String> {
    within(&Tree::parse(json.as_bytes(), limits).ok()?, json, limits, with, DEPTH)
}

fn within(
    tree: &Tree<'_>,
    json: &str,
    limits: &JsonLimits,
    with: &mut dyn FnMut(&str) -> Option<String>,
    depth: usize,
) -> Option<String> {
    let mut splices = Vec::new();
    // Bounded by the depth that the tree was parsed with.
    strings(tree.root(), &mut |node, text| {
        let new = match nested(text, limits) {
            Some(inner) => depth.checked_sub(1).and_then(|depth| within(&inner, text, limits, with, depth)),
            None => with(text),
        };
        splices.extend(new.map(|new| Splice { at: node.raw(), with: encoded(&new) }));
    });
    if splices.is_empty() {
        return None;
    }
    String::from_utf8(splice(json.as_bytes(), splices).ok()?).ok()
}

/// The text as JSON, if it is JSON that can hold a string.
fn nested<'b>(text: &'b str, limits: &JsonLimits) -> Option<Tree<'b>> {
    let begins = text.trim_start().starts_with(['{', '[', '"']);
    begins.then(|| Tree::parse(text.as_bytes(), limits).ok()).flatten()
}

fn strings<'t>(node: NodeRef<'t>, visit: &mut dyn FnMut(NodeRef<'t>, &'t str)) {
    match node.kind() {
        Kind::String => visit(node, node.text().unwrap_or_default()),
        _ => node.children().for_each(|child| strings(child, visit)),
    }
}

#[cfg(test)]
mod tests;
