//! The ladder of levels, and the words that name them in headers and in the configuration.

use std::collections::BTreeMap;

use witgate_sdk::Issue;

use crate::config::{Level, Scheme};
use crate::controls::{self, Raise};
use crate::schemes;

/// A level: 0 is the lowest.
pub(crate) type Rank = u8;

/// More levels than anybody has; a message can name them all.
const MAX_LEVELS: usize = 16;
/// Bytes of a level's name or alias.
const MAX_NAME: usize = 48;
/// Aliases of one level.
const MAX_ALIASES: usize = 32;

/// The levels in order, and their names.
#[derive(Debug)]
pub(crate) struct Ladder {
    names: Vec<String>,
    words: BTreeMap<String, Rank>,
    /// Levels that controls lift a marking to, where the ladder has them.
    pub(crate) controlled: Option<Rank>,
    pub(crate) compartment: Option<Rank>,
}

impl Ladder {
    /// The configured ladder, or a built-in one where there is none.
    pub(crate) fn new(levels: &[Level], scheme: Option<Scheme>, issues: &mut Vec<Issue>) -> Self {
        let mut ladder = Self { names: vec![], words: BTreeMap::new(), controlled: None, compartment: None };
        if scheme.is_some() && !levels.is_empty() {
            issues.push(issue("/ladder", "a built-in ladder or `levels` of your own, not both"));
        } else if levels.is_empty() {
            for (name, aliases) in schemes::levels(scheme.unwrap_or_default()) {
                let names = std::iter::once(*name).chain(aliases.iter().copied());
                ladder.push(name, names.map(str::to_owned));
            }
        } else if levels.len() < 2 || levels.len() > MAX_LEVELS {
            issues.push(issue("/levels", &format!("a ladder has 2 to {MAX_LEVELS} levels")));
        } else {
            for (i, level) in levels.iter().enumerate() {
                ladder.check(i, level, issues);
                let names = std::iter::once(&level.name).chain(&level.aliases);
                ladder.push(&level.name, names.cloned());
            }
        }
        ladder
    }

    fn check(&self, i: usize, level: &Level, issues: &mut Vec<Issue>) {
        let legal = |n: &str| {
            (1..=MAX_NAME).contains(&n.len())
                && n.bytes().all(|b| matches!(b, b' '..=b'~'))
                && normal(n).bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
        };
        if level.aliases.len() > MAX_ALIASES {
            issues.push(issue(&format!("/levels/{i}/aliases"), &format!("at most {MAX_ALIASES}")));
        }
        for name in std::iter::once(&level.name).chain(&level.aliases) {
            if !legal(name) {
                let message =
                    format!("a level's name is 1 to {MAX_NAME} ASCII bytes and begins with a letter or digit");
                issues.push(issue(&format!("/levels/{i}"), &message));
            } else if self.words.contains_key(&normal(name)) {
                let message = format!("`{name}` already names a lower level");
                issues.push(issue(&format!("/levels/{i}"), &message));
            }
        }
    }

    fn push(&mut self, name: &str, words: impl Iterator<Item = String>) {
        let Ok(rank) = Rank::try_from(self.names.len()) else {
            return;
        };
        self.names.push(name.to_owned());
        for word in words {
            self.words.entry(normal(&word)).or_insert(rank);
        }
    }

    /// The highest level.
    pub(crate) fn top(&self) -> Rank {
        Rank::try_from(self.names.len().saturating_sub(1)).unwrap_or(Rank::MAX)
    }

    /// The name of a level.
    pub(crate) fn name(&self, rank: Rank) -> &str {
        self.names.get(usize::from(rank)).map_or("", String::as_str)
    }

    /// All names, lowest first, as a caller is told them.
    pub(crate) fn names(&self) -> String {
        self.names.join(", ")
    }

    /// All words for levels, with their rank.
    pub(crate) fn words(&self) -> impl Iterator<Item = (&str, Rank)> {
        self.words.iter().map(|(w, r)| (w.as_str(), *r))
    }

    /// A level by name or alias, in any case, with `-`, `_` or spaces between its words.
    pub(crate) fn level(&self, word: &str) -> Option<Rank> {
        self.words.get(&normal(word)).copied()
    }

    /// The level of what somebody declares: a name, or a whole banner such as `SECRET//NOFORN`. Compartments lift it.
    pub(crate) fn declared(&self, text: &str) -> Option<Rank> {
        let (base, lifted) = self.banner(text)?;
        Some(lifted.unwrap_or(base).max(base))
    }

    /// The level somebody is cleared for. A control never lifts a clearance: only a name or alias does.
    pub(crate) fn cleared(&self, text: &str) -> Option<Rank> {
        self.banner(text).map(|(base, _)| base)
    }

    fn banner(&self, text: &str) -> Option<(Rank, Option<Rank>)> {
        if text.len() > 256 {
            return None;
        }
        if let Some(rank) = self.level(text) {
            return Some((rank, None));
        }
        let normal = normal(text);
        let (base, controls) = normal.split_once("//")?;
        let base = self.level(base)?;
        let mut lifted = None;
        for control in controls.split('/').filter(|c| !c.is_empty()) {
            let word = control.split([' ', '-', ',']).next()?;
            let raise = controls::find(word)?;
            lifted = lifted.max(self.raised(raise));
        }
        Some((base, lifted))
    }

    /// Where a control lifts a marking to, if anywhere.
    pub(crate) fn raised(&self, raise: Raise) -> Option<Rank> {
        match raise {
            Raise::No => None,
            Raise::Controlled => self.controlled,
            Raise::Compartment => self.compartment,
        }
    }
}

/// Upper case; runs of space, `_` and `-` are one space; none around `/`.
fn normal(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut gap = false;
    for c in word.trim().chars() {
        if matches!(c, ' ' | '\t' | '_' | '-') {
            gap = true;
            continue;
        }
        if gap && c != '/' && !out.ends_with('/') && !out.is_empty() {
            out.push(' ');
        }
        gap = false;
        out.push(c.to_ascii_uppercase());
    }
    out
}

/// An issue of the configuration.
pub(crate) fn issue(pointer: &str, message: &str) -> Issue {
    Issue { pointer: pointer.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests;
