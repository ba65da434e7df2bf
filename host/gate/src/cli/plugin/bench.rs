//! `witgate plugin bench`: what a fresh sandbox and a call cost.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use witgate_engine::{Action, Channel, Claim, Context, Document, Fault, Manifest, Plugin, Segment, Source, Span};

use super::error::PluginError;
use super::target::{Target, config, engine};
use super::{OK, plain};

/// Each row is measured until one of the two is reached, after a tenth of the rounds to warm up.
const ROUNDS: usize = 2000;
const LONGEST: Duration = Duration::from_secs(1);
/// Ordinary prose: what a policy has nothing to say about is what it sees most.
const PROSE: &str = "The quick brown fox wrote a plain report about rivers, bridges and the price of bread. ";
/// The cost of a KiB is the slope between the wanted size and this many KiB more.
const FURTHER: usize = 32;

/// Times a plugin on `size` KiB of prose.
pub(super) fn run(target: &Target, size: u32, file: Option<&Path>, out: &mut dyn Write) -> Result<u8, PluginError> {
    let name = target.to_string();
    let load = |error| PluginError::Load { name: name.clone(), error };
    let bytes = target.bytes()?;
    let config = config(file)?.to_string();
    let engine = engine()?;
    let manifest = Manifest::read(&bytes).map_err(load)?;
    let grants = manifest.wanted().map_err(load)?;
    let source = Source { id: &manifest.id, bytes: &bytes, config: &config, limits: manifest.limits.limits(), grants };
    let plugin = engine.load(&source).map_err(load)?;
    let kib = usize::try_from(size).unwrap_or(1);
    let mut table = Table { plugin, ctx: context(), kib, rows: vec![] };
    table.measure().map_err(|fault| PluginError::Fault { name: name.clone(), fault })?;
    writeln!(
        out,
        "{} {}, {kib} KiB of prose, start: {}\n",
        plain(&manifest.id),
        plain(&manifest.version),
        table.plugin.start().name()
    )?;
    writeln!(out, "{:<40} {:>10} {:>10} {:>10}", "µs", "p50", "p99", "per KiB")?;
    for Row { what, p50, p99, per_kib } in &table.rows {
        let per_kib = per_kib.map_or_else(String::new, |micros| format!("{micros:.2}"));
        writeln!(out, "{what:<40} {:>10.1} {:>10.1} {per_kib:>10}", micros(*p50), micros(*p99))?;
    }
    Ok(OK)
}

struct Table {
    plugin: Plugin,
    ctx: Context,
    kib: usize,
    rows: Vec<Row>,
}

struct Row {
    what: &'static str,
    p50: Duration,
    p99: Duration,
    per_kib: Option<f64>,
}

impl Table {
    fn measure(&mut self) -> Result<(), Fault> {
        let (plugin, ctx) = (self.plugin.clone(), self.ctx.clone());
        let stages = plugin.stages();
        self.row("fresh sandbox: open, drop", || plugin.open(&ctx).map(drop))?;
        let (small, large) = (document(self.kib), document(self.kib + FURTHER));
        if stages.admission {
            self.row("fresh sandbox: open, admit, drop", || plugin.open(&ctx)?.admit(&ctx, &small).map(drop))?;
            let mut sandbox = plugin.open(&ctx)?;
            self.sloped("admit, warm", |further| {
                let decision = sandbox.admit(&ctx, if further { &large } else { &small });
                sandbox.take_calls();
                decision.map(drop)
            })?;
        }
        if stages.inspection {
            let channel = Channel { index: 0, kind: "content".to_owned(), name: None };
            let mut sandbox = plugin.open(&ctx)?;
            self.sloped("inspect a channel in one piece, warm", |further| {
                let session = sandbox.open_session(&ctx, &channel)?;
                sandbox.push(session, if further { &large.text } else { &small.text })?;
                sandbox.finish(session)?;
                sandbox.take_calls();
                Ok(())
            })?;
        }
        if stages.commitment {
            let action = |arguments: &Document| Action {
                kind: "tool_use".to_owned(),
                target: "send_report".to_owned(),
                arguments: arguments.clone(),
                hints: vec![],
            };
            let (small, large) = (action(&small), action(&large));
            let mut sandbox = plugin.open(&ctx)?;
            self.sloped("commit, warm", |further| {
                let decision = sandbox.commit(&ctx, if further { &large } else { &small });
                sandbox.take_calls();
                decision.map(drop)
            })?;
        }
        Ok(())
    }

    fn row(&mut self, what: &'static str, call: impl FnMut() -> Result<(), Fault>) -> Result<(), Fault> {
        let (p50, p99) = percentiles(call)?;
        self.rows.push(Row { what, p50, p99, per_kib: None });
        Ok(())
    }

    /// A row with the cost of one KiB more.
    fn sloped(&mut self, what: &'static str, mut call: impl FnMut(bool) -> Result<(), Fault>) -> Result<(), Fault> {
        let (p50, p99) = percentiles(|| call(false))?;
        let (further, _) = percentiles(|| call(true))?;
        let kib = u32::try_from(FURTHER).unwrap_or(1);
        let per_kib = Some((micros(further) - micros(p50)) / f64::from(kib));
        self.rows.push(Row { what, p50, p99, per_kib });
        Ok(())
    }
}

fn percentiles(mut call: impl FnMut() -> Result<(), Fault>) -> Result<(Duration, Duration), Fault> {
    let began = Instant::now();
    for _ in 0..ROUNDS / 10 {
        call()?;
        if began.elapsed() > LONGEST / 10 {
            break;
        }
    }
    let mut times = Vec::with_capacity(ROUNDS);
    let began = Instant::now();
    while times.len() < ROUNDS && (times.is_empty() || began.elapsed() < LONGEST) {
        let start = Instant::now();
        call()?;
        times.push(start.elapsed());
    }
    times.sort();
    let at =
        |percent: usize| times.get((times.len() * percent / 100).min(times.len() - 1)).copied().unwrap_or_default();
    Ok((at(50), at(99)))
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn document(kib: usize) -> Document {
    let mut text = PROSE.repeat((kib << 10).div_ceil(PROSE.len()));
    text.truncate(kib << 10);
    let at = Span { start: 0, end: text.len() as u64 };
    let segment = Segment {
        role: "user".to_owned(),
        kind: "text".to_owned(),
        name: None,
        pointer: "/messages/0/content".to_owned(),
        at,
    };
    Document { text, segments: vec![segment] }
}

fn context() -> Context {
    Context {
        exchange: "00000000-0000-7000-8000-000000000000".to_owned(),
        tenant: "default".to_owned(),
        principal: Claim { value: "anonymous".to_owned(), proven: false },
        owner: None,
        clearance: None,
        classification: None,
        intent: None,
        dialect: "openai-chat".to_owned(),
        model: Some("test".to_owned()),
        labels: vec![],
    }
}
