//! A text with what was found in it.

use witgate_engine::Finding;

use crate::cli::plugin::paint::{Paint, visible};
use crate::cli::plugin::plain;

/// Lines that are shown, and findings under them.
const LINES: usize = 40;
const TOLD: usize = 100;
/// Characters shown before a finding, and of a line over all.
const BEFORE: usize = 60;
const WIDEST: usize = 140;

/// The lines that findings lie in, each finding marked and named below its line, then those without a place.
pub(super) fn findings(text: &str, findings: &[Finding], paint: Paint) -> String {
    let mut out = String::new();
    let (mut lines, mut told, mut start) = (0, 0, 0);
    let margin = text.lines().count().max(1).to_string().len();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let end = start + line.len();
        let content = line.strip_suffix('\n').unwrap_or(line);
        let here: Vec<(usize, usize, &Finding)> = findings
            .iter()
            .filter_map(|finding| {
                let at = finding.at.as_ref()?;
                let (from, to) = (usize::try_from(at.start).ok()?, usize::try_from(at.end).ok()?);
                let begins = (start..end).contains(&from) || (from == end && end == text.len());
                begins.then(|| (from - start, to.min(start + content.len()).saturating_sub(start), finding))
            })
            .collect();
        start = end;
        if here.is_empty() {
            continue;
        }
        if lines >= LINES || told >= TOLD {
            out.push_str("  …\n");
            break;
        }
        lines += 1;
        told += here.len();
        one(content, number + 1, margin, &here, paint, &mut out);
    }
    for finding in findings.iter().filter(|finding| finding.at.is_none()).take(TOLD) {
        out.push_str(&format!("  found {}\n", name(finding, paint)));
    }
    out
}

/// A line, and below it a row for each finding in it.
fn one(line: &str, number: usize, margin: usize, here: &[(usize, usize, &Finding)], paint: Paint, out: &mut String) {
    let slice = |from: usize, to: usize| line.get(from..to).unwrap_or_default();
    // A long line is shown from a little before its first finding.
    let first = here.iter().map(|(from, ..)| *from).min().unwrap_or(0);
    let skip = slice(0, first).chars().count().saturating_sub(BEFORE);
    let window: usize = line.chars().take(skip).map(char::len_utf8).sum();
    let last: usize = window + line.chars().skip(skip).take(WIDEST).map(char::len_utf8).sum::<usize>();
    let mut marked: Vec<(usize, usize)> =
        here.iter().map(|(from, to, _)| (*from.max(&window), (*to).min(last))).collect();
    marked.sort_unstable();
    let (mut shown, mut at) = (String::new(), window);
    for (from, to) in marked.into_iter().filter(|(from, to)| from < to) {
        if from >= at {
            shown.push_str(&visible(slice(at, from)));
        }
        if to > at {
            shown.push_str(&paint.found(&visible(slice(from.max(at), to))));
            at = to;
        }
    }
    shown.push_str(&visible(slice(at, last)));
    let (head, tail) = (if window > 0 { "…" } else { "" }, if last < line.len() { "…" } else { "" });
    let bar = paint.faint("|");
    out.push_str(&format!("  {number:>margin$} {bar} {head}{shown}{tail}\n"));
    for (from, to, finding) in here {
        let before = visible(slice(window, (*from).clamp(window, last))).chars().count() + head.chars().count();
        let under = visible(slice((*from).max(window), (*to).min(last))).chars().count().max(1);
        let marks = paint.yellow(&"~".repeat(under));
        out.push_str(&format!("  {:>margin$} {bar} {}{marks} {}\n", "", " ".repeat(before), name(finding, paint)));
    }
}

fn name(finding: &Finding, paint: Paint) -> String {
    let detail = if finding.detail.is_empty() { String::new() } else { format!(": {}", plain(&finding.detail)) };
    format!("{} {} %{detail}", paint.bold(&plain(&finding.code)), finding.confidence)
}
