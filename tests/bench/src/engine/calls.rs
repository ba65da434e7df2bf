//! One plugin: opened, asked in a fresh sandbox, asked in a warm one, and with nothing to begin from.

use anyhow::{Context as _, ensure};
use serde::Serialize;
use witgate_engine as engine;
use witgate_engine::{
    Claim, Context, Document, Engine, EngineOptions, Manifest, Plugin, Sandbox, Segment, Source, Span,
};

use super::cpu::{Arm, Measured};
use crate::plugins::{Plugins, read};
use crate::prose;
use crate::stats::median;
use crate::zoo::unknown_to_the_snapshotter;

const SIZES: [usize; 3] = [1 << 10, 10 << 10, 100 << 10];
/// Those of the built-in that look for patterns.
const PATTERNS: [&str; 2] = ["pii", "classification"];
/// What no policy has anything to say about.
const TEXT: usize = 7;

/// What it takes to open a sandbox and drop it, in microseconds of a processor.
#[derive(Debug, Serialize)]
pub(crate) struct Open {
    pub(crate) plugin: String,
    pub(crate) cpu_us: f64,
    pub(crate) memory_kib: usize,
}

/// An admission, in microseconds of a processor.
#[derive(Debug, Serialize)]
pub(crate) struct Call {
    pub(crate) plugin: String,
    pub(crate) bytes: usize,
    pub(crate) fresh_us: f64,
    pub(crate) warm_us: f64,
    /// Fresh against warm: the median of the rounds' ratios.
    pub(crate) ratio: f64,
}

/// A fresh sandbox and a call at 1 KB, with a snapshot to begin from and without.
#[derive(Debug, Serialize)]
pub(crate) struct Start {
    pub(crate) plugin: String,
    pub(crate) snapshot_us: f64,
    pub(crate) configured_us: f64,
    pub(crate) ratio: f64,
}

/// The plugins, loaded.
pub(crate) struct Bench {
    plugins: Vec<(String, Plugin)>,
    configured: Vec<(String, Plugin)>,
}

/// An engine as a gate has it, that keeps nothing.
pub(crate) fn engine() -> anyhow::Result<Engine> {
    Engine::new(&EngineOptions::default()).context("no engine on this machine")
}

/// Memory of a built-in plugin's sandbox after a call, in KiB.
pub(crate) fn memory_kib(plugins: &Plugins, id: &str) -> anyhow::Result<usize> {
    let plugin = load(&engine()?, id, &plugins.built_in(id)?)?;
    let mut sandbox = plugin.open(&context()).map_err(|fault| anyhow::anyhow!("{id}: {fault}"))?;
    let _ = sandbox.admit(&context(), &request(SIZES[0]));
    Ok(sandbox.memory_bytes() >> 10)
}

/// Loads a plugin with the limits and grants that its manifest wants.
fn load(engine: &Engine, id: &str, bytes: &[u8]) -> anyhow::Result<Plugin> {
    let manifest = Manifest::read(bytes)?;
    let (limits, grants) = (manifest.limits.limits(), manifest.wanted()?);
    Ok(engine.load(&Source { id, bytes, config: "{}", limits, grants })?)
}

impl Bench {
    pub(crate) fn new(engine: &Engine, plugins: &Plugins) -> anyhow::Result<Self> {
        let noop = load(engine, "noop", &read(&plugins.noop())?)?;
        let (mut loaded, mut configured) = (vec![("noop".to_owned(), noop)], Vec::new());
        for id in PATTERNS {
            let bytes = plugins.built_in(id)?;
            loaded.push((id.to_owned(), load(engine, id, &bytes)?));
            let other = unknown_to_the_snapshotter(&engine::componentize(&bytes)?);
            let other = load(engine, id, &other)?;
            ensure!(other.start() == engine::Start::Configure, "{id}: a snapshot was taken where none should be");
            configured.push((id.to_owned(), other));
        }
        for (id, plugin) in &loaded {
            ensure!(plugin.start() == engine::Start::Snapshot, "{id}: no snapshot");
        }
        Ok(Self { plugins: loaded, configured })
    }

    fn patterns(&self) -> impl Iterator<Item = &(String, Plugin)> {
        self.plugins.iter().filter(|(id, _)| PATTERNS.contains(&id.as_str()))
    }

    pub(crate) fn arms(&self) -> anyhow::Result<Vec<Arm<'_>>> {
        let mut arms = Vec::new();
        for (id, plugin) in &self.plugins {
            let ctx = context();
            arms.push(Arm::new(format!("open {id}"), move || Ok(plugin.open(&ctx).map(drop)?)));
        }
        for (id, plugin) in self.patterns() {
            for bytes in SIZES {
                arms.push(fresh(format!("fresh {id} {bytes}"), plugin, bytes));
                let (ctx, request) = (context(), request(bytes));
                let mut sandbox = plugin.open(&ctx)?;
                arms.push(Arm::new(format!("warm {id} {bytes}"), move || ask(&mut sandbox, &ctx, &request)));
            }
        }
        for (id, plugin) in &self.configured {
            arms.push(fresh(format!("configured {id}"), plugin, 1 << 10));
        }
        Ok(arms)
    }

    pub(crate) fn opens(&self, measured: &Measured) -> Vec<Open> {
        let row = |(id, plugin): &(String, Plugin)| Open {
            plugin: id.clone(),
            cpu_us: median(measured.of(&format!("open {id}")).iter().copied()),
            memory_kib: plugin.open(&context()).map_or(0, |sandbox| sandbox.memory_bytes() >> 10),
        };
        self.plugins.iter().map(row).collect()
    }

    pub(crate) fn calls(&self, measured: &Measured) -> Vec<Call> {
        let mut rows = Vec::new();
        for (id, _) in self.patterns() {
            for bytes in SIZES {
                let fresh = measured.of(&format!("fresh {id} {bytes}"));
                let warm = measured.of(&format!("warm {id} {bytes}"));
                rows.push(Call {
                    plugin: id.clone(),
                    bytes,
                    fresh_us: median(fresh.iter().copied()),
                    warm_us: median(warm.iter().copied()),
                    ratio: against(fresh, warm),
                });
            }
        }
        rows
    }

    pub(crate) fn starts(&self, measured: &Measured) -> Vec<Start> {
        let row = |(id, _): &(String, Plugin)| {
            let snapshot = measured.of(&format!("fresh {id} {}", 1 << 10));
            let configured = measured.of(&format!("configured {id}"));
            Start {
                plugin: id.clone(),
                snapshot_us: median(snapshot.iter().copied()),
                configured_us: median(configured.iter().copied()),
                ratio: against(configured, snapshot),
            }
        };
        self.configured.iter().map(row).collect()
    }
}

/// The median of the rounds' ratios.
fn against(these: &[f64], those: &[f64]) -> f64 {
    median(these.iter().zip(those).map(|(this, that)| this / that))
}

fn fresh(name: String, plugin: &Plugin, bytes: usize) -> Arm<'_> {
    let (ctx, request) = (context(), request(bytes));
    Arm::new(name, move || ask(&mut plugin.open(&ctx)?, &ctx, &request))
}

fn ask(sandbox: &mut Sandbox, ctx: &Context, request: &Document) -> anyhow::Result<()> {
    let said = sandbox.admit(ctx, request)?;
    ensure!(
        said.verdict == engine::Verdict::Allow && said.findings.is_empty(),
        "prose is not what it finds anything in"
    );
    drop(sandbox.drain_calls());
    Ok(())
}

fn context() -> Context {
    Context {
        exchange: "00000000-0000-7000-8000-000000000000".into(),
        tenant: "default".into(),
        principal: Claim { value: "bench".into(), proven: false },
        owner: None,
        clearance: None,
        classification: None,
        intent: None,
        dialect: "openai-chat".into(),
        model: Some("mock-small".into()),
        labels: vec![],
    }
}

fn request(bytes: usize) -> Document {
    let text = prose::text(TEXT, bytes);
    let at = Span { start: 0, end: text.len() as u64 };
    let segment =
        Segment { role: "user".into(), kind: "text".into(), name: None, pointer: "/messages/0/content".into(), at };
    Document { text, segments: vec![segment] }
}
