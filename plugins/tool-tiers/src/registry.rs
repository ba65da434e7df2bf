//! The registry of tools: from a name to its tier.

use std::collections::BTreeMap;

use witgate_sdk::Issue;

use crate::config::Tool;
use crate::glob::Glob;
use crate::tier::Tier;

/// Entries of a registry, and bytes of a name: what bounds the work of a look-up.
const MAX_TOOLS: usize = 4096;
const MAX_NAME: usize = 128;

/// What is known of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) tier: Tier,
    pub(crate) irreversible: bool,
}

/// The tools.
#[derive(Debug)]
pub(crate) struct Registry {
    exact: BTreeMap<String, Entry>,
    /// The most specific first.
    globs: Vec<(Glob, Entry)>,
    fold_case: bool,
}

impl Registry {
    /// A registry of these tools, or the built-in one where there are none.
    pub(crate) fn new(tools: &[Tool], fold_case: bool, issues: &mut Vec<Issue>) -> Self {
        let mut registry = Self { exact: BTreeMap::new(), globs: vec![], fold_case };
        if tools.len() > MAX_TOOLS {
            issues.push(Issue { pointer: "/tools".into(), message: format!("at most {MAX_TOOLS} entries") });
            return registry;
        }
        for (i, tool) in tools.iter().enumerate() {
            let entry = Entry { tier: tool.tier, irreversible: tool.irreversible };
            if let Err(message) = registry.add(&tool.name, entry) {
                issues.push(Issue { pointer: format!("/tools/{i}/name"), message });
            }
        }
        if tools.is_empty() {
            registry.fill();
        }
        // Stable: of equally specific globs the earlier stays first.
        registry.globs.sort_by_key(|(glob, _)| std::cmp::Reverse(glob.literals()));
        registry
    }

    fn add(&mut self, name: &str, entry: Entry) -> Result<(), String> {
        let Some(canonical) = self.canonical(name).filter(|c| c.len() == name.len()) else {
            return Err(format!("a name is 1 to {MAX_NAME} printable ASCII characters without spaces"));
        };
        if Glob::is_glob(&canonical) {
            let glob = Glob::new(&canonical);
            if self.globs.iter().any(|(g, _)| *g == glob) {
                return Err("this glob stands there already".into());
            }
            self.globs.push((glob, entry));
        } else if self.exact.insert(canonical, entry).is_some() {
            return Err("this tool stands there already".into());
        }
        Ok(())
    }

    /// A name as it is looked up: without space around it. None if it cannot be the name of a registered tool: empty,
    /// over-long, or with anything but printable ASCII, since a look-alike must not pass for the tool it looks like.
    fn canonical(&self, name: &str) -> Option<String> {
        let name = name.trim_matches([' ', '\t', '\r', '\n']);
        let legal = (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic());
        legal.then(|| if self.fold_case { name.to_ascii_lowercase() } else { name.to_owned() })
    }

    /// What is known of the tool that a model names.
    pub(crate) fn find(&self, name: &str) -> Option<Entry> {
        let name = self.canonical(name)?;
        let exact = self.exact.get(&name).copied();
        exact.or_else(|| self.globs.iter().find(|(glob, _)| glob.matches(&name)).map(|(_, entry)| *entry))
    }

    fn fill(&mut self) {
        for &(words, tier, irreversible) in BUILT_IN {
            for word in words {
                for joint in ['_', '-'] {
                    // The words are plain and distinct; a test adds them all.
                    let _ = self.add(&format!("{word}{joint}*"), Entry { tier, irreversible });
                }
            }
        }
    }
}

/// For demonstrations: a guess by the first word of a name. What a tool does is known to the operator alone.
const BUILT_IN: &[(&[&str], Tier, bool)] = &[
    (&["get", "list", "search", "read", "lookup", "fetch", "find", "describe", "count"], Tier::Low, false),
    (&["create", "add", "update", "set", "edit", "write", "save", "upload", "send", "post"], Tier::Medium, false),
    (&["delete", "remove", "cancel", "revoke", "run", "execute", "exec", "deploy"], Tier::High, true),
    (&["drop", "purge", "wipe", "destroy", "transfer", "pay", "buy", "purchase"], Tier::Critical, true),
];

#[cfg(test)]
mod tests;
