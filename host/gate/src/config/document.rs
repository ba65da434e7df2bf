//! YAML in, a JSON value and the line of each of its members out.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy, Options, Spanned};

use super::mistake::Mistake;

/// The largest file that is read.
pub(crate) const MAX_BYTES: usize = 1 << 20;
/// The deepest nesting, plugins' own configurations included.
const MAX_DEPTH: usize = 32;
/// Values, after aliases are followed.
const MAX_NODES: usize = 100_000;
/// Values that aliases may repeat: enough for shared lists, too few for an alias bomb.
const MAX_REPEATED: usize = 10_000;

/// Where each value stands: RFC 6901 pointer to 1-based line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Lines(HashMap<String, usize>);

impl Lines {
    /// The line of the value, or of the nearest value around it that is in the file.
    pub(crate) fn of(&self, pointer: &str) -> Option<usize> {
        let mut pointer = pointer;
        loop {
            if let Some(line) = self.0.get(pointer) {
                return Some(*line);
            }
            pointer = pointer.rsplit_once('/')?.0;
        }
    }
}

/// Reads one YAML 1.2 document. Duplicate keys, merge keys, unknown tags, several documents and whatever passes the bounds
/// above are refused; `yes` and `on` are words, not booleans.
pub(crate) fn parse(text: &str) -> Result<(Value, Lines), Mistake> {
    if text.len() > MAX_BYTES {
        return Err(Mistake::new(
            "config_too_large",
            "",
            format!("the file has {} bytes, the limit is {MAX_BYTES}", text.len()),
        ));
    }
    let node: Spanned<Node> = serde_saphyr::from_str_with_options(text, options()).map_err(|error| mistake(&error))?;
    let mut lines = Lines::default();
    let value = flatten(node, String::new(), &mut lines);
    Ok((value, lines))
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_events: MAX_NODES * 2,
            // One more than is taken, so that the second is named as what it is.
            max_documents: 2,
            max_aliases: 1000,
            max_anchors: 100,
            max_recorded_anchor_events: MAX_REPEATED,
            max_recorded_anchor_bytes: MAX_BYTES,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_REPEATED,
            max_replay_stack_depth: 8,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

fn mistake(error: &serde_saphyr::Error) -> Mistake {
    let line = error.location().and_then(|at| usize::try_from(at.line()).ok()).filter(|line| *line > 0);
    let (code, help) = match cause(error) {
        serde_saphyr::Error::DuplicateMappingKey { .. } => ("duplicate_key", "keep one of the two"),
        serde_saphyr::Error::MergeKeyNotAllowed { .. } => ("merge_key", "write the members out: `<<` is not taken"),
        serde_saphyr::Error::MultipleDocuments { .. } => ("several_documents", "keep one document: no second `---`"),
        serde_saphyr::Error::UnsupportedTag { .. } => ("unknown_tag", "write the value without the `!tag`"),
        serde_saphyr::Error::Budget { .. }
        | serde_saphyr::Error::AliasReplayLimitExceeded { .. }
        | serde_saphyr::Error::AliasExpansionLimitExceeded { .. }
        | serde_saphyr::Error::AliasReplayStackDepthExceeded { .. } => {
            ("config_too_complex", "32 levels, 100000 values, and 10000 values repeated by aliases are the limits")
        }
        _ => ("yaml_syntax", "check the indentation, the quotes and the `: ` after each name"),
    };
    let message = error.to_string();
    let message = message.lines().next().unwrap_or("this is not YAML");
    // The parser's own text ends with the place, which is told beside it.
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    Mistake::new(code, "", message).help(help).at_line(line)
}

/// What went wrong, without the alias it was met through.
fn cause(error: &serde_saphyr::Error) -> &serde_saphyr::Error {
    match error {
        serde_saphyr::Error::AliasError { error, .. } | serde_saphyr::Error::WithSnippet { error, .. } => cause(error),
        other => other,
    }
}

enum Node {
    Scalar(Value),
    List(Vec<Spanned<Node>>),
    Members(Vec<(Spanned<String>, Spanned<Node>)>),
}

/// The depth is bounded by the parser's budget, so recursion is.
fn flatten(node: Spanned<Node>, pointer: String, lines: &mut Lines) -> Value {
    let line = usize::try_from(node.referenced.line()).unwrap_or(0);
    if line > 0 {
        lines.0.entry(pointer.clone()).or_insert(line);
    }
    match node.value {
        Node::Scalar(value) => value,
        Node::List(items) => {
            let items = items.into_iter().enumerate();
            Value::Array(items.map(|(index, item)| flatten(item, format!("{pointer}/{index}"), lines)).collect())
        }
        Node::Members(members) => {
            let mut map = Map::with_capacity(members.len());
            for (key, member) in members {
                let pointer = child(&pointer, &key.value);
                // A member stands where its name stands: a value may begin lines below it.
                if let Ok(line) = usize::try_from(key.referenced.line())
                    && line > 0
                {
                    lines.0.insert(pointer.clone(), line);
                }
                let value = flatten(member, pointer, lines);
                map.insert(key.value, value);
            }
            Value::Object(map)
        }
    }
}

/// The pointer of a member: RFC 6901, section 3.
pub(crate) fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(Value::from(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(Value::from(value)))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Node, E> {
        Number::from_f64(value)
            .map(|number| Node::Scalar(Value::Number(number)))
            .ok_or_else(|| E::custom("a number must be finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(Value::from(value)))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Scalar(Value::String(value)))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
        let mut list: Vec<(Spanned<String>, Spanned<Node>)> = Vec::new();
        let mut names = std::collections::HashSet::new();
        while let Some((name, member)) = members.next_entry::<Spanned<String>, Spanned<Node>>()? {
            // The parser compares keys as YAML does (`1` and `"1"` differ); in JSON they are one member.
            if !names.insert(name.value.clone()) {
                return Err(A::Error::custom(format_args!("duplicate member `{}`", name.value)));
            }
            list.push((name, member));
        }
        Ok(Node::Members(list))
    }
}

#[cfg(test)]
mod tests;
