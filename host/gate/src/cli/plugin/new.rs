//! `witgate plugin new`: a small project that builds and passes its own cases.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::error::PluginError;
use super::{Format, OK, plain};

mod carried;
mod language;

pub(crate) use language::Language;

/// Longest name; the manifest's bound.
const LONGEST: usize = 64;
/// What cargo takes for something else.
const TAKEN: [&str; 8] = ["alloc", "core", "proc-macro", "std", "test", "witgate-sdk", "sdk", "wit"];
/// What Rust takes for something else; a crate cannot have such a name.
const KEYWORDS: &str = "abstract as async await become box break const continue crate do dyn else enum extern false final \
    fn for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct super trait true \
    try type typeof unsafe unsized use virtual where while yield";

/// Writes a project for a plugin called `name` into `dir`, by default a folder of that name.
pub(super) fn run(
    name: &str,
    language: Language,
    dir: Option<&Path>,
    format: Format,
    out: &mut dyn Write,
) -> Result<u8, PluginError> {
    checked(name)?;
    let dir = dir.map_or_else(|| PathBuf::from(name), Path::to_path_buf);
    let files = language.files(name);
    // Nothing of somebody else's is written over, and a project is not put in the middle of another one.
    if dir.is_file() || fs::read_dir(&dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(PluginError::NotEmpty(dir));
    }
    for (path, text) in &files {
        write(&dir.join(path), text)?;
    }
    match format {
        Format::Json => {
            let files: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
            let told =
                json!({"plugin": name, "lang": language.name(), "dir": dir.display().to_string(), "files": files});
            writeln!(out, "{told}")?;
        }
        Format::Human => {
            let dir = dir.display();
            writeln!(out, "Wrote {dir}, a policy in {} that withholds words. Next:\n", language.title())?;
            writeln!(out, "  cd {dir}")?;
            for need in language.needs() {
                writeln!(out, "  {need}")?;
            }
            writeln!(out, "  witgate plugin build\n  witgate plugin test {name}.wasm\n")?;
            writeln!(out, "{dir}/README.md tells the rest.")?;
        }
    }
    Ok(OK)
}

/// A name that a manifest, a crate and a file can have.
fn checked(name: &str) -> Result<(), PluginError> {
    let plain_letters = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let begins = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let why = if name.len() > LONGEST {
        "it is longer than 64 characters"
    } else if !plain_letters {
        "it may hold lower-case letters, digits and `-` only"
    } else if !begins || name.ends_with('-') {
        "it must begin with a letter and must not end with `-`"
    } else if TAKEN.contains(&name) || KEYWORDS.split_whitespace().any(|word| word == name) {
        "it means something else to the compiler"
    } else {
        return Ok(());
    };
    Err(PluginError::Name { name: plain(name), why })
}

fn write(path: &Path, text: &str) -> Result<(), PluginError> {
    let written = match path.parent() {
        Some(folder) => fs::create_dir_all(folder).and_then(|()| fs::write(path, text)),
        None => fs::write(path, text),
    };
    written.map_err(|source| PluginError::Unwritable { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests;
