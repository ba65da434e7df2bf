//! One exchange, decided again.

use std::path::Path;
use std::sync::Arc;

use anyhow::anyhow;
use witgate_ledger::{Bodies, Stage, Value};
use witgate_policy::engine::{Engine, EngineOptions, HostAnswer, Stage as Asked};
use witgate_policy::{HostAnswers, PolicySet, again};

use super::compare;
use super::exchanges::Recorded;
use super::flips::{self, Flip};
use super::sets::{Sets, Why};
use crate::cli::load_plugin;
use crate::config::{Config, LogFormat};
use crate::kept::KeptExchange;
use crate::policies;

/// Sandboxes at once: one a plugin and core.
const SANDBOXES: u32 = 1024;

/// What came of one exchange.
#[derive(Debug)]
pub(super) enum Replayed {
    /// By the set it had: what was decided otherwise.
    Same(Vec<compare::Difference>),
    /// By another set: what would be decided otherwise.
    Against(Option<Flip>),
    /// It cannot be replayed.
    Cannot(Why),
}

/// Replays exchanges, on as many threads as call it.
pub(super) struct Replayer {
    engine: Engine,
    bodies: Bodies,
    sets: Sets,
    against: Option<Arc<PolicySet>>,
}

impl Replayer {
    /// With the bodies and sets kept in `directory`, and, where another set is to decide, the configuration that names it.
    ///
    /// # Errors
    /// In words: no engine, or a set that cannot serve.
    pub(super) fn new(directory: &Path, bodies: Bodies, against: Option<&Path>) -> anyhow::Result<Self> {
        let loader = load_plugin::loader(LogFormat::Text);
        let engine = Engine::new(&EngineOptions { cache_dir: None, loader, sandboxes: SANDBOXES })?;
        let against = against.map(|file| other(&engine, file)).transpose()?;
        Ok(Self { engine, bodies, sets: Sets::new(directory), against })
    }

    /// Whether another set decides.
    pub(super) fn is_against(&self) -> bool {
        self.against.is_some()
    }

    /// Decides an exchange again.
    pub(super) fn replay(&self, recorded: &Recorded) -> Replayed {
        self.try_replay(recorded).unwrap_or_else(Replayed::Cannot)
    }

    fn try_replay(&self, recorded: &Recorded) -> Result<Replayed, Why> {
        let why = |code: &str, what: &str| (code.to_owned(), what.to_owned());
        let Some(body) = recorded.body else {
            return Err(why("body_not_kept", "its body was not kept: `ledger.bodies` was not set"));
        };
        let bytes = self.bodies.get(&recorded.exchange, body).map_err(|e| (e.code().to_owned(), e.to_string()))?;
        let kept = KeptExchange::decode(&bytes).map_err(|e| ("body_unreadable".to_owned(), e.to_string()))?;
        let Some(transcript) = kept.transcript.filter(|transcript| transcript.exchange() == recorded.exchange) else {
            return Err(why("transcript_missing", "what the policies were asked was not kept"));
        };
        if !transcript.is_complete() {
            return Err(why("transcript_cut", "it had more text than is kept (`ledger.bodies.max_mib`)"));
        }
        let set = match &self.against {
            Some(set) => Arc::clone(set),
            None => self.sets.get(&self.engine, &recorded.policy_set.to_string())?,
        };
        let outcomes = again(&set, &transcript, answers(recorded));
        Ok(match &self.against {
            Some(_) => Replayed::Against(flips::flip(recorded, &set, &outcomes)),
            None => Replayed::Same(compare::differences(recorded, &set, &outcomes)),
        })
    }
}

/// The policies of a configuration, as a set.
fn other(engine: &Engine, file: &Path) -> anyhow::Result<Arc<PolicySet>> {
    let policies = Config::policies_of(file).map_err(|errors| anyhow!("error[config_invalid]: {errors}"))?;
    let set = policies::set_of(engine, &policies).map_err(|error| anyhow!("error[{}]: {error}", error.code()))?;
    Ok(Arc::new(set))
}

/// What the host answered, by the records.
fn answers(recorded: &Recorded) -> HostAnswers {
    let mut answers = HostAnswers::at(recorded.time_ms);
    for decision in &recorded.decisions {
        let stage = match decision.stage {
            Stage::Admission => Asked::Admission,
            Stage::Inspection => Asked::Inspection,
            Stage::Commitment => Asked::Commitment,
            _ => continue,
        };
        for part in &decision.plugins {
            for answer in part.calls.iter().flat_map(|call| &call.host_answers) {
                let Value::List(pair) = answer else { continue };
                let [Value::Text(service), Value::Bytes(value)] = pair.as_slice() else { continue };
                if let Some(answer) = HostAnswer::new(service, value.clone()) {
                    answers.add(stage, &part.plugin, answer);
                }
            }
        }
    }
    answers
}
