//! Replaces the measured part of a document and leaves the rest.

use std::path::Path;

use anyhow::Context as _;

/// Puts a text between the two markers of a part of a file.
pub(crate) fn write(path: &Path, part: &str, text: &str) -> anyhow::Result<()> {
    let document = std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    let [begin, end] = markers(part);
    let replaced = replaced(&document, part, text)
        .with_context(|| format!("{}: there is no part between {begin} and {end}", path.display()))?;
    Ok(std::fs::write(path, replaced)?)
}

fn markers(part: &str) -> [String; 2] {
    ["begin", "end"].map(|which| format!("<!-- {part}: {which} -->"))
}

fn replaced(document: &str, part: &str, text: &str) -> Option<String> {
    let [begin, end] = markers(part);
    let (before, rest) = document.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{}\n{end}{after}", text.trim_end()))
}

#[cfg(test)]
mod tests;
