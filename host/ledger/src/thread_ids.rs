//! Names a client gives to what belongs together: a conversation, a turn of it, a task over several gates.

use std::collections::BTreeMap;

use crate::value::Value;

/// The longest of these names, in bytes.
pub const MAX_THREAD_ID: usize = 128;

/// The names a client gave an exchange. They stand in the `attributes` of every record of it, so that a timeline is read record
/// by record. They are the client's word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ThreadIds {
    /// The conversation.
    pub thread: Option<String>,
    /// The turn of it.
    pub turn: Option<String>,
    /// The turn that this one came from.
    pub parent_turn: Option<String>,
    /// What it belongs to beyond this gate.
    pub correlation: Option<String>,
}

impl ThreadIds {
    /// The names of the attributes, in the order of the fields.
    pub const NAMES: [&'static str; 4] = ["thread_id", "turn_id", "parent_turn_id", "correlation_id"];

    /// The field of an attribute's name.
    pub fn field(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name {
            "thread_id" => Some(&mut self.thread),
            "turn_id" => Some(&mut self.turn),
            "parent_turn_id" => Some(&mut self.parent_turn),
            "correlation_id" => Some(&mut self.correlation),
            _ => None,
        }
    }

    /// Those that were given, with the names of their attributes.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let fields = [&self.thread, &self.turn, &self.parent_turn, &self.correlation];
        Self::NAMES.into_iter().zip(fields).filter_map(|(name, field)| Some((name, field.as_deref()?)))
    }

    /// Whether none was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.named().next().is_none()
    }

    /// As attributes of a record.
    #[must_use]
    pub fn attributes(&self) -> BTreeMap<String, Value> {
        self.named().map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
    }

    /// Those among a record's attributes.
    #[must_use]
    pub fn of(attributes: &BTreeMap<String, Value>) -> Self {
        let mut ids = Self::default();
        for name in Self::NAMES {
            if let (Some(Value::Text(value)), Some(field)) = (attributes.get(name), ids.field(name)) {
                *field = Some(value.clone());
            }
        }
        ids
    }

    /// Whether a name is one that a record takes: 1 to [`MAX_THREAD_ID`] visible ASCII characters, so that no two of them differ
    /// in what nobody sees.
    #[must_use]
    pub fn is_valid(value: &str) -> bool {
        (1..=MAX_THREAD_ID).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic())
    }
}
