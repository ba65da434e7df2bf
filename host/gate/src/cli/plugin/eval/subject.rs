//! A plugin that is asked about rows, on all cores.

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use indicatif::ProgressBar;
use witgate_engine::{Anatomy, Engine, Fault, Grants, LoadError, Manifest, Plugin, Source, Stages, componentize};

use super::super::error::PluginError;
use super::super::report::config_mistakes;
use super::super::target::{Target, config, engine};
use super::asked::{As, Question, ways};
use super::rows::Row;
use super::told::Told;

/// How often a plugin that faults is loaded anew, so that it is asked about the other rows. After that its breaker stays as it
/// is: a plugin that faults so often has no figures.
const RENEWALS: u32 = 16;

/// A plugin, loaded with its configuration.
pub(super) struct Subject {
    /// As it was named.
    pub(super) name: String,
    pub(super) manifest: Manifest,
    stages: Stages,
    engine: Engine,
    bytes: Cow<'static, [u8]>,
    settings: String,
    /// How often it was loaded anew, and what is in use.
    current: Mutex<(u32, Plugin)>,
}

/// How the rows are asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work {
    pub(super) way: Option<As>,
    /// Bytes of a piece of an answer.
    pub(super) piece: Option<usize>,
    pub(super) jobs: usize,
}

impl Subject {
    /// Loads it. A folder is built first, which `err` is told.
    pub(super) fn load(target: &Target, file: Option<&Path>, err: &mut dyn Write) -> Result<Self, PluginError> {
        let name = target.to_string();
        let load = |error| PluginError::Load { name: name.clone(), error };
        let bytes = target.found(err)?.bytes;
        let settings = config(file)?;
        let manifest = Manifest::read(&bytes).map_err(load)?;
        let mistakes = config_mistakes(&manifest, &settings);
        if !mistakes.is_empty() {
            return Err(PluginError::Config { name, given: file.is_some(), mistakes });
        }
        let stages = componentize(&bytes).and_then(|component| Anatomy::read(&component)).map_err(load)?.stages();
        let settings = settings.to_string();
        let engine = engine(bytes.len())?;
        let plugin = loaded(&engine, &manifest, &bytes, &settings).map_err(load)?;
        Ok(Self { name, manifest, stages, engine, bytes, settings, current: Mutex::new((0, plugin)) })
    }

    /// The ways in which each row is asked.
    ///
    /// # Errors
    /// A row belongs to a stage that the plugin does not have.
    pub(super) fn ways(&self, rows: &[Row], wanted: Option<As>) -> Result<Vec<Vec<As>>, PluginError> {
        let of = |row: &Row| {
            ways(row.channel, wanted, self.stages).map_err(|stage| PluginError::Stage {
                name: self.name.clone(),
                wanted: Some(stage.name()),
                there: self.stages.names().join(", "),
            })
        };
        rows.iter().map(of).collect()
    }

    /// How many ask at once. What a plugin keeps beyond an exchange must not reach from one row to the next, so that one that
    /// keeps something is asked by one alone.
    pub(super) fn jobs(&self, work: &Work, rows: usize) -> usize {
        let keeps = self.manifest.grants.iter().any(|grant| grant.starts_with("state"));
        if keeps { 1 } else { work.jobs.clamp(1, rows.max(1)) }
    }

    /// Asks about every row; in their order. `bar` is moved on.
    pub(super) fn ask(&self, rows: &[Row], work: &Work, bar: &ProgressBar) -> Result<Vec<Told>, PluginError> {
        let ways = self.ways(rows, work.way)?;
        let next = AtomicUsize::new(0);
        let worker = || {
            let mut mine = Vec::new();
            let mut plugin = self.current();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let (Some(row), Some(ways)) = (rows.get(index), ways.get(index)) else { return mine };
                mine.push((index, self.row(row, ways, work.piece, &mut plugin)));
                bar.inc(1);
            }
        };
        let mut all: Vec<(usize, Told)> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..self.jobs(work, rows.len())).map(|_| scope.spawn(worker)).collect();
            let told = |worker: std::thread::ScopedJoinHandle<'_, _>| {
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            workers.into_iter().flat_map(told).collect()
        });
        all.sort_by_key(|(index, _)| *index);
        Ok(all.into_iter().map(|(_, told)| told).collect())
    }

    fn row(&self, row: &Row, ways: &[As], piece: Option<usize>, plugin: &mut (u32, Plugin)) -> Told {
        let mut told = Told::default();
        for (number, way) in ways.iter().enumerate() {
            let question = Question::new(row, *way, piece);
            let (answer, took) = loop {
                self.engine.forget_state();
                let began = Instant::now();
                let answer = question.ask(&plugin.1);
                let took = began.elapsed();
                // The breaker is the gate's matter: faults of other rows say nothing of this one.
                if answer == Err(Fault::Breaker) && self.renew(plugin) {
                    continue;
                }
                break (answer, took);
            };
            told.took.push(took);
            match answer {
                Ok(answer) => told.take(&answer.decision, question.offset, number == 0),
                Err(fault) => told.faults.push(fault.code()),
            }
        }
        told
    }

    fn current(&self) -> (u32, Plugin) {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the plugin with a clean record, which is loaded if nobody has yet. Answers whether there is one.
    fn renew(&self, mine: &mut (u32, Plugin)) -> bool {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.0 == mine.0 {
            if current.0 >= RENEWALS {
                return false;
            }
            match loaded(&self.engine, &self.manifest, &self.bytes, &self.settings) {
                Ok(plugin) => *current = (mine.0 + 1, plugin),
                Err(_) => return false,
            }
        }
        mine.clone_from(&current);
        true
    }
}

fn loaded(engine: &Engine, manifest: &Manifest, bytes: &[u8], config: &str) -> Result<Plugin, LoadError> {
    let grants: Grants = manifest.wanted()?;
    engine.load(&Source { id: &manifest.id, bytes, config, limits: manifest.limits.limits(), grants })
}
