//! The report as people and programs read it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::outcome::Outcome;
use crate::report::{Report, Row};

/// Examples of one outcome that are printed; JSON has all.
const EXAMPLES: usize = 60;
/// What nobody may overlook. What was refused, failed or blocked is in the columns, and in JSON.
const TOLD: [Outcome; 2] = [Outcome::Leaked, Outcome::Bare];

/// Around the rows.
#[derive(Debug)]
pub(crate) struct Around {
    pub(crate) proxy: String,
    pub(crate) full: usize,
    pub(crate) seed: u64,
    pub(crate) seconds: f64,
    /// Every field, not only those where something is to be told.
    pub(crate) all: bool,
}

/// For people.
pub(crate) fn text(report: &Report, around: &Around) -> String {
    let mut out = String::new();
    let width = 52;
    let mut names = String::new();
    for outcome in Outcome::ALL {
        let _ = write!(names, "{:>12}", outcome.name());
    }
    let _ = writeln!(out, "{:width$}{:>9}{:>8}{names}", "dialect / form / field", "cases", "bytes");
    let mut last = None;
    for ((dialect, form, field), row) in &report.rows {
        if last != Some((*dialect, *form)) {
            last = Some((*dialect, *form));
            let name = format!("{} / {}", dialect.name(), form.name());
            line(&mut out, width, &name, &report.total(last));
        }
        if around.all || TOLD.iter().any(|outcome| row.count(*outcome) > 0) {
            line(&mut out, width, &format!("    {field}"), row);
        }
    }
    let total = report.total(None);
    line(&mut out, width, "all", &total);
    for outcome in TOLD {
        let examples: Vec<_> = report.examples().filter(|example| example.outcome == outcome).collect();
        if !examples.is_empty() {
            let _ = writeln!(out, "\n{} (one case each; repeat it with --case):", outcome.name());
        }
        for example in examples.iter().take(EXAMPLES) {
            let _ = writeln!(
                out,
                "  {:?}  bytes {}, status {}, cases alike {}{}",
                example.case,
                example.bytes,
                example.status,
                example.alike,
                example.broken.as_ref().map(|broken| format!(", {broken}")).unwrap_or_default()
            );
        }
        if examples.len() > EXAMPLES {
            let _ = writeln!(out, "  … and {} more with --format json", examples.len() - EXAMPLES);
        }
    }
    let uncovered = total.count(Outcome::NotCovered);
    if uncovered > 0 {
        let _ = writeln!(out, "\n{uncovered} cases were refused by name (not covered): they show nothing.");
    }
    let _ = writeln!(
        out,
        "\n{}: {} of {} cases, seed {}, {:.0} s ({:.0} a second)",
        around.proxy,
        total.cases,
        around.full,
        around.seed,
        around.seconds,
        rate(&total, around)
    );
    let _ = writeln!(out, "leak score: {} bytes in {} cases", total.leaked_bytes, total.count(Outcome::Leaked));
    out
}

fn rate(total: &Row, around: &Around) -> f64 {
    u32::try_from(total.cases).map_or(f64::MAX, f64::from) / around.seconds.max(0.001)
}

fn line(out: &mut String, width: usize, name: &str, row: &Row) {
    let _ = write!(out, "{name:width$}{:>9}{:>8}", row.cases, row.leaked_bytes);
    for outcome in Outcome::ALL {
        match row.count(outcome) {
            0 => {
                let _ = write!(out, "{:>12}", "·");
            }
            count => {
                let _ = write!(out, "{count:>12}");
            }
        }
    }
    out.push('\n');
}

/// For programs.
pub(crate) fn json(report: &Report, around: &Around) -> Value {
    let total = report.total(None);
    let rows: Vec<Value> = report
        .rows
        .iter()
        .map(|((dialect, form, field), row)| json!({ "dialect": dialect, "form": form, "field": field, "row": row }))
        .collect();
    json!({
        "proxy": around.proxy,
        "full_cases": around.full,
        "seed": around.seed,
        "seconds": around.seconds,
        "leak_score": { "bytes": total.leaked_bytes, "cases": total.count(Outcome::Leaked) },
        "total": total,
        "rows": rows,
        "examples": report.examples().collect::<Vec<_>>(),
    })
}
