//! `tokens`: how long and for how many the tokens of values are kept, and where values come back.

use std::time::Duration;

use serde::Deserialize;
use witgate_policy::{Restores, TokenLimits};

use super::{Mistake, schema};

/// `tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Tokens {
    /// Sessions at once; 0: every exchange by itself.
    pub(crate) sessions: u32,
    /// Values of one session, or of one exchange without a session.
    pub(crate) entries: u32,
    /// MiB of values altogether.
    pub(crate) max_mib: u32,
    /// After how long without an exchange a session ends.
    pub(crate) idle_ms: u32,
    /// After how long it ends in any case.
    pub(crate) age_ms: u32,
    /// In which tool calls values come back.
    pub(crate) restore: Vec<Restore>,
}

/// One tool in whose arguments values come back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Restore {
    /// Its name, as calls have it.
    pub(crate) tool: String,
    /// The kinds of values.
    pub(crate) kinds: Vec<String>,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            sessions: 10_000,
            entries: 4096,
            max_mib: 64,
            idle_ms: 3_600_000,
            age_ms: 86_400_000,
            restore: Vec::new(),
        }
    }
}

impl Tokens {
    pub(crate) fn limits(&self) -> TokenLimits {
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        TokenLimits {
            sessions: count(self.sessions),
            entries: count(self.entries),
            bytes: count(self.max_mib).saturating_mul(1 << 20),
            idle: Duration::from_millis(self.idle_ms.into()),
            age: Duration::from_millis(self.age_ms.into()),
        }
    }

    pub(crate) fn restores(&self) -> Restores {
        let mut restores = Restores::default();
        for Restore { tool, kinds } in &self.restore {
            restores.add(tool, kinds.iter().map(String::as_str));
        }
        restores
    }

    /// The kinds named that no plugin makes tokens of, as mistakes. `known`: the codes of the plugins of the set; the kind of
    /// a token is the code of the finding beside it.
    pub(crate) fn unknown_kinds(&self, known: &[String]) -> Vec<Mistake> {
        let is_kind = |code: &&String| code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let mut kinds: Vec<&str> = known.iter().filter(is_kind).map(String::as_str).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let mut mistakes = Vec::new();
        for (rule, Restore { kinds: named, .. }) in self.restore.iter().enumerate() {
            for (index, kind) in named.iter().enumerate().filter(|(_, kind)| !kinds.contains(&kind.as_str())) {
                let help = match schema::closest(kind, &kinds) {
                    Some(close) => format!("did you mean `{close}`?"),
                    None => format!("the plugins of this set know: {}", kinds.join(", ")),
                };
                let pointer = format!("/tokens/restore/{rule}/kinds/{index}");
                let message = format!("no plugin of the set makes tokens of the kind `{}`", schema::cut(kind));
                mistakes.push(Mistake::new("unknown_kind", pointer, message).help(help));
            }
        }
        mistakes
    }
}
