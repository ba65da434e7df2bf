//! Prints how the policy does on labelled rows: `cargo run --release -p witgate-plugin-pii --example measure_pii -- FILE [CONFIG]`.
//!
//! One JSON object a line: `text`, and `spans` (`start`, `end` in characters, `type`). A span counts where it is matched
//! exactly, and apart from that where it is overlapped. A file without spans is taken as free of personal data. With
//! `SHOW=kind` the misses and false matches of a kind are printed.
#![expect(clippy::print_stdout, reason = "a table for people")]

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use serde_json::Value;
use witgate_plugin_pii::{Config, Kind, Pii};
use witgate_sdk::Plugin;

/// Types of the labels, and the kind that should find them.
const TYPES: &[(&str, Kind)] = &[
    ("CREDIT_CARD", Kind::Card),
    ("EMAIL_ADDRESS", Kind::Email),
    ("IBAN_CODE", Kind::Iban),
    ("IP_ADDRESS", Kind::Ip),
    ("PHONE_NUMBER", Kind::Phone),
    ("US_SSN", Kind::Ssn),
    ("NATIONAL_ID", Kind::NationalId),
    ("BANK_NUMBER", Kind::Bank),
    ("US_DRIVER_LICENSE", Kind::Licence),
    ("PASSPORT", Kind::Passport),
    ("PERSON", Kind::Person),
    ("ADDRESS", Kind::Address),
];

#[derive(Default)]
struct Score {
    labelled: u32,
    exact: u32,
    overlapped: u32,
    matched: u32,
    /// Matches that overlap a span of another type.
    mistaken: u32,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("name a file of labelled lines")?;
    let config: Config = serde_json::from_str(&arguments.next().unwrap_or_else(|| "{}".into()))?;
    let plugin = Pii::configure(config).map_err(|issues| format!("{issues:?}"))?;
    let show = std::env::var("SHOW").unwrap_or_default();
    let file = std::fs::read_to_string(path)?;
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    let (mut bytes, mut seconds, mut rows, mut touched) = (0.0, 0.0, 0, 0);
    for line in file.lines() {
        let row: Value = serde_json::from_str(line)?;
        let text = row["text"].as_str().unwrap_or_default();
        let mut found = vec![];
        let began = Instant::now();
        plugin.find(text, |kind, at| found.push((kind, at)));
        seconds += began.elapsed().as_secs_f64();
        bytes += f64::from(u32::try_from(text.len())?);
        rows += 1;
        touched += u32::from(!found.is_empty());
        let spans = spans(&row, text);
        for (kind, start, end) in &spans {
            let Some(kind) = kind else { continue };
            let score = scores.entry(kind.name()).or_default();
            score.labelled += 1;
            score.exact += u32::from(found.iter().any(|(k, at)| k == kind && (at.start, at.end) == (*start, *end)));
            score.overlapped += u32::from(found.iter().any(|(k, at)| k == kind && at.start < *end && *start < at.end));
            if show == kind.name() && !found.iter().any(|(k, at)| k == kind && (at.start, at.end) == (*start, *end)) {
                println!(
                    "missed {:?} in {:?}",
                    text.get(*start..*end),
                    text.get(start.saturating_sub(30)..(*end + 20).min(text.len())).unwrap_or(text)
                );
            }
        }
        for (kind, at) in &found {
            let score = scores.entry(kind.name()).or_default();
            score.matched += 1;
            score.mistaken +=
                u32::from(spans.iter().any(|(k, start, end)| *k != Some(*kind) && at.start < *end && *start < at.end));
            let right = spans.iter().any(|(k, start, end)| *k == Some(*kind) && (at.start, at.end) == (*start, *end));
            if show == kind.name() && !right {
                println!(
                    "wrong {:?} in {:?}",
                    text.get(at.clone()),
                    text.get(at.start.saturating_sub(40)..(at.end + 20).min(text.len())).unwrap_or(text)
                );
            }
        }
    }
    println!(
        "{:12} {:>6} {:>6} {:>6} {:>7} {:>7} {:>7} {:>7} {:>8}",
        "kind", "spans", "found", "exact", "prec", "recall", "F1", "overlap", "mistaken"
    );
    for (kind, s) in &scores {
        let share = |a: u32, b: u32| if b == 0 { f64::NAN } else { f64::from(a) / f64::from(b) };
        let (p, r) = (share(s.exact, s.matched), share(s.exact, s.labelled));
        println!(
            "{kind:12} {:6} {:6} {:6} {p:7.3} {r:7.3} {:7.3} {:7.3} {:8}",
            s.labelled,
            s.matched,
            s.exact,
            2.0 * p * r / (p + r),
            share(s.overlapped, s.labelled),
            s.mistaken
        );
    }
    let kib = bytes / 1024.0;
    println!("{rows} rows, {touched} with a match, {kib:.0} KB, {:.1} µs a KB", seconds * 1e6 / kib);
    Ok(())
}

/// The labelled spans in bytes, with the kind that should find them, if any.
fn spans(row: &Value, text: &str) -> Vec<(Option<Kind>, usize, usize)> {
    let offset = |chars: &Value| {
        let chars = chars.as_u64().and_then(|c| usize::try_from(c).ok()).unwrap_or(usize::MAX);
        text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at)
    };
    let of = |span: &Value| {
        let kind = TYPES.iter().find(|(t, _)| span["type"] == **t).map(|(_, kind)| *kind);
        (kind, offset(&span["start"]), offset(&span["end"]))
    };
    row["spans"].as_array().into_iter().flatten().map(of).collect()
}
