//! One thing that a check found, and what to do about it.

use serde_json::{Value, json};

use crate::cli::plugin::paint::Paint;
use crate::cli::plugin::plain;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Good to know.
    Note,
    /// It will work, and somebody will be sorry.
    Warning,
    /// It must not be put in force so.
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// `code` is stable; the texts are for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Advice {
    pub(super) level: Level,
    pub(super) code: &'static str,
    pub(super) what: String,
    pub(super) help: String,
}

impl Advice {
    pub(super) fn new(level: Level, code: &'static str, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { level, code, what: what.into(), help: help.into() }
    }

    pub(super) fn json(&self) -> Value {
        json!({"level": self.level.name(), "code": self.code, "message": self.what, "advice": self.help})
    }

    pub(super) fn human(&self, paint: Paint) -> String {
        let head = format!("{}[{}]", self.level.name(), self.code);
        let head = match self.level {
            Level::Error => paint.red(&head),
            Level::Warning => paint.yellow(&head),
            Level::Note => paint.bold(&head),
        };
        format!("\n{head}: {}\n = help: {}\n", plain(&self.what), plain(&self.help))
    }
}
