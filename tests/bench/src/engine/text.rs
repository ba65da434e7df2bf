//! The report for people.

use std::fmt::Write as _;

use super::Report;
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
        "Microseconds of a processor for one call of admission, all threads counted; medians of {} rounds of {} ms of each kind, in turn.\n",
        report.rounds, report.batch_ms
    )?;
    let calls = report.calls.iter().map(|c| {
        let us = [c.fresh_us, c.warm_us, c.ratio].map(|us| format!("{us:.1}"));
        [vec![c.plugin.clone(), kb(c.bytes)], us.to_vec()].concat()
    });
    table(out, &["a policy", "text", "fresh sandbox", "warm one", "fresh : warm"], calls)?;
    writeln!(out)?;
    let opens =
        report.opens.iter().map(|o| vec![o.plugin.clone(), format!("{:.1}", o.cpu_us), o.memory_kib.to_string()]);
    table(out, &["open a sandbox and drop it", "µs", "memory, KiB"], opens)?;
    writeln!(out)?;
    let starts = report.starts.iter().map(|s| {
        let us = [s.snapshot_us, s.configured_us, s.ratio].map(|us| format!("{us:.1}"));
        [vec![s.plugin.clone()], us.to_vec()].concat()
    });
    table(out, &["fresh sandbox and call, 1 KB", "from a snapshot", "configured anew", "anew : snapshot"], starts)?;
    writeln!(out)?;
    let chains = report.chains.iter().map(|c| vec![name(c.plugins), kb(c.bytes), format!("{:.0}", c.cpu_us)]);
    table(out, &["a chain, all in fresh sandboxes", "text", "µs an exchange"], chains)?;
    writeln!(out)?;
    let loads = report
        .loads
        .iter()
        .map(|l| vec![l.what.clone(), format!("{:.1}", l.cached_ms), format!("{:.0}", l.compiled_ms)]);
    table(out, &["load, or reload, ms by the wall", "code cached", "cache empty"], loads)?;
    writeln!(out)?;
    marks(out, "mark for the sandbox", &report.marks)
}

fn name(plugins: usize) -> String {
    match plugins {
        1 => "the one that does nothing".to_owned(),
        4 => "the four built-in".to_owned(),
        _ => "all five".to_owned(),
    }
}

fn kb(bytes: usize) -> String {
    format!("{} KB", bytes >> 10)
}
