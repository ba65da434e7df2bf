//! What came of a case, for people.

use std::path::Path;

use super::cases::Case;
use super::diff;
use super::outcome::Difference;
use super::paint::{Paint, visible};
use super::plain;
use super::runner::Ran;

/// A line for a case, and what differs where something does. Every line has its end.
pub(super) fn case(case: &Case, ran: &Ran, file: &Path, paint: Paint) -> String {
    let mark = if ran.differences.is_empty() { paint.green("✓") } else { paint.red("✗") };
    let cuts = match ran.cuts {
        Some((cuts, held)) if cuts > 0 => format!(", {cuts} cuts, holds {held} B"),
        Some((_, held)) => format!(", holds {held} B"),
        None => String::new(),
    };
    let mut text =
        format!("{mark} {}  {}\n", plain(&case.name), paint.faint(&format!("{} µs{cuts}", ran.took.as_micros())));
    if ran.differences.is_empty() {
        return text;
    }
    let line = case.line.map_or_else(String::new, |line| format!(":{line}"));
    text.push_str(&format!("  {} {}{line}\n", paint.faint("-->"), file.display()));
    for one in &ran.differences {
        for line in difference(one, paint) {
            text.push_str(&format!("  {line}\n"));
        }
    }
    text
}

/// One difference: its name, then what was expected and what came.
pub(super) fn difference(difference: &Difference, paint: Paint) -> Vec<String> {
    let Difference { what, expected, got, split } = difference;
    let mut lines = vec![paint.bold(what)];
    let indented = |line: String| format!("  {line}");
    match split {
        Some(split) => {
            let at = if split.at.is_empty() { String::new() } else { format!(": {}", visible(&split.at)) };
            lines = vec![format!("{}  {}{at}", paint.bold(what), split.way)];
            lines.push(indented(paint.red(&format!("- {}   (whole)", plain(expected)))));
            lines.push(indented(paint.green(&format!("+ {}   (cut)", plain(got)))));
        }
        // Only texts have lines, and are worth a comparison letter by letter.
        None if *what == "text" => lines.extend(diff::told(expected, got, paint).into_iter().map(indented)),
        None => {
            lines.push(indented(format!("{}  {}", paint.red("expected"), plain(expected))));
            lines.push(indented(format!("{}       {}", paint.green("got"), plain(got))));
        }
    }
    lines
}
