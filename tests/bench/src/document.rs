//! Replaces the measured part of a document and leaves the rest.

use std::path::Path;

use anyhow::Context as _;

const BEGIN: &str = "<!-- measured: begin -->";
const END: &str = "<!-- measured: end -->";

/// Puts `text` between the two markers of a file.
pub(crate) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let document = std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    let replaced = replaced(&document, text)
        .with_context(|| format!("{}: there is no part between {BEGIN} and {END}", path.display()))?;
    Ok(std::fs::write(path, replaced)?)
}

fn replaced(document: &str, text: &str) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{}\n{END}{after}", text.trim_end()))
}

#[cfg(test)]
mod tests;
