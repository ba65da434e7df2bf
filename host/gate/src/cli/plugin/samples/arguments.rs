//! The arguments of a tool call, from the document that a plugin is shown of them.

use std::collections::HashMap;

use serde_json::{Map, Value};
use witgate_engine::Document;

use super::part;

/// The arguments, with each key and value as it stands in `text`.
pub(super) fn of(document: &Document, text: &str) -> Value {
    // Which members of a pointer are names of an object, and what the name is in this text.
    let keys = document.segments.iter().filter(|segment| segment.kind == "key");
    let names: HashMap<&str, &str> = keys.map(|key| (key.pointer.as_str(), part(key, text))).collect();
    let mut root = Value::Object(Map::new());
    for segment in &document.segments {
        let value = (segment.kind != "key").then(|| part(segment, text));
        set(&mut root, &segment.pointer, &names, value);
    }
    root
}

/// Makes what a pointer leads to, and sets it.
fn set(root: &mut Value, pointer: &str, names: &HashMap<&str, &str>, value: Option<&str>) {
    let mut place = root;
    let ends = pointer.match_indices('/').skip(1).map(|(at, _)| at).chain([pointer.len()]);
    for end in ends {
        let here = pointer.get(..end).unwrap_or_default();
        place = match names.get(here) {
            Some(name) => {
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                let Value::Object(members) = place else { return };
                members.entry(*name).or_insert(Value::Null)
            }
            None => {
                let index = here.rsplit('/').next().and_then(|index| index.parse::<usize>().ok()).unwrap_or_default();
                if !place.is_array() {
                    *place = Value::Array(vec![]);
                }
                let Value::Array(items) = place else { return };
                if items.len() <= index && index < super::DRAWS {
                    items.resize(index + 1, Value::Null);
                }
                let Some(item) = items.get_mut(index) else { return };
                item
            }
        };
    }
    if let Some(value) = value {
        *place = value.into();
    }
}

#[cfg(test)]
mod tests;
