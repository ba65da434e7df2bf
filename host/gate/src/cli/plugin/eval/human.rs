//! The figures, for people.

use std::fmt::Write as _;

use super::super::paint::{Paint, visible};
use super::super::plain;
use super::counts::Rate;
use super::result::{Figures, Group, Named, Wrong};
use super::spans::{OfType, Spans};
use super::{Flips, Outcome};

/// Kinds or sources that are shown; the others are in the JSON.
const GROUPS: usize = 30;
/// Thresholds that are shown.
const CUTS: usize = 12;
/// Characters of a row that are shown.
const WIDEST: usize = 110;

/// All of it.
pub(super) fn told(outcome: &Outcome<'_>, paint: Paint) -> String {
    let Outcome { figures, rows, .. } = outcome;
    let counts = figures.all.counts;
    let mut text = format!(
        "{}, {} rows of {}: {} positive, {} negative\n\n",
        paint.bold(&title(figures)),
        rows.len(),
        plain(&outcome.file.display().to_string()),
        counts.positives(),
        counts.negatives()
    );
    text.push_str(&summary(figures));
    if figures.thresholds.len() > 1 {
        let _ = write!(text, "\n{}\n{}", paint.bold("if rows counted from a confidence on"), cuts(figures));
    }
    for (title, groups) in [("by kind", &figures.kinds), ("by source", &figures.sources)] {
        let _ = write!(text, "\n{}", by(&paint.bold(title), title, groups));
    }
    if let Some(spans) = &figures.spans {
        let _ = write!(text, "\n{}", of_spans(spans, paint));
    }
    let _ = write!(text, "\n{}", time_and_faults(figures, paint));
    if let Some((other, flips)) = &outcome.against {
        let _ = write!(text, "\n{}", beside(figures, other, flips, outcome.worst, paint));
    }
    if outcome.worst > 0 {
        text.push_str(&wrong(outcome, paint));
    }
    for missed in &outcome.missed {
        let _ = writeln!(text, "\n{}", paint.red(&format!("not met: {missed}")));
    }
    text
}

fn title(figures: &Figures) -> String {
    format!("{} {}", plain(&figures.plugin), plain(&figures.version))
}

/// Columns as wide as they must be: the first to the left, the others to the right.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::from(" ");
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = if column == 0 { write!(line, " {cell:<width$}") } else { write!(line, "  {cell:>width$}") };
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn cells<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

fn rate(rate: Option<Rate>) -> String {
    percent(rate.map(|rate| rate.value))
}

fn interval(rate: Option<Rate>) -> String {
    rate.map_or_else(String::new, |rate| format!("({:.1} to {:.1})", rate.low * 100.0, rate.high * 100.0))
}

fn summary(figures: &Figures) -> String {
    let Group { counts, precision, recall, f1, fpr } = figures.all;
    let row = |name: &str, of: usize, acted: usize, noticed: usize, what: &str, share: Option<Rate>| {
        let numbers = [of, acted, noticed].map(|n| n.to_string());
        let mut row = vec![name.to_owned()];
        row.extend(numbers);
        row.extend([what.to_owned(), rate(share), interval(share)]);
        row
    };
    let only = |what: &str, value: String, interval: String| {
        let mut row = vec![String::new(); 4];
        row.extend([what.to_owned(), value, interval]);
        row
    };
    let mut rows = vec![
        cells(["", "rows", "detected", "noticed", "", "", ""]),
        row("positive", counts.positives(), counts.true_positives, counts.noticed_positives, "recall", recall),
        row("negative", counts.negatives(), counts.false_positives, counts.noticed_negatives, "FPR", fpr),
        only("precision", rate(precision), interval(precision)),
        only("F1", percent(f1), String::new()),
    ];
    if let Some(auc) = figures.auc {
        rows.push(only("AUC", format!("{auc:.3}"), String::new()));
    }
    let mut text = table(&rows);
    if let Some(declared) = &figures.declared_only {
        let _ = writeln!(
            text,
            "  of the {} positive rows with a type that the plugin declares, {} are detected: {} {}",
            declared.counts.positives(),
            declared.counts.true_positives,
            rate(declared.recall),
            interval(declared.recall)
        );
    }
    text.push_str(
        "  detected: a stage denies, escalates or edits; noticed: findings or labels, and nothing more. In brackets: 95 %, Wilson.\n",
    );
    text
}

fn cuts(figures: &Figures) -> String {
    let mut rows = vec![cells(["from", "recall", "FPR", "precision", "F1"])];
    let every = figures.thresholds.len().div_ceil(CUTS).max(1);
    for cut in figures.thresholds.iter().step_by(every) {
        let mut row = vec![format!("{:>3}", cut.score)];
        row.extend([cut.recall, cut.fpr, cut.precision, cut.f1].map(percent));
        rows.push(row);
    }
    table(&rows)
}

fn by(painted: &str, title: &str, groups: &[Named]) -> String {
    let mut rows = vec![cells(["", "positive", "recall", "noticed", "negative", "FPR", "noticed"])];
    for Named { name, group } in groups.iter().take(GROUPS) {
        let Group { counts, recall, fpr, .. } = group;
        let side = |of: usize, share: Option<Rate>, noticed: usize| match of {
            0 => vec![String::new(); 3],
            _ => vec![of.to_string(), rate(share), noticed.to_string()],
        };
        let name: String = plain(name).chars().take(44).collect();
        let mut row = vec![name];
        row.extend(side(counts.positives(), *recall, counts.noticed_positives));
        row.extend(side(counts.negatives(), *fpr, counts.noticed_negatives));
        rows.push(row);
    }
    let mut text = format!("{painted}\n{}", table(&rows));
    if groups.len() > GROUPS {
        let what = title.trim_start_matches("by ");
        let _ = writeln!(text, "  and {} more with fewer rows; --format json has every {what}", groups.len() - GROUPS);
    }
    text
}

fn of_spans(spans: &Spans, paint: Paint) -> String {
    let mut rows = vec![cells(["", "labelled", "found", "exact P", "R", "F1", "overlapping P", "R", "F1"])];
    let row = |one: &OfType| {
        let mut row = vec![plain(&one.name), one.labelled.to_string(), one.found.to_string()];
        for score in [one.exact, one.overlapping] {
            row.extend([score.precision, score.recall, score.f1].map(percent));
        }
        row
    };
    rows.extend(spans.types.iter().map(row));
    rows.extend([Some(&spans.total), spans.total_of_found.as_ref()].into_iter().flatten().map(row));
    let mut text = format!("{}\n{}", paint.bold("spans"), table(&rows));
    let list = |types: &[(String, usize)]| {
        types.iter().map(|(name, count)| format!("{} {count}", plain(name))).collect::<Vec<_>>().join(", ")
    };
    if !spans.not_declared.is_empty() {
        let _ = writeln!(text, "  left out, since the plugin declares no such code: {}", list(&spans.not_declared));
    }
    if !spans.not_labelled.is_empty() {
        let _ = writeln!(text, "  left out, since the data labels no such type: {}", list(&spans.not_labelled));
    }
    text
}

fn time_and_faults(figures: &Figures, paint: Paint) -> String {
    let time = figures.time;
    let workers = if time.workers == 1 { "1 worker".to_owned() } else { format!("{} workers at once", time.workers) };
    let mut text = format!(
        "{}\n  a call {:.1} µs, p99 {:.1} µs, each in a fresh sandbox; {} calls, {workers}\n",
        paint.bold("time"),
        time.call_us_median,
        time.call_us_p99,
        time.questions
    );
    if let (Some(median), Some(p99)) = (time.us_per_kib_median, time.us_per_kib_p99) {
        let _ = writeln!(
            text,
            "  a KiB {median:.1} µs, p99 {p99:.1} µs, of the {} texts of 1 KiB and more",
            time.long_questions
        );
    }
    if !figures.faults.is_empty() {
        let _ = writeln!(text, "\n{}", paint.red("faults: these rows have no answer of some stage"));
        for fault in &figures.faults {
            let _ = writeln!(text, "  {} {}, the first in line {}", fault.rows, fault.code, fault.first_line);
        }
    }
    text
}

fn beside(first: &Figures, other: &Figures, flips: &Flips, worst: usize, paint: Paint) -> String {
    let row = |name: &str, of: fn(&Figures) -> String| vec![name.to_owned(), of(first), of(other)];
    let rows = vec![
        vec![String::new(), title(first), title(other)],
        row("recall", |f| rate(f.all.recall)),
        row("FPR", |f| rate(f.all.fpr)),
        row("precision", |f| rate(f.all.precision)),
        row("F1", |f| percent(f.all.f1)),
        row("AUC", |f| f.auc.map_or_else(|| "-".to_owned(), |auc| format!("{auc:.3}"))),
        row("spans, exact F1", |f| percent(f.spans.as_ref().and_then(|spans| spans.total.exact.f1))),
        row("µs a call", |f| format!("{:.1}", f.time.call_us_median)),
        row("faults", |f| f.faults.iter().map(|fault| fault.rows).sum::<usize>().to_string()),
    ];
    let mut text = format!("{}\n{}", paint.bold("against another"), table(&rows));
    for (words, lines) in flips.named() {
        let shown: Vec<String> = lines.iter().take(worst).map(ToString::to_string).collect();
        let more = if lines.len() > shown.len() { ", …" } else { "" };
        let _ = match shown.is_empty() {
            true => writeln!(text, "  {words}: {}", lines.len()),
            false => writeln!(text, "  {words}: {} (lines {}{more})", lines.len(), shown.join(", ")),
        };
    }
    text
}

fn wrong(outcome: &Outcome<'_>, paint: Paint) -> String {
    let counts = outcome.figures.all.counts;
    let worst = &outcome.figures.worst;
    let mut text = String::new();
    for (title, wrong, of) in [
        ("false positives", &worst.false_positives, counts.false_positives),
        ("misses", &worst.misses, counts.false_negatives),
    ] {
        if wrong.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{}, {} of {of}, of each source in turn", paint.bold(title), wrong.len());
        for Wrong { line, kind, score, index, .. } in wrong {
            let row = outcome.rows.get(*index).map_or("", |row| &row.text);
            let mut short: String = row.chars().take(WIDEST).collect();
            if row.chars().nth(WIDEST).is_some() {
                short.push('…');
            }
            let _ = writeln!(text, "  {line:>5}  {score:>3}  {}  {}", paint.faint(&plain(kind)), visible(&short));
        }
    }
    if !text.is_empty() {
        text.push_str(
            "  Line, confidence, kind and text. These rows are your own data on your own screen: nothing is kept or sent, and\n  --format json and --html hold none of their text. --worst 0 shows none.\n",
        );
    }
    text
}
