//! The report for people.

use std::fmt::Write as _;

use super::Report;
use super::crowd::{Crowd, Set};
use super::pace::Pace;
use crate::arm::Arm;
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
        "An event with text each {} ms, {} of them in a stream. Medians of {} rounds; what is added is added to the model's own in \
         the same round. Times in milliseconds; CPU is the gate's for 1,000 events.\n",
        report.event_ms, report.events, report.rounds
    )?;
    let head = ["streams", "way", "first byte", "adds", "gap p50", "gap p99", "adds to p99", "CPU"];
    table(out, &head, report.paces.iter().flat_map(pace))?;
    let split = &report.split;
    writeln!(
        out,
        "\nAn e-mail address of {} bytes that comes in {} events: the first byte of the answer leaves the gate {:.2} ms after the \
         model's own (of an answer that takes {:.0} ms), and of {} answers {} had a piece of it.\n",
        split.value_bytes,
        split.pieces,
        split.added_first_us / 1000.0,
        split.whole_us / 1000.0,
        split.asked,
        split.leaked
    )?;
    let head = [
        "streams at once",
        "complete",
        "failed",
        "sandboxes",
        "threads",
        "cores",
        "memory, MiB",
        "KiB each",
        "beyond sandboxes",
    ];
    table(out, &head, report.crowds.iter().map(crowd))?;
    writeln!(out)?;
    for crowd in &report.crowds {
        writeln!(out, "{}", ceiling(crowd))?;
    }
    writeln!(out)?;
    marks(out, "mark for streams", &report.marks)
}

fn pace(pace: &Pace) -> Vec<Vec<String>> {
    let ms = |us: f64| format!("{:.2}", us / 1000.0);
    let way = |way: &super::pace::Way| {
        let name = match way.arm {
            Arm::Direct => "the model directly",
            Arm::Bare => "a policy that does nothing",
            Arm::Full => "four policies",
        };
        let mut row = vec![pace.streams.to_string(), name.to_owned(), ms(way.first_p50_us)];
        let own = way.arm == Arm::Direct;
        let unless = |text: String| if own { String::new() } else { text };
        row.extend([
            unless(ms(way.added_first_us)),
            ms(way.gap_p50_us),
            ms(way.gap_p99_us),
            unless(ms(way.added_gap_p99_us)),
            unless(format!("{:.1}", way.cpu_ms_a_thousand)),
        ]);
        row
    };
    pace.ways.iter().map(way).collect()
}

fn name(set: Set) -> &'static str {
    match set {
        Set::One => "one policy",
        Set::Four => "four policies",
    }
}

fn crowd(crowd: &Crowd) -> Vec<String> {
    vec![
        format!("{}, {}", crowd.streams, name(crowd.set)),
        crowd.complete.to_string(),
        crowd.failed.to_string(),
        crowd.sandboxes.to_string(),
        crowd.threads.to_string(),
        format!("{:.2}", crowd.cores),
        format!("{:.0} → {:.0}", crowd.idle_mib, crowd.with_mib),
        format!("{:.0}", crowd.each_kib),
        format!("{:.0}", crowd.beyond_kib),
    ]
}

/// What would have been too many, and why.
fn ceiling(crowd: &Crowd) -> String {
    let streams = crowd.streams.max(1) as u64;
    let by_sandboxes = crowd.sandboxes_most.saturating_mul(streams) / crowd.sandboxes.max(1);
    let by_files = crowd.files_most.saturating_mul(streams) / (crowd.files.max(1) as u64);
    let what = if by_sandboxes <= by_files { "sandboxes" } else { "open files" };
    format!(
        "- With {}: {} of {} sandboxes and {} of {} open files in use; the {what} end at some {} streams.",
        name(crowd.set),
        crowd.sandboxes,
        crowd.sandboxes_most,
        crowd.files,
        crowd.files_most,
        by_sandboxes.min(by_files)
    )
}
