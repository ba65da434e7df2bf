//! One mistake in a configuration, and all of them as text a person can act on.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::document::Lines;

/// Something in a configuration that is not as it must be. `code` is stable; the texts are for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Mistake {
    /// Stable, `snake_case`.
    pub(crate) code: &'static str,
    /// RFC 6901 pointer to the value; empty for the document as a whole.
    pub(crate) pointer: String,
    /// 1-based line in the YAML, where it could be told.
    pub(crate) line: Option<usize>,
    /// What is wrong.
    pub(crate) message: String,
    /// What would be right.
    pub(crate) help: Option<String>,
}

impl Mistake {
    pub(crate) fn new(code: &'static str, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, pointer: pointer.into(), line: None, message: message.into(), help: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn at_line(mut self, line: Option<usize>) -> Self {
        self.line = line;
        self
    }
}

/// All the mistakes found in one configuration file; never empty when returned as an error.
#[derive(Debug, Clone)]
pub(crate) struct ConfigErrors {
    /// The file as it was named.
    pub(crate) file: PathBuf,
    /// In the order of the lines.
    pub(crate) mistakes: Vec<Mistake>,
    /// The YAML, for the excerpts; empty when the file could not be read.
    text: String,
}

impl ConfigErrors {
    /// Puts the mistakes in the order of the file and gives those without a line that of their pointer.
    pub(crate) fn new(file: &Path, text: &str, lines: &Lines, mut mistakes: Vec<Mistake>) -> Self {
        for mistake in &mut mistakes {
            mistake.line = mistake.line.or_else(|| lines.of(&mistake.pointer));
        }
        mistakes.sort_by_key(|mistake| mistake.line.unwrap_or(usize::MAX));
        Self { file: file.to_owned(), mistakes, text: text.to_owned() }
    }

    /// The file could not be read at all: nothing can be said about its contents.
    pub(crate) fn unreadable(&self) -> bool {
        self.mistakes.iter().any(|mistake| mistake.code == UNREADABLE)
    }
}

/// The code of a file that could not be read.
pub(crate) const UNREADABLE: &str = "config_unreadable";

impl std::error::Error for ConfigErrors {}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mistake in &self.mistakes {
            self.one(f, mistake)?;
        }
        match self.mistakes.len() {
            1 => write!(f, "1 mistake in {}", self.file.display()),
            many => write!(f, "{many} mistakes in {}", self.file.display()),
        }
    }
}

impl ConfigErrors {
    fn one(&self, f: &mut fmt::Formatter<'_>, mistake: &Mistake) -> fmt::Result {
        writeln!(f, "error[{}]: {}", mistake.code, mistake.message)?;
        let file = self.file.display();
        let pointer = if mistake.pointer.is_empty() { "the whole file" } else { &mistake.pointer };
        let Some(line) = mistake.line else {
            writeln!(f, " --> {file} at {pointer}")?;
            return Self::help(f, "", mistake);
        };
        let margin = " ".repeat(line.to_string().len());
        writeln!(f, "{margin}--> {file}:{line} at {pointer}")?;
        if let Some(source) = self.text.lines().nth(line.saturating_sub(1)) {
            writeln!(f, "{margin} |\n{line} | {}\n{margin} |", excerpt(source))?;
        }
        Self::help(f, &margin, mistake)
    }

    fn help(f: &mut fmt::Formatter<'_>, margin: &str, mistake: &Mistake) -> fmt::Result {
        match &mistake.help {
            Some(help) => writeln!(f, "{margin} = help: {help}\n"),
            None => writeln!(f),
        }
    }
}

/// A line as it can be shown: bounded, and without control characters that would act on a terminal.
fn excerpt(line: &str) -> String {
    const WIDEST: usize = 120;
    let mut shown: String = line.chars().take(WIDEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.chars().nth(WIDEST).is_some() {
        shown.push('…');
    }
    shown.trim_end().to_owned()
}

#[cfg(test)]
mod tests;
