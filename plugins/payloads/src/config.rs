//! The configuration, as `manifest.json` describes it.

use std::collections::BTreeMap;

use serde::Deserialize;
use witgate_sdk::Issue;

use crate::family::Family;
use crate::kind::Kind;

/// Most entries of one list.
const MAX_ENTRIES: usize = 256;

/// What is done where, and what arguments are.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub(crate) arguments: Actions,
    pub(crate) text: Actions,
    pub(crate) tool_results: Actions,
    pub(crate) history: Actions,
    pub(crate) answers: Actions,
    pub(crate) severity: u8,
    pub(crate) kinds: Vec<Declared>,
    pub(crate) guess_kinds: bool,
    pub(crate) statements: Vec<String>,
    pub(crate) commands: Vec<String>,
    pub(crate) roots: Vec<String>,
    pub(crate) hosts: Vec<String>,
}

/// What happens to a payload of a family; most severe last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// Nothing.
    Off,
    /// A finding and a label.
    Label,
    /// A refusal.
    Block,
}

/// What happens in one place: `default`, and families that differ.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Actions {
    pub(crate) default: Action,
    #[serde(default, flatten)]
    pub(crate) families: BTreeMap<Code, Action>,
}

/// A family by its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Code(pub(crate) Family);

impl TryFrom<String> for Code {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let family = Family::ALL.into_iter().find(|f| f.code() == name);
        family.map(Self).ok_or_else(|| format!("no family has the code {name}"))
    }
}

/// What an argument is, said by the operator.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Declared {
    pub(crate) tool: String,
    pub(crate) argument: String,
    pub(crate) kind: Kind,
}

impl Actions {
    fn all(default: Action) -> Self {
        Self { default, families: BTreeMap::new() }
    }

    /// What happens to a family.
    pub(crate) fn of(&self, family: Family) -> Action {
        self.families.get(&Code(family)).copied().unwrap_or(self.default)
    }

    /// Whether anything happens at all.
    pub(crate) fn any(&self) -> bool {
        Family::ALL.into_iter().any(|f| self.of(f) != Action::Off)
    }

    /// Whether anything is refused.
    pub(crate) fn blocks(&self) -> bool {
        Family::ALL.into_iter().any(|f| self.of(f) == Action::Block)
    }
}

impl Default for Config {
    fn default() -> Self {
        let strings = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        Self {
            arguments: Actions::all(Action::Block),
            text: Actions::all(Action::Label),
            tool_results: Actions::all(Action::Label),
            history: Actions::all(Action::Label),
            answers: Actions {
                families: BTreeMap::from([(Code(Family::Xss), Action::Label)]),
                ..Actions::all(Action::Off)
            },
            severity: 70,
            kinds: vec![],
            guess_kinds: true,
            statements: strings(&[
                "select", "with", "values", "show", "describe", "explain", "insert", "update", "delete",
            ]),
            commands: vec![],
            roots: vec![],
            hosts: vec![],
        }
    }
}

impl Config {
    /// What the schema cannot say.
    pub(crate) fn issues(&self) -> Vec<Issue> {
        let mut issues = vec![];
        let lists = [
            ("statements", self.statements.len()),
            ("commands", self.commands.len()),
            ("roots", self.roots.len()),
            ("hosts", self.hosts.len()),
            ("kinds", self.kinds.len()),
        ];
        for (name, len) in lists {
            if len > MAX_ENTRIES {
                issues.push(Issue { pointer: format!("/{name}"), message: format!("at most {MAX_ENTRIES} entries") });
            }
        }
        for (at, root) in self.roots.iter().enumerate() {
            if !root.starts_with('/') && root.get(1..2) != Some(":") {
                issues.push(Issue {
                    pointer: format!("/roots/{at}"),
                    message: "an absolute path, such as /srv/data".into(),
                });
            }
        }
        issues
    }
}
