//! The members of a plugin's configuration, from the JSON Schema in its manifest.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::plain;

/// Levels of nesting that are listed; and members over all.
const DEEPEST: usize = 4;
const MOST: usize = 200;

/// One member that a configuration may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// The names down to it, joined by `.`; `[]` for the items of a list.
    path: String,
    /// In words.
    kind: String,
    required: bool,
    default: Option<Value>,
    description: Option<String>,
}

impl Member {
    /// Every member of a schema, each after the one around it.
    pub(super) fn all(schema: &Value) -> Vec<Self> {
        let mut members = Vec::new();
        collect(schema, schema, "", 0, &mut members);
        members
    }

    pub(super) fn json(&self) -> Value {
        let Self { path, kind, required, default, description } = self;
        json!({"member": path, "type": kind, "required": required, "default": default, "description": description})
    }

    pub(super) fn human(&self, text: &mut String) {
        let default = self.default.as_ref().map_or_else(String::new, |value| format!("  default {value}"));
        let required = if self.required { "  required" } else { "" };
        let _ = writeln!(text, "    {:<28} {}{}{required}", plain(&self.path), plain(&self.kind), plain(&default));
        if let Some(description) = &self.description {
            let _ = writeln!(text, "      {}", plain(description));
        }
    }
}

/// The depth is bounded, so recursion is, whatever refers to what.
fn collect(root: &Value, schema: &Value, path: &str, depth: usize, out: &mut Vec<Member>) {
    let schema = resolved(root, schema);
    if depth >= DEEPEST {
        return;
    }
    if let Some(items) = schema.get("items") {
        collect(root, items, &format!("{path}[]"), depth + 1, out);
    }
    let Some(members) = schema["properties"].as_object() else { return };
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (name, member) in members {
        if out.len() >= MOST {
            return;
        }
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let target = resolved(root, member);
        // What stands beside a reference is nearer to the member than what it refers to.
        let own = |key: &str| member.get(key).or_else(|| target.get(key));
        out.push(Member {
            path: path.clone(),
            kind: kind(root, target, 0),
            required: required.iter().any(|r| r == name),
            default: own("default").cloned(),
            description: own("description").and_then(Value::as_str).map(str::to_owned),
        });
        collect(root, target, &path, depth + 1, out);
    }
}

/// The schema that a reference inside the same document names; one step, since a chain of them says nothing more.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| root.pointer(pointer)).unwrap_or(schema)
}

fn kind(root: &Value, schema: &Value, depth: usize) -> String {
    let schema = resolved(root, schema);
    let written = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if let Some(options) = schema["enum"].as_array() {
        return options.iter().map(written).collect::<Vec<_>>().join("|");
    }
    if let Some(value) = schema.get("const") {
        return written(value);
    }
    let types = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return "any value".to_owned(),
    };
    let word = |name: &str| match name {
        "array" if depth < DEEPEST => match schema.get("items") {
            Some(items) => format!("list of {}", kind(root, items, depth + 1)),
            None => "list".to_owned(),
        },
        "object" if depth < DEEPEST => match schema.get("additionalProperties") {
            Some(values @ Value::Object(_)) => format!("mapping to {}", kind(root, values, depth + 1)),
            _ => "mapping".to_owned(),
        },
        "string" => "text".to_owned(),
        "boolean" => "true|false".to_owned(),
        "integer" => bounds(schema, "whole number"),
        "number" => bounds(schema, "number"),
        "null" => "nothing".to_owned(),
        other => other.to_owned(),
    };
    types.into_iter().map(word).collect::<Vec<_>>().join(" or ")
}

fn bounds(schema: &Value, word: &str) -> String {
    match (schema.get("minimum"), schema.get("maximum")) {
        (Some(low), Some(high)) => format!("{word} {low} to {high}"),
        (Some(low), None) => format!("{word} from {low}"),
        (None, Some(high)) => format!("{word} to {high}"),
        (None, None) => word.to_owned(),
    }
}

#[cfg(test)]
mod tests;
