//! Where values may come back in tool calls.

use std::collections::{BTreeMap, BTreeSet};

/// Tools, and the kinds of values that come back in their arguments. What is not named stays a token: in a URL that a tool
/// fetches, a value that came back would be sent to a stranger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restores {
    /// Kinds in capitals, as tokens have them.
    tools: BTreeMap<String, BTreeSet<String>>,
}

impl Restores {
    /// Adds kinds of a tool. Its name is compared byte for byte; that of a kind in any case.
    pub fn add<'a>(&mut self, tool: &str, kinds: impl IntoIterator<Item = &'a str>) {
        let kinds = kinds.into_iter().map(str::to_ascii_uppercase);
        self.tools.entry(tool.to_owned()).or_default().extend(kinds);
    }

    /// Whether anything comes back in the calls of a tool.
    #[must_use]
    pub fn names(&self, tool: &str) -> bool {
        self.tools.contains_key(tool)
    }

    pub(crate) fn allows(&self, tool: &str, kind: &str) -> bool {
        self.tools.get(tool).is_some_and(|kinds| kinds.contains(kind))
    }
}
