//! The outcome of a run as JUnit XML, as build servers read it.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use super::cases::Case;
use super::paint::Paint;
use super::runner::Ran;
use super::tell::difference;

/// One suite: every case with what came of it.
pub(super) fn xml(name: &str, file: &Path, ran: &[(&Case, Ran)]) -> String {
    let failed = ran.iter().filter(|(_, ran)| !ran.differences.is_empty()).count();
    let time: Duration = ran.iter().map(|(_, ran)| ran.took).sum();
    let counts = format!(
        "tests=\"{}\" failures=\"{failed}\" errors=\"0\" skipped=\"0\" time=\"{:.6}\"",
        ran.len(),
        time.as_secs_f64()
    );
    let (name, file) = (escaped(name), escaped(&file.display().to_string()));
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites name=\"witgate plugin test\" {counts}>");
    let _ = writeln!(out, "  <testsuite name=\"{name}\" {counts}>");
    for (case, ran) in ran {
        let line = case.line.map_or_else(String::new, |line| format!(" line=\"{line}\""));
        let _ = write!(
            out,
            "    <testcase name=\"{}\" classname=\"{name}.{}\" file=\"{file}\"{line} time=\"{:.6}\"",
            escaped(&case.name),
            case.stage.name(),
            ran.took.as_secs_f64()
        );
        if ran.differences.is_empty() {
            out.push_str("/>\n");
            continue;
        }
        out.push_str(">\n");
        let what: Vec<&str> = ran.differences.iter().map(|difference| difference.what).collect();
        let lines: Vec<String> = ran.differences.iter().flat_map(|d| difference(d, Paint(false))).collect();
        let _ = writeln!(
            out,
            "      <failure type=\"{}\" message=\"other than expected: {}\">{}</failure>",
            escaped(what.first().copied().unwrap_or_default()),
            escaped(&what.join(", ")),
            escaped(&lines.join("\n"))
        );
        out.push_str("    </testcase>\n");
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

/// Text for an element or an attribute in double quotes. XML 1.0 has no place for most control characters, not even escaped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
