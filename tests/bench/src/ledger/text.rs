//! The report for people.

use std::fmt::Write as _;

use super::Report;
use crate::machine::Machine;
use crate::table::{marks, table};

/// Tables, with what they were measured on.
pub(crate) fn text(machine: &Machine, report: &Report) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write(&mut out, machine, report);
    out
}

fn write(out: &mut String, machine: &Machine, report: &Report) -> std::fmt::Result {
    writeln!(
        out,
        "Measured on: {}, {} cores, Linux {}; {}. One 1 KiB write with a sync takes {:.0} µs (p99 {:.0} µs). Load average before the run: {:.1}. Medians of {} rounds, ratios within a round.\n",
        machine.cpu,
        machine.cores,
        machine.kernel,
        machine.disk(),
        machine.sync_p50_us,
        machine.sync_p99_us,
        machine.load_before,
        report.rounds
    )?;
    let rows = report.rows.iter().map(|row| {
        let name = match row.concurrent {
            0 => "bare write and fdatasync, one after the other".to_owned(),
            1 => "one exchange at a time".to_owned(),
            many => format!("{many} exchanges at once"),
        };
        let rest = [row.records_per_second, row.syncs_per_second, row.p50_us, row.p99_us].map(|n| format!("{n:.0}"));
        [vec![name], rest.to_vec(), vec![format!("{:.2}", row.ratio), format!("{:.1}", row.cpu_us)]].concat()
    });
    let head =
        ["durable", "records/s", "syncs/s", "waits p50, µs", "waits p99, µs", "to the bare loop", "CPU a record, µs"];
    table(out, &head, rows)?;
    writeln!(
        out,
        "\nAn exchange is four records and {:.0} bytes; CPU is that of all threads, of those that hand records over, too.\n",
        report.exchange_bytes
    )?;
    let verified = report.verified.iter().map(|v| {
        let us = 1e6 / v.records_per_second;
        vec![
            v.what.to_owned(),
            format!("{:.0}", v.records_per_second),
            format!("{us:.2}"),
            format!("{:.0}", v.megabytes_per_second),
        ]
    });
    let title = format!("{} records of {:.0} bytes, one core", report.verified_records, report.record_bytes);
    table(out, &[title.as_str(), "records/s", "µs a record", "MB/s"], verified)?;
    writeln!(out)?;
    marks(out, "mark for the ledger", &report.marks)
}
