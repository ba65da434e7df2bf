//! The report for people.

use std::fmt::Write as _;

use super::{Report, Row};
use crate::table::{marks, table};

/// Tables, with what they are of.
pub(crate) fn text(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write(&mut out, report);
    out
}

fn write(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(
        out,
        "Neighbours: {} connections, 1 KB whole, {} ms between an answer and the next question. Beside them one misdeed each {} ms. \
         Medians of {} rounds of {} ms, ratios within a round; times in milliseconds.\n",
        report.connections, report.pause_ms, report.period_ms, report.rounds, report.slice_ms
    )?;
    let head =
        ["beside the neighbours", "p50", "p99", "p99 : alone", "CPU", "cores", "misdeeds", "failed", "memory, MiB"];
    table(out, &head, report.rows.iter().map(row))?;
    writeln!(
        out,
        "\nCPU is the gate's for one request of a neighbour, misdeeds and all; memory is what the gate had more after these slices. \
         A plugin that can change its tables cannot be snapshotted, so with it the set stays in the lane:\n"
    )?;
    table(out, &head, report.table_rows.iter().map(row))?;
    writeln!(out)?;
    let thrown = report.thrown.iter().map(|t| {
        let ms = [t.took_ms, t.p50_us / 1000.0, t.p99_us / 1000.0, t.p99_ratio].map(|ms| format!("{ms:.2}"));
        [vec![t.what.to_owned(), t.told.clone()], ms.to_vec(), vec![t.failed.to_string()]].concat()
    });
    let head = ["thrown at it as a reload", "told", "after ms", "p50", "p99", "p99 : alone", "failed"];
    table(out, &head, thrown)?;
    writeln!(
        out,
        "\n{} exchanges of neighbours, {} failed. Resident memory of the gate: {:.1} MiB before, {:.1} after, {:.1} at most.\n",
        report.asked, report.failed, report.before_mib, report.after_mib, report.peak_mib
    )?;
    marks(out, "mark for the zoo", &report.marks)
}

fn row(row: &Row) -> Vec<String> {
    let ms = |us: f64| format!("{:.2}", us / 1000.0);
    vec![
        row.beside.clone(),
        ms(row.p50_us),
        ms(row.p99_us),
        format!("{:.2}", row.p99_ratio),
        format!("{:.2}", row.cpu_ms),
        format!("{:.2}", row.cores),
        row.misdeeds.to_string(),
        row.failed.to_string(),
        format!("{:+.1}", row.grown_mib),
    ]
}
