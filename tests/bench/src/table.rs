//! The report for people, in Markdown that reads well as it stands.

use std::fmt::Write as _;

use crate::arm::Arm;
use crate::report::{Case, Mark, Report, Way};

/// Tables, with what they were measured on.
pub(crate) fn text(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write(&mut out, report);
    out
}

fn write(out: &mut String, report: &Report) -> std::fmt::Result {
    let machine = &report.machine;
    writeln!(
        out,
        "Measured on: {}, {} cores, {} MiB, Linux {}; {}.",
        machine.cpu,
        machine.cores,
        machine.memory_mib,
        machine.kernel,
        machine.disk()
    )?;
    writeln!(
        out,
        "One 1 KiB write with a sync takes {:.0} µs (p99 {:.0} µs). Load average before the run: {:.1}. Medians of {} rounds of {} ms; load, model and gate share the cores.\n",
        machine.sync_p50_us, machine.sync_p99_us, machine.load_before, report.rounds, report.slice_ms
    )?;
    writeln!(
        out,
        "(a) the model directly · (b) a gate whose one policy does nothing · (c) a gate with all four policies. Both gates with a durable ledger.\n"
    )?;
    let head = [
        "case",
        "requests/s (a)",
        "(b) : (a)",
        "(c) : (a)",
        "(b) adds p50",
        "(b) adds p99",
        "(c) adds p50",
        "(c) adds p99",
        "(b) CPU",
        "(c) CPU",
    ];
    table(out, &head, report.cases.iter().filter_map(row))?;
    writeln!(out, "\nAdded times and CPU of the gate's process for each request are in milliseconds.\n")?;

    if report.cases.iter().any(|c| c.scenario.stream) {
        first_bytes(out, report)?;
    }
    resources(out, report)
}

fn first_bytes(out: &mut String, report: &Report) -> std::fmt::Result {
    let head = ["first byte of a stream", "(a) p50", "(b) adds", "(c) adds"];
    table(out, &head, report.cases.iter().filter(|c| c.scenario.stream).filter_map(first_byte))?;
    writeln!(out)
}

fn resources(out: &mut String, report: &Report) -> std::fmt::Result {
    let memory = report.memory.iter().map(|m| {
        let what = if m.arm == Arm::Full { "(c)" } else { "(b)" };
        vec![what.to_owned(), format!("{:.1}", m.idle_mib), format!("{:.1}", m.after_mib), format!("{:.1}", m.peak_mib)]
    });
    table(out, &["resident, MiB", "idle", "after the run", "at most"], memory)?;
    writeln!(out)?;
    let starts =
        [("with compiled code cached", report.startup.cached_ms), ("with an empty cache", report.startup.compiled_ms)];
    table(out, &["start of (c) to /readyz", "ms"], starts.map(|(what, ms)| vec![what.to_owned(), format!("{ms:.0}")]))?;
    writeln!(out)?;
    marks(out, "first mark for (c)", &report.marks)?;
    bottleneck(out, report)
}

/// Marks, and where this run is.
pub(crate) fn marks(out: &mut String, title: &str, marks: &[Mark]) -> std::fmt::Result {
    let rows = marks.iter().map(|m| {
        let met = if m.measured < m.below { "yes" } else { "no" };
        vec![
            m.what.to_owned(),
            format!("< {} {}", m.below, m.unit),
            format!("{:.2} {}", m.measured, m.unit),
            met.to_owned(),
        ]
    });
    table(out, &[title, "mark", "this run", "met"], rows)
}

fn ways(case: &Case) -> Option<(&Way, &Way, &Way)> {
    let of = |arm| case.ways.iter().find(|way| way.arm == arm);
    Some((of(Arm::Direct)?, of(Arm::Bare)?, of(Arm::Full)?))
}

fn row(case: &Case) -> Option<Vec<String>> {
    let (direct, bare, full) = ways(case)?;
    let mut row = vec![
        case.name.clone(),
        format!("{:.0}", direct.requests_per_second),
        format!("{:.2}", bare.throughput_ratio),
        format!("{:.2}", full.throughput_ratio),
    ];
    row.extend([bare.added_p50_us, bare.added_p99_us, full.added_p50_us, full.added_p99_us].map(ms));
    row.extend([bare.gate_cpu_ms, full.gate_cpu_ms].map(|cpu| format!("{cpu:.3}")));
    Some(row)
}

fn first_byte(case: &Case) -> Option<Vec<String>> {
    let (direct, bare, full) = ways(case)?;
    Some(vec![
        case.name.clone(),
        ms(direct.first_byte_p50_us),
        ms(bare.added_first_byte_p50_us),
        ms(full.added_first_byte_p50_us),
    ])
}

fn ms(us: f64) -> String {
    format!("{:.2}", us / 1000.0)
}

/// Says how far the model itself was from its limit: had it been the slowest part, the gates would look better than they are.
fn bottleneck(out: &mut String, report: &Report) -> std::fmt::Result {
    let gated = || report.cases.iter().flat_map(|c| &c.ways).filter(|w| w.arm != Arm::Direct);
    let model = gated().map(|w| w.model_cores).fold(0.0, f64::max);
    let load = gated().map(|w| w.load_cores).fold(0.0, f64::max);
    let closest = gated().map(|w| w.throughput_ratio).fold(0.0, f64::max);
    writeln!(
        out,
        "\nBehind a gate the model kept at most {model:.2} cores busy and the load {load:.2}; no gate came nearer than {closest:.2} to what the model does alone."
    )?;
    let slices = || report.measured.iter().flat_map(|m| m.rounds.iter().flatten());
    let (refused, requests) = slices().fold((0, 0), |(r, n), s| (r + s.refused, n + s.requests));
    match refused {
        0 => writeln!(out, "{requests} requests, none refused."),
        _ => writeln!(
            out,
            "{requests} requests; {refused} more were refused with 503, which means that the machine was too busy for a deadline."
        ),
    }
}

/// A table whose columns stand under each other.
pub(crate) fn table<const N: usize>(
    out: &mut String,
    head: &[&str; N],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> std::fmt::Result {
    let rows: Vec<Vec<String>> = std::iter::once(head.map(str::to_owned).into()).chain(rows).collect();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    for (number, row) in rows.iter().enumerate() {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            match column {
                0 => write!(out, "| {cell:<width$} ")?,
                _ => write!(out, "| {cell:>width$} ")?,
            }
        }
        writeln!(out, "|")?;
        if number == 0 {
            for (column, width) in widths.iter().enumerate() {
                let end = if column == 0 { "-" } else { ":" };
                write!(out, "|{}{end}", "-".repeat(width + 1))?;
            }
            writeln!(out, "|")?;
        }
    }
    Ok(())
}
