//! `witgate validate FILE`: every mistake of a configuration, with its pointer, its line and what would be right.

use std::io::{self, Write};
use std::path::Path;

use serde_json::json;

use crate::config::{Config, ConfigErrors, Mistake};
use crate::policies;

/// Nothing is wrong.
pub(crate) const OK: u8 = 0;
/// There are mistakes.
pub(crate) const MISTAKES: u8 = 1;
/// The file could not be read.
pub(crate) const UNREADABLE: u8 = 2;

/// How the outcome is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// One JSON object: `file`, `valid`, `mistakes`.
    Json,
}

/// Checks the file, writes the outcome to `out` and gives the exit code. `further` looks at a configuration that is right in
/// itself, at what its plugins have to say about their part.
///
/// # Errors
/// When `out` cannot be written.
pub(crate) fn validate(
    path: &Path,
    format: Format,
    further: &dyn Fn(&Config) -> Vec<Mistake>,
    out: &mut dyn Write,
) -> io::Result<u8> {
    let config = match Config::load(path) {
        Ok(config) => config,
        Err(errors) => return refused(path, format, &errors, out),
    };
    let mistakes = further(&config);
    if let Some(source) = &config.source
        && !mistakes.is_empty()
    {
        return refused(path, format, &source.errors(mistakes), out);
    }
    match format {
        Format::Json => {
            writeln!(out, "{}", json!({"file": path.display().to_string(), "valid": true, "mistakes": []}))?
        }
        Format::Human => {
            let (upstreams, policies) = (config.upstreams.len(), config.policies.set.len());
            let upstreams = if upstreams == 1 { "1 upstream".to_owned() } else { format!("{upstreams} upstreams") };
            let policies = if policies == 1 { "1 policy".to_owned() } else { format!("{policies} policies") };
            writeln!(out, "{}: no mistakes ({upstreams}, {policies})", path.display())?;
        }
    }
    Ok(OK)
}

/// What the plugins have to say about their part of a configuration: pins, signatures, grants, limits, and their own words.
/// `configure` of each plugin is run, in its sandbox, unless nobody vouches for the plugin.
pub(crate) fn plugins(config: &Config) -> Vec<Mistake> {
    let mut mistakes = super::serve::plugin_mistakes(config);
    let told: Vec<String> = mistakes.iter().map(|one| one.pointer.clone()).collect();
    // The schema's mistakes are told already, and better: with what would be right.
    let anew = policies::check(config).into_iter().filter(|found| {
        !told.iter().any(|told| {
            let within = found.code == "plugin_config_invalid" && told.starts_with(entry(&found.pointer));
            within || *told == found.pointer
        })
    });
    mistakes.extend(anew);
    mistakes
}

/// The part of `/policies/set/N/config/…` that names the entry's configuration.
fn entry(pointer: &str) -> &str {
    let end = pointer.match_indices('/').nth(4).map_or(pointer.len(), |(at, _)| at);
    pointer.get(..end).unwrap_or(pointer)
}

fn refused(path: &Path, format: Format, errors: &ConfigErrors, out: &mut dyn Write) -> io::Result<u8> {
    match format {
        Format::Human => writeln!(out, "{errors}")?,
        Format::Json => {
            writeln!(
                out,
                "{}",
                json!({"file": path.display().to_string(), "valid": false, "mistakes": errors.mistakes})
            )?;
        }
    }
    Ok(if errors.unreadable() { UNREADABLE } else { MISTAKES })
}

#[cfg(test)]
mod tests;
