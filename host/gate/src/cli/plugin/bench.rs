//! `witgate plugin bench`: what a fresh sandbox and a call cost, by size of the text.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};
use witgate_engine::{Context, Document, Fault, Manifest, Plugin, Source};

use super::cases::{Case, CaseStage, Input};
use super::error::PluginError;
use super::report::config_mistakes;
use super::target::{Target, config, engine};
use super::{FAILED, Format, OK, plain};

mod clock;
mod prose;

use clock::{Measured, measured};
use prose::prose;

/// What is wanted of a run.
pub(super) struct Wanted<'a> {
    /// KiB of text, each a run of its own.
    pub(super) sizes: &'a [u32],
    pub(super) config: Option<&'a Path>,
    pub(super) format: Format,
}

/// Times a plugin on prose of each size.
pub(super) fn run(
    target: &Target,
    wanted: &Wanted<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, PluginError> {
    let name = target.to_string();
    let load = |error| PluginError::Load { name: name.clone(), error };
    let bytes = target.found(err)?.bytes;
    let settings = config(wanted.config)?;
    let manifest = Manifest::read(&bytes).map_err(load)?;
    let mistakes = config_mistakes(&manifest, &settings);
    if !mistakes.is_empty() {
        return Err(PluginError::Config { name, given: wanted.config.is_some(), mistakes });
    }
    let settings = settings.to_string();
    let grants = manifest.wanted().map_err(load)?;
    let limits = manifest.limits.limits();
    let source = Source { id: &manifest.id, bytes: &bytes, config: &settings, limits, grants };
    let plugin = engine(bytes.len())?.load(&source).map_err(load)?;
    let mut table = Table { plugin, rows: vec![] };
    table.measure(wanted.sizes);
    match wanted.format {
        Format::Json => writeln!(out, "{}", table.json(&name, &manifest))?,
        Format::Human => write!(out, "{}", table.human(&manifest))?,
    }
    // A fault is part of the picture: at which size it comes is what one wants to know.
    Ok(if table.rows.iter().all(|row| row.measured.is_ok()) { OK } else { FAILED })
}

struct Table {
    plugin: Plugin,
    rows: Vec<Row>,
}

struct Row {
    stage: Option<CaseStage>,
    /// A sandbox of its own for each call, or one for all.
    fresh: bool,
    /// Of the text.
    bytes: usize,
    measured: Result<Measured, Fault>,
    /// Bytes of linear memory after the call.
    memory: Option<usize>,
}

impl Table {
    fn measure(&mut self, sizes: &[u32]) {
        let plugin = self.plugin.clone();
        let ctx = ask_about(CaseStage::Admission, 0).context();
        let measured = measured(|| plugin.open(&ctx).map(drop));
        let memory = plugin.open(&ctx).ok().map(|sandbox| sandbox.memory_bytes());
        self.rows.push(Row { stage: None, fresh: true, bytes: 0, measured, memory });
        let stages = plugin.stages();
        let there = [
            (CaseStage::Admission, stages.admission),
            (CaseStage::Inspection, stages.inspection),
            (CaseStage::Commitment, stages.commitment),
        ];
        for (stage, _) in there.into_iter().filter(|(_, there)| *there) {
            for kib in sizes {
                self.stage(&plugin, &ctx, stage, usize::try_from(*kib).unwrap_or(1) << 10);
            }
        }
    }

    fn stage(&mut self, plugin: &Plugin, ctx: &Context, stage: CaseStage, bytes: usize) {
        let asked = Asked::of(stage, bytes);
        let mut high = 0;
        let fresh = measured(|| {
            let mut sandbox = plugin.open(ctx)?;
            asked.ask(ctx, &mut sandbox)?;
            high = high.max(sandbox.memory_bytes());
            Ok(())
        });
        self.rows.push(Row { stage: Some(stage), fresh: true, bytes, measured: fresh, memory: Some(high) });
        // A plugin that keeps what it is given grows here, and only here.
        let mut high = 0;
        let warm = plugin.open(ctx).and_then(|mut sandbox| {
            measured(|| {
                let asked = asked.ask(ctx, &mut sandbox);
                high = sandbox.memory_bytes();
                asked
            })
        });
        self.rows.push(Row { stage: Some(stage), fresh: false, bytes, measured: warm, memory: Some(high) });
    }

    fn json(&self, name: &str, manifest: &Manifest) -> Value {
        let row = |row: &Row| {
            let measured = row.measured.as_ref().ok();
            json!({
                "stage": row.stage.map(CaseStage::name),
                "sandbox": if row.fresh { "fresh" } else { "warm" },
                "bytes": row.bytes,
                "fault": row.measured.as_ref().err().map(Fault::code),
                "calls": measured.map(|m| m.calls),
                "p50_us": measured.map(|m| rounded(m.p50_us())),
                "p99_us": measured.map(|m| rounded(m.p99_us())),
                "bytes_per_second": measured.and_then(|m| m.bytes_per_second(row.bytes)).map(f64::round),
                "page_faults_per_call": measured.and_then(|m| m.faults).map(rounded),
                "memory_bytes": row.memory,
            })
        };
        json!({
            "plugin": name,
            "id": manifest.id,
            "version": manifest.version,
            "start": self.plugin.start().name(),
            "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
        })
    }

    fn human(&self, manifest: &Manifest) -> String {
        let start = match self.plugin.start() {
            witgate_engine::Start::Snapshot => "an instance starts from a snapshot",
            witgate_engine::Start::Configure => "each instance is configured anew",
        };
        let mut text = format!("{} {}, ordinary prose; {start}\n\n", plain(&manifest.id), plain(&manifest.version));
        let head = ["p50 µs", "p99 µs", "MB/s", "faults", "memory"];
        let columns = |cells: [String; 5]| cells.map(|cell| format!("{cell:>10}")).concat();
        text.push_str(&format!("{:<30}{}\n", "", columns(head.map(str::to_owned))));
        for row in &self.rows {
            let size = if row.bytes < 1 << 20 {
                format!("{} KiB", row.bytes >> 10)
            } else {
                format!("{} MiB", row.bytes >> 20)
            };
            let what = match row.stage {
                None => "open, drop".to_owned(),
                Some(stage) => {
                    format!("{:<11} {:<6}{size:>10}", stage.name(), if row.fresh { "fresh" } else { "warm" })
                }
            };
            let memory = row.memory.map_or_else(String::new, |bytes| format!("{} KiB", bytes >> 10));
            let cells = match &row.measured {
                Ok(m) => {
                    let speed = m.bytes_per_second(row.bytes).map_or_else(String::new, |b| format!("{:.1}", b / 1e6));
                    let faults = m.faults.map_or_else(String::new, |faults| format!("{faults:.1}"));
                    columns([format!("{:.1}", m.p50_us()), format!("{:.1}", m.p99_us()), speed, faults, memory])
                }
                Err(fault) => format!("    {} ({})", plain(&fault.to_string()), fault.code()),
            };
            text.push_str(format!("{what:<30}{cells}").trim_end());
            text.push('\n');
        }
        text.push_str(
            "\nfresh: open a sandbox, ask, drop it, as a gate does for every exchange; warm: one sandbox asked again and again.\n\
             faults: page faults in a call; memory: the most linear memory the sandbox had.\n",
        );
        text
    }
}

/// To two places: more is noise.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// A question of a size, made ready beforehand: what it takes to make it is not the plugin's.
struct Asked {
    case: Case,
    request: Document,
    action: witgate_engine::Action,
}

impl Asked {
    fn of(stage: CaseStage, bytes: usize) -> Self {
        let case = ask_about(stage, bytes);
        let request = if stage == CaseStage::Admission {
            case.request()
        } else {
            Document { text: String::new(), segments: vec![] }
        };
        Self { action: case.action(), request, case }
    }

    fn ask(&self, ctx: &Context, sandbox: &mut witgate_engine::Sandbox) -> Result<(), Fault> {
        match self.case.stage {
            CaseStage::Admission => sandbox.admit(ctx, &self.request).map(drop)?,
            CaseStage::Commitment => sandbox.commit(ctx, &self.action).map(drop)?,
            CaseStage::Inspection => {
                let (kind, text) = self.case.channel();
                let channel = witgate_engine::Channel { index: 0, kind: kind.to_owned(), name: None };
                let session = sandbox.open_session(ctx, &channel)?;
                for piece in super::ask::pieces(text) {
                    sandbox.push(session, piece)?;
                }
                sandbox.finish(session)?;
            }
        }
        drop(sandbox.drain_calls());
        Ok(())
    }
}

fn ask_about(stage: CaseStage, bytes: usize) -> Case {
    // What a policy has nothing to say about is what it sees most.
    let text = prose(bytes);
    let arguments = [("text".to_owned(), Value::String(text.clone()))].into_iter().collect();
    Case::of(stage, Input { text, tool: "send_report".to_owned(), arguments, ..Input::default() })
}

#[cfg(test)]
mod tests;
