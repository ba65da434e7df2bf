//! A value at the end of a long answer: seen or refused at every size, in bounded memory.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};

use crate::args::{Args, Format};
use crate::case::Runner;
use crate::client::{Client, Target};
use crate::cut::Cut;
use crate::dialect::Dialect;
use crate::fields::{self, Block, Form};
use crate::kind::Kind;
use crate::outcome::{Outcome, judge};
use crate::plan::Case;
use crate::print;
use crate::script::Script;
use crate::style::Style;

/// KiB.
const SIZES: [usize; 6] = [1, 16, 256, 4 << 10, 16 << 10, 64 << 10];
/// Bytes of padding in one event.
const EVENT: usize = 1 << 10;
const SENTENCE: &str = "The ferry leaves a little after seven, and most of those on it go to the market. ";

/// Runs all sizes, prints a line each.
pub(crate) async fn look(args: &Args, runner: &Runner, target: &Target) -> anyhow::Result<ExitCode> {
    let runner = Runner { gap: std::time::Duration::ZERO, ..runner.clone() };
    let (mut rows, mut text) = (Vec::new(), String::new());
    let (mut leaks, mut unseen) = (0, 0);
    for dialect in &args.dialects {
        let all = fields::read(*dialect)?.blocks;
        for block in all.iter().filter(|block| is_plain(*dialect, block)) {
            for kib in SIZES.into_iter().filter(|kib| *kib <= args.most_kib) {
                for kind in [Kind::Card, Kind::Marking, Kind::Control] {
                    let Some(script) = Script::new(&padded(block, kib << 10), kind, Style::Whole) else { continue };
                    let case = Case { script: Arc::new(script), cut: Cut::Events };
                    let sent = case.script.body.len();
                    let begun = Instant::now();
                    let ran = runner.run(&mut Client::new(target.clone()), case).await;
                    let millis = begun.elapsed().as_millis();
                    let (outcome, bytes) = judge(&ran);
                    leaks += usize::from(outcome == Outcome::Leaked);
                    unseen += usize::from(outcome == Outcome::NotCovered);
                    let peak = args.pid.and_then(peak_mib);
                    let (form, status, got) = (block.form.name(), ran.answer.status, ran.answer.body.len());
                    let _ = writeln!(
                        text,
                        "{:10} {form:7} {kib:>6} KiB  {:8} {:12} leaked {bytes:>3} B  status {status}  {got:>9} of {sent:>9} B  {millis:>6} ms{}",
                        dialect.name(),
                        kind.name(),
                        outcome.name(),
                        peak.map(|mib| format!("  proxy's peak {mib} MiB")).unwrap_or_default()
                    );
                    rows.push(json!({
                        "dialect": dialect, "form": block.form, "kib": kib, "kind": kind, "outcome": outcome, "leaked": bytes,
                        "status": status, "sent": sent, "arrived": got, "ms": millis, "peak_mib": peak,
                    }));
                }
            }
        }
    }
    print(&match args.format {
        Format::Human => text,
        Format::Json => format!("{:#}\n", Value::from(rows)),
    })?;
    Ok(match (leaks, unseen) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::from(crate::COULD_NOT_RUN),
        _ => ExitCode::from(crate::FOUND),
    })
}

fn is_plain(dialect: Dialect, block: &Block) -> bool {
    let name = match (dialect, block.form) {
        (_, Form::Request) => return false,
        (Dialect::Chat, _) => "content",
        (Dialect::Responses, Form::Stream) => "output_text.delta alone",
        (Dialect::Responses, Form::Unary) => "output_text",
        (Dialect::Messages, Form::Stream) => "text_delta",
        (Dialect::Messages, Form::Unary) => "text",
    };
    block.name == name
}

/// The field with so many bytes of prose before the value.
fn padded(block: &Block, bytes: usize) -> Block {
    let mut block = block.clone();
    let Some(at) = block.lines.iter().position(|line| line.text.contains("<text>")) else { return block };
    let Some(mut line) = block.lines.get(at).cloned() else { return block };
    let filled = |length: usize| SENTENCE.chars().cycle().take(length).collect::<String>();
    if block.form == Form::Stream {
        let mut padding = line.clone();
        padding.repeated = false;
        padding.text = line.text.replace("<text>", &filled(EVENT));
        block.lines.splice(at..at, std::iter::repeat_n(padding, bytes.div_ceil(EVENT)));
    } else {
        line.text = line.text.replace("<text>", &format!("{} <text>", filled(bytes)));
        if let Some(place) = block.lines.get_mut(at) {
            *place = line;
        }
    }
    block
}

/// The most memory a process had, of proc(5).
fn peak_mib(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? >> 10)
}
