//! Labelled rows: one JSON object a line.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::super::error::PluginError;
use super::super::plain;
use super::asked::As;
use super::spans::Marked;

/// A line is not longer than what a gate would take.
const LONGEST: u64 = 8 << 20;
/// Mistakes that are told; the others are counted.
const TOLD: usize = 20;

/// A text, and what it is known to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// 1-based.
    pub(super) line: usize,
    pub(super) text: String,
    pub(super) positive: bool,
    /// `-` where there is none.
    pub(super) kind: String,
    pub(super) source: String,
    /// Whose text it is, where that is said.
    pub(super) channel: Option<As>,
    /// None where nobody looked for any.
    pub(super) spans: Option<Vec<Marked>>,
}

/// Which labels say what.
#[derive(Debug, Clone)]
pub(super) struct Labels {
    positive: BTreeSet<String>,
    negative: BTreeSet<String>,
}

impl Labels {
    /// The usual ones and these; what is given on both sides counts as positive.
    pub(super) fn new(positive: &[String], negative: &[String]) -> Self {
        let usual = |usual: &[&str], given: &[String], other: &[String]| {
            let usual = usual.iter().map(|label| (*label).to_owned()).filter(|label| !other.contains(label));
            usual.chain(given.iter().cloned()).collect()
        };
        Self {
            positive: usual(&["attack", "pii", "secret"], positive, negative),
            negative: usual(&["benign", "clean"], negative, positive),
        }
    }

    fn positive(&self, label: &str) -> Option<bool> {
        if self.positive.contains(label) { Some(true) } else { self.negative.contains(label).then_some(false) }
    }
}

/// What is wrong with the rows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RowMistakes {
    file: PathBuf,
    /// The first ones, in the order of the lines.
    told: Vec<RowMistake>,
    count: usize,
}

/// `code` is stable.
#[derive(Debug, PartialEq, Eq)]
struct RowMistake {
    code: &'static str,
    line: usize,
    message: String,
    help: Option<String>,
}

impl fmt::Display for RowMistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for RowMistake { code, line, message, help } in &self.told {
            writeln!(f, "error[{code}]: {}\n --> {}:{line}", plain(message), self.file.display())?;
            if let Some(help) = help {
                writeln!(f, " = help: {help}")?;
            }
            writeln!(f)?;
        }
        let many = if self.count == 1 { "row" } else { "rows" };
        write!(f, "{} {many} of {} cannot be used", self.count, self.file.display())?;
        match self.count - self.told.len() {
            0 => Ok(()),
            more => write!(f, "; {more} of them are not shown"),
        }
    }
}

/// A row as it is written. Other members may be there: data sets have theirs.
#[derive(Deserialize)]
struct Raw {
    text: Option<String>,
    text_b64: Option<String>,
    label: Option<String>,
    kind: Option<String>,
    source: Option<String>,
    channel: Option<String>,
    spans: Option<Vec<RawSpan>>,
}

#[derive(Deserialize)]
struct RawSpan {
    start: usize,
    end: usize,
    #[serde(rename = "type")]
    kind: String,
}

/// Reads every row of a file.
///
/// # Errors
/// The file cannot be read, has no row, or has rows that cannot be used.
pub(super) fn read(path: &Path, labels: &Labels) -> Result<Vec<Row>, PluginError> {
    let fail = |source| PluginError::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(fail)?;
    let mut mistakes = RowMistakes { file: path.to_owned(), told: vec![], count: 0 };
    let mut rows = Vec::new();
    lines(BufReader::new(file), |line, bytes| match parsed(line, bytes, labels) {
        Ok(row) => rows.push(row),
        Err(mistake) => {
            mistakes.count += 1;
            if mistakes.told.len() < TOLD {
                mistakes.told.push(mistake);
            }
        }
    })
    .map_err(fail)?;
    if mistakes.count > 0 {
        return Err(PluginError::Rows(mistakes));
    }
    if rows.is_empty() {
        return Err(PluginError::NoRows(path.to_owned()));
    }
    Ok(rows)
}

/// Calls `each` with every line that is not blank and its number; one that is too long is cut where it is.
fn lines(mut from: impl BufRead, mut each: impl FnMut(usize, &[u8])) -> io::Result<()> {
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        if from.by_ref().take(LONGEST + 1).read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        if bytes.len() as u64 > LONGEST && bytes.last() != Some(&b'\n') {
            from.skip_until(b'\n')?;
        }
        if !bytes.trim_ascii().is_empty() {
            each(line, &bytes);
        }
    }
    Ok(())
}

fn parsed(line: usize, bytes: &[u8], labels: &Labels) -> Result<Row, RowMistake> {
    let wrong = |code, message: String| RowMistake { code, line, message, help: None };
    if bytes.len() as u64 > LONGEST {
        return Err(wrong("row_too_long", format!("the line is longer than {} MiB", LONGEST >> 20)));
    }
    let raw: Raw = serde_json::from_slice(bytes)
        .map_err(|error| wrong("row_syntax", format!("not a JSON object of a row: {}", unplaced(&error))))?;
    let text = match (raw.text, raw.text_b64) {
        (Some(text), None) => text,
        (None, Some(coded)) => {
            let bytes = STANDARD
                .decode(coded.trim())
                .map_err(|error| wrong("row_base64", format!("`text_b64` is not base64: {error}")))?;
            String::from_utf8(bytes).map_err(|_| wrong("row_base64", "`text_b64` is not UTF-8".to_owned()))?
        }
        (Some(_), Some(_)) => return Err(wrong("row_text", "there is both a `text` and a `text_b64`".to_owned())),
        (None, None) => return Err(wrong("row_text", "there is neither a `text` nor a `text_b64`".to_owned())),
    };
    let label = raw.label.ok_or_else(|| wrong("row_label", "there is no `label`".to_owned()))?;
    let positive = labels.positive(&label).ok_or_else(|| RowMistake {
        help: Some(format!("say what it is: --positive {0}, or --negative {0}", plain(&label))),
        ..wrong("row_label", format!("the label `{label}` is not known"))
    })?;
    let channel = match &raw.channel {
        None => None,
        Some(name) => Some(As::of_channel(name).ok_or_else(|| RowMistake {
            help: Some("it is one of user, tool_result, system, assistant; or leave it out".to_owned()),
            ..wrong("row_channel", format!("the channel `{name}` is not known"))
        })?),
    };
    let spans = match raw.spans {
        None => None,
        Some(spans) => Some(in_bytes(&text, spans).map_err(|message| wrong("row_span", message))?),
    };
    let named = |name: Option<String>| name.unwrap_or_else(|| "-".to_owned());
    Ok(Row { line, text, positive, kind: named(raw.kind), source: named(raw.source), channel, spans })
}

/// What is wrong, without a place in the one line: the file's line is told.
fn unplaced(error: &serde_json::Error) -> String {
    let (text, column) = (error.to_string(), error.column());
    let place = format!(" at line {} column {column}", error.line());
    match text.strip_suffix(&place) {
        Some(text) => format!("{text}, at byte {column}"),
        None => text,
    }
}

/// Spans of characters as spans of bytes.
fn in_bytes(text: &str, spans: Vec<RawSpan>) -> Result<Vec<Marked>, String> {
    if spans.is_empty() {
        return Ok(vec![]);
    }
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let place = |RawSpan { start, end, kind }: RawSpan| match (starts.get(start), starts.get(end)) {
        (Some(from), Some(to)) if from < to => Ok(Marked { start: *from, end: *to, kind }),
        _ => Err(format!("a span from {start} to {end} is not in a text of {} characters", starts.len() - 1)),
    };
    spans.into_iter().map(place).collect()
}

#[cfg(test)]
mod tests;
