//! Runs cases in the engine, each in sandboxes of its own.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::Value;
use witgate_engine::{Anatomy, Engine, Fault, Limits, LoadError, Manifest, Plugin, Source, Stages, componentize};

use super::ask::{Answer, ask, ask_in};
use super::cases::{Case, CaseStage};
use super::error::PluginError;
use super::outcome::{Difference, Outcome, Said};
use super::splits::Splits;
use super::target::engine;

/// Configurations kept loaded; beyond that they are loaded again.
const KEPT: usize = 64;

/// A plugin under test.
pub(super) struct Runner<'a> {
    pub(super) engine: Engine,
    bytes: Cow<'a, [u8]>,
    pub(super) manifest: Manifest,
    /// Those it exports.
    pub(super) stages: Stages,
    limits: Limits,
    splits: Splits,
    /// By configuration.
    loaded: HashMap<String, Plugin>,
}

/// What came of a case.
pub(super) struct Ran {
    pub(super) differences: Vec<Difference>,
    /// What was said of the whole text; none where there was no plugin to ask.
    pub(super) outcome: Option<Outcome>,
    /// Time in the plugin with the whole text.
    pub(super) took: Duration,
    /// Ways the text was cut, and the most bytes held back in any of them.
    pub(super) cuts: Option<(usize, u64)>,
}

impl<'a> Runner<'a> {
    /// Reads the manifest. `name` is the plugin as it was named.
    pub(super) fn new(name: &str, bytes: &'a [u8], splits: Splits) -> Result<Self, PluginError> {
        Self::in_engine(engine(bytes.len())?, name, Cow::Borrowed(bytes), splits)
    }

    /// The same in an engine that others use, too.
    pub(super) fn in_engine(
        engine: Engine,
        name: &str,
        bytes: Cow<'a, [u8]>,
        splits: Splits,
    ) -> Result<Self, PluginError> {
        let load = |error| PluginError::Load { name: name.to_owned(), error };
        let manifest = Manifest::read(&bytes).map_err(load)?;
        let stages = componentize(&bytes).and_then(|component| Anatomy::read(&component)).map_err(load)?.stages();
        let limits = manifest.limits.limits();
        Ok(Self { engine, bytes, manifest, stages, limits, splits, loaded: HashMap::new() })
    }

    /// Runs one case.
    ///
    /// # Errors
    /// The plugin would not load, whatever the case's configuration.
    pub(super) fn run(&mut self, case: &Case) -> Result<Ran, LoadError> {
        let plugin = match self.plugin(case) {
            Ok(plugin) => plugin,
            // Its own configuration is the case's matter.
            Err(error @ (LoadError::Configure(_) | LoadError::ConfigureFault(_))) => {
                let difference =
                    Difference::new("verdict", case.expect.verdict.clone(), format!("{}: {error}", error.code()));
                return Ok(Ran { differences: vec![difference], outcome: None, took: Duration::ZERO, cuts: None });
            }
            Err(error) => return Err(error),
        };
        self.engine.forget_state();
        let began = Instant::now();
        let answer = ask(&plugin, case);
        let took = began.elapsed();
        let held = answer.as_ref().map_or(0, |answer| answer.held);
        let whole = outcome(case, answer);
        let mut differences = whole.differences(&case.expect);
        differences.extend(whole.undeclared(&self.manifest));
        let cuts = match (case.stage, &whole.said) {
            (CaseStage::Inspection, Said::Allow | Said::Deny { .. } | Said::Escalate { .. }) => {
                let (count, held, differs) = self.cut(&plugin, case, &whole, held);
                differences.extend(differs);
                Some((count, held))
            }
            _ => None,
        };
        Ok(Ran { differences, outcome: Some(whole), took, cuts })
    }

    /// The plugin with the case's configuration.
    ///
    /// # Errors
    /// It would not load.
    pub(super) fn plugin(&mut self, case: &Case) -> Result<Plugin, LoadError> {
        let config = Value::Object(case.config.clone()).to_string();
        if let Some(plugin) = self.loaded.get(&config) {
            return Ok(plugin.clone());
        }
        let grants = self.manifest.wanted()?;
        let source = Source { id: &self.manifest.id, bytes: &self.bytes, config: &config, limits: self.limits, grants };
        let plugin = self.engine.load(&source)?;
        if self.loaded.len() < KEPT {
            self.loaded.insert(config, plugin.clone());
        }
        Ok(plugin)
    }

    /// Cuts the text in the ways that are wanted. Answers how many that were, the most that was held back, and the first way
    /// that led elsewhere than the whole.
    fn cut(&self, plugin: &Plugin, case: &Case, whole: &Outcome, held: u64) -> (usize, u64, Option<Difference>) {
        let (_, text) = case.channel();
        let (mut count, mut held) = (0, held);
        for way in self.splits.ways(text) {
            self.engine.forget_state();
            let answer = ask_in(plugin, case, &way.pieces);
            (count, held) = (count + 1, held.max(answer.as_ref().map_or(0, |answer| answer.held)));
            let outcome = outcome(case, answer);
            if let Some(undeclared) = outcome.undeclared(&self.manifest) {
                return (count, held, Some(undeclared));
            }
            if !outcome.agrees(whole) {
                let difference = Difference::new("pieces", whole.told(), outcome.told()).of_split(&way);
                return (count, held, Some(difference));
            }
        }
        (count, held, None)
    }
}

/// What was said, in the words of the cases.
pub(super) fn outcome(case: &Case, answer: Result<Answer, Fault>) -> Outcome {
    match answer {
        Err(fault) => Outcome::fault(&fault),
        Ok(Answer { decision, .. }) => match case.stage {
            CaseStage::Admission => Outcome::of(&decision, &case.request()),
            CaseStage::Commitment => Outcome::of(&decision, &case.action().arguments),
            CaseStage::Inspection => Outcome::of_channel(&decision, case.channel().1),
        },
    }
}
