//! Which place of the configuration an error of the policy set is about, and what to do there.

use witgate_policy::BuildError;
use witgate_policy::engine::{Limits, LoadError};

use crate::config::{Config, Mistake};
use crate::policies::ReloadError;

/// The error as mistakes of the configuration: one for each thing that is wrong, each with its pointer.
pub(crate) fn mistakes(config: &Config, error: &ReloadError) -> Vec<Mistake> {
    match error {
        ReloadError::Config(errors) => errors.mistakes.clone(),
        ReloadError::File { id, .. } => {
            let help = "check the file and its permissions";
            vec![Mistake::new(error.code(), at(config, id, "plugin"), error.to_string()).help(help)]
        }
        ReloadError::Build(error) => of_build(config, error),
        ReloadError::Ledger(_) => {
            let help = "nothing is wrong with it; reload again when `/readyz` says that the ledger can be written";
            vec![Mistake::new(error.code(), "/ledger", error.to_string()).help(help)]
        }
    }
}

/// The error as mistakes, those of a set that was built from `config`.
pub(crate) fn of_build(config: &Config, error: &BuildError) -> Vec<Mistake> {
    let one = |member: &str, help: &str| {
        let pointer = at(config, error.plugin().unwrap_or_default(), member);
        vec![Mistake::new(error.code(), pointer, error.to_string()).help(help)]
    };
    match error {
        BuildError::Empty => vec![Mistake::new(error.code(), "/policies/set", error.to_string())],
        BuildError::Config { id, issues } => {
            let issues = issues.iter().map(|issue| (&issue.pointer, &issue.message));
            in_config(config, id, error.code(), issues)
        }
        BuildError::Load { id, error: LoadError::Configure(issues) } if !issues.is_empty() => {
            let issues = issues.iter().map(|issue| (&issue.pointer, &issue.message));
            in_config(config, id, error.code(), issues)
        }
        BuildError::Load { error: LoadError::Configure(_) | LoadError::ConfigureFault(_), .. } => {
            one("config", "`witgate plugin inspect FILE --config CONFIG` tries the same")
        }
        BuildError::Load { error: LoadError::MissingGrant { grant, .. }, .. } => one(
            "grants",
            &format!("add `{grant}` to its `grants`, if it may; what each grants stands in docs/policies.md"),
        ),
        BuildError::Load { error: LoadError::Pin { .. }, .. } => {
            one("sha256", "put the file back that was pinned, or pin this one if it is the one you mean")
        }
        BuildError::Load { error: LoadError::MemoryLimit(_), .. } => {
            one("limits/memory_mib", &format!("write at most {}", Limits::MAX_MEMORY >> 20))
        }
        BuildError::Deadline { .. } => {
            one("limits/deadline_ms", &format!("write 1 to {}", witgate_policy::MAX_DEADLINE_MS))
        }
        BuildError::Trust { .. } => one("signature", "`witgate plugin verify FILE --key PUB` makes the same check"),
        BuildError::Load { .. } | BuildError::Manifest { .. } => {
            one("plugin", "`witgate plugin inspect FILE` tells what it is")
        }
    }
}

/// What is wrong inside a plugin's own configuration.
fn in_config<'a>(
    config: &Config,
    id: &str,
    code: &'static str,
    issues: impl Iterator<Item = (&'a String, &'a String)>,
) -> Vec<Mistake> {
    // A plugin may say as much as it likes; more than this nobody reads.
    let issues = issues.take(32).map(|(pointer, message)| {
        let below = if pointer.starts_with('/') { pointer.as_str() } else { "" };
        let help = "`witgate plugin inspect` lists the members of its configuration";
        let message = format!("plugin `{id}`: {}", bounded(message));
        Mistake::new(code, format!("{}{}", at(config, id, "config"), bounded(below)), message).help(help)
    });
    issues.collect()
}

/// The pointer of an entry's member.
fn at(config: &Config, id: &str, member: &str) -> String {
    match config.policies.set.iter().position(|entry| entry.id == id) {
        Some(index) => format!("/policies/set/{index}/{member}"),
        None => "/policies/set".to_owned(),
    }
}

/// A plugin's words on one line, bounded.
fn bounded(text: &str) -> String {
    text.chars().take(400).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// An error as the log and `/admin/policy` tell it.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// What is wrong, with the place at its end.
    pub(crate) message: String,
    /// RFC 6901 pointer into the configuration.
    pub(crate) pointer: Option<String>,
    /// 1-based line of the configuration.
    pub(crate) line: Option<usize>,
}

/// The error with its place in the configuration that it is about; `None`: in one that could not be read.
pub(crate) fn told(config: Option<&Config>, error: &ReloadError) -> Told {
    if let ReloadError::Config(errors) = error {
        let first = errors.mistakes.first();
        let (pointer, line) = (first.map(|one| one.pointer.clone()), first.and_then(|one| one.line));
        return Told { message: error.to_string(), pointer, line };
    }
    let first = config.and_then(|config| mistakes(config, error).into_iter().next());
    let source = config.and_then(|config| config.source.as_ref());
    let (Some(first), Some(source)) = (first, source) else {
        return Told { message: error.to_string(), pointer: None, line: None };
    };
    let errors = source.errors(vec![first]);
    let Some(Mistake { pointer, line, .. }) = errors.mistakes.into_iter().next() else {
        return Told { message: error.to_string(), pointer: None, line: None };
    };
    let file = source.file.display();
    let place = line.map_or_else(|| format!("{file}"), |line| format!("{file}:{line}"));
    Told { message: format!("{error} ({place} at {pointer})"), pointer: Some(pointer), line }
}

#[cfg(test)]
mod tests;
