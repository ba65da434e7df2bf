//! What differs between two configurations and is not taken over while a gate runs.

use serde_json::Value;

use super::document::child;
use super::source::Source;

/// The one block that a reload takes over.
const TAKEN: &str = "/policies";

/// Pointers of the settings in which `new` differs from the configuration that the gate was started with. A default that is
/// written out is no difference.
pub(crate) fn waiting(started: &Source, new: &Source) -> Vec<String> {
    let mut out = Vec::new();
    compare(Some(&started.value), Some(&new.value), &super::config_schema(), "", &mut out);
    out
}

/// The depth is bounded by that of the schema.
fn compare(old: Option<&Value>, new: Option<&Value>, rule: &Value, pointer: &str, out: &mut Vec<String>) {
    let (old, new) = (old.or(rule.get("default")), new.or(rule.get("default")));
    if pointer == TAKEN || old == new {
        return;
    }
    if let Some(members) = rule.get("properties").and_then(Value::as_object) {
        for (name, rule) in members {
            let (old, new) = (old.and_then(|old| old.get(name)), new.and_then(|new| new.get(name)));
            compare(old, new, rule, &child(pointer, name), out);
        }
        return;
    }
    match (old.and_then(Value::as_array), new.and_then(Value::as_array), rule.get("items")) {
        (Some(old), Some(new), Some(rule)) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                compare(Some(old), Some(new), rule, &format!("{pointer}/{index}"), out);
            }
        }
        _ => out.push(pointer.to_owned()),
    }
}

#[cfg(test)]
mod tests;
