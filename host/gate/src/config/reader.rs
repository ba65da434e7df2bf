//! Walks the value of a configuration, takes typed pieces from it and notes every mistake on the way. What has the wrong shape
//! is passed over in silence here: the schema has told it.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::document::child;
use super::files::{self, Kind};
use super::mistake::Mistake;
use super::schema::cut;

pub(crate) struct Reader<'a> {
    value: &'a Value,
    /// The folder of the file; absolute.
    base: &'a Path,
    home: Option<PathBuf>,
    /// Whether the schema found nothing, so that a piece of the wrong shape is news.
    shaped: bool,
    mistakes: Vec<Mistake>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(value: &'a Value, base: &'a Path, home: Option<PathBuf>, mistakes: Vec<Mistake>) -> Self {
        Self { value, base, home, shaped: mistakes.is_empty(), mistakes }
    }

    pub(super) fn finish(self) -> Vec<Mistake> {
        self.mistakes
    }

    pub(super) fn mistake(&mut self, code: &'static str, pointer: &str, message: String, help: impl Into<String>) {
        self.mistakes.push(Mistake::new(code, pointer, message).help(help));
    }

    pub(super) fn at(&self, pointer: &str) -> Option<&'a Value> {
        self.value.pointer(pointer)
    }

    pub(super) fn list(&self, pointer: &str) -> &'a [Value] {
        self.at(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn text(&self, at: &str, member: &str) -> Option<&'a str> {
        self.at(&child(at, member)).and_then(Value::as_str)
    }

    /// A member as `T`, its default when it is not there.
    pub(super) fn block<T: DeserializeOwned + Default>(&mut self, at: &str, member: &str) -> Option<T> {
        let pointer = child(at, member);
        let Some(value) = self.at(&pointer) else {
            return Some(T::default());
        };
        match T::deserialize(value) {
            Ok(block) => Some(block),
            Err(error) => {
                // A whole number written as 1.0 meets the schema, and is the one thing known to end here.
                if self.shaped {
                    self.mistake("wrong_type", &pointer, error.to_string(), "write whole numbers without a point");
                }
                None
            }
        }
    }

    /// Notes each item of a list whose `member` an earlier item has too.
    pub(super) fn unique(&mut self, list: &str, member: &str, code: &'static str) {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for (index, item) in self.list(list).iter().enumerate() {
            let Some(value) = item.get(member).and_then(Value::as_str) else { continue };
            if let Some(first) = seen.get(value) {
                let message = format!("`{}` is the {member} of item {first} already", cut(value));
                self.mistake(code, &format!("{list}/{index}/{member}"), message, format!("give each its own {member}"));
            } else {
                seen.insert(value, index);
            }
        }
    }

    /// An absolute path: `~/` is the home folder, all else is taken from the folder of the file.
    pub(super) fn resolve(&mut self, pointer: &str, name: &str) -> Option<PathBuf> {
        if name.contains('\0') {
            self.mistake("path_form", pointer, "a path has no NUL character".to_owned(), "remove it");
            return None;
        }
        let path = match name.strip_prefix("~/") {
            None => self.base.join(name),
            Some(rest) => match &self.home {
                Some(home) => home.join(rest),
                None => {
                    self.mistake(
                        "home_unknown",
                        pointer,
                        format!("`{}` needs HOME, which is not set", cut(name)),
                        "write a whole path",
                    );
                    return None;
                }
            },
        };
        // Without `.`, so that paths compare; `..` stays, since a link may stand before it.
        Some(path.components().filter(|part| *part != Component::CurDir).collect())
    }

    pub(super) fn file(&mut self, at: &str, member: &str, kind: Kind) -> Option<PathBuf> {
        let pointer = child(at, member);
        let name = self.text(at, member).filter(|name| !name.is_empty())?;
        let path = self.resolve(&pointer, name)?;
        self.check_file(&pointer, path, kind)
    }

    pub(super) fn check_file(&mut self, pointer: &str, path: PathBuf, kind: Kind) -> Option<PathBuf> {
        match files::check(&path, kind) {
            Ok(()) => Some(path),
            Err(wrong) => {
                self.mistake(wrong.code, pointer, wrong.message, wrong.help);
                None
            }
        }
    }
}
