//! A file of cases being written.

use std::fmt::Write as _;

use serde_json::Value;

/// What `witgate plugin test` reads: so many bytes, so many cases.
const MOST_BYTES: usize = 1 << 20;
const MOST_CASES: usize = 2000;
const HEAD: &str =
    "# Made by `witgate audit cases` from recorded exchanges. Values that policies found are replaced.\n";

/// The cases of one plugin.
#[derive(Debug, Default)]
pub(super) struct CasesFile {
    text: String,
    cases: usize,
}

impl CasesFile {
    /// One more.
    ///
    /// # Errors
    /// There is no room for it.
    pub(super) fn add(&mut self, case: &Value) -> Result<(), &'static str> {
        let text = yaml(case);
        if self.cases >= MOST_CASES || HEAD.len() + self.text.len() + text.len() > MOST_BYTES {
            return Err("the file is as long as `witgate plugin test` reads; ask for less with --since");
        }
        self.text.push_str(&text);
        self.cases += 1;
        Ok(())
    }

    pub(super) fn cases(&self) -> usize {
        self.cases
    }

    pub(super) fn text(&self) -> String {
        format!("{HEAD}{}", self.text)
    }
}

/// A case as YAML that people read: a line a member, and a line a segment. What is JSON is YAML.
fn yaml(case: &Value) -> String {
    let mut out = String::new();
    let members = case.as_object().into_iter().flatten();
    for (index, (name, value)) in members.enumerate() {
        let front = if index == 0 { "- " } else { "  " };
        // Writing to a String cannot fail.
        let _ = match (name.as_str(), value) {
            ("segments", Value::Array(segments)) => {
                let _ = writeln!(out, "{front}{name}:");
                segments.iter().try_for_each(|segment| writeln!(out, "    - {segment}"))
            }
            ("stage", Value::String(stage)) => writeln!(out, "{front}{name}: {stage}"),
            _ => writeln!(out, "{front}{name}: {value}"),
        };
    }
    printable(&out)
}

/// With escapes for what JSON may hold as it is and YAML may not, or not without doubt.
fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
