//! Runs cases in the engine, each in sandboxes of its own.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::Value;
use witgate_engine::{Channel, Context, Edit, Engine, Fault, Limits, LoadError, Manifest, Plugin, Source, Step};

use super::cases::{Case, CaseStage};
use super::error::PluginError;
use super::outcome::{Difference, Outcome, Said};
use super::target::engine;

/// Pieces are as long as the gate makes them.
const PIECE: usize = 64 << 10;
/// Places at which a text is cut in two: every character boundary of all but very long texts, else as many, evenly.
const CUTS: usize = 4096;
/// Configurations kept loaded; beyond that they are loaded again.
const KEPT: usize = 64;

/// A plugin under test.
pub(super) struct Runner<'a> {
    engine: Engine,
    bytes: &'a [u8],
    pub(super) manifest: Manifest,
    limits: Limits,
    /// By configuration.
    loaded: HashMap<String, Plugin>,
}

/// What came of a case.
pub(super) struct Ran {
    pub(super) differences: Vec<Difference>,
    /// Time in the plugin with the whole text.
    pub(super) took: Duration,
    /// Ways the text was cut, and the most bytes held back in any of them.
    pub(super) cuts: Option<(usize, u64)>,
}

impl<'a> Runner<'a> {
    /// Reads the manifest. `name` is the plugin as it was named.
    pub(super) fn new(name: &str, bytes: &'a [u8]) -> Result<Self, PluginError> {
        let load = |error| PluginError::Load { name: name.to_owned(), error };
        let manifest = Manifest::read(bytes).map_err(load)?;
        let limits = manifest.limits.limits();
        Ok(Self { engine: engine()?, bytes, manifest, limits, loaded: HashMap::new() })
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
                return Ok(Ran { differences: vec![difference], took: Duration::ZERO, cuts: None });
            }
            Err(error) => return Err(error),
        };
        self.engine.forget_state();
        let began = Instant::now();
        let (whole, cuts) = match case.stage {
            CaseStage::Admission => (admit(&plugin, case), None),
            CaseStage::Commitment => (commit(&plugin, case), None),
            CaseStage::Inspection => {
                let (_, text) = case.channel();
                let told = inspect(&plugin, case, &pieces(text));
                (told.outcome, Some(told.held))
            }
        };
        let took = began.elapsed();
        let mut differences = whole.differences(&case.expect);
        differences.extend(whole.undeclared(&self.manifest));
        let cuts = match cuts {
            Some(held) if !matches!(whole.said, Said::Fault { .. }) => {
                let (count, held, differs) = self.cut(&plugin, case, &whole, held);
                differences.extend(differs);
                Some((count, held))
            }
            _ => None,
        };
        Ok(Ran { differences, took, cuts })
    }

    fn plugin(&mut self, case: &Case) -> Result<Plugin, LoadError> {
        let config = Value::Object(case.config.clone()).to_string();
        if let Some(plugin) = self.loaded.get(&config) {
            return Ok(plugin.clone());
        }
        let grants = self.manifest.wanted()?;
        let source = Source { id: &self.manifest.id, bytes: self.bytes, config: &config, limits: self.limits, grants };
        let plugin = self.engine.load(&source)?;
        if self.loaded.len() < KEPT {
            self.loaded.insert(config, plugin.clone());
        }
        Ok(plugin)
    }

    /// Cuts the text in two at every character boundary, then after every character. Answers how many ways that were, the
    /// most that was held back, and the first way that led elsewhere than the whole.
    fn cut(&self, plugin: &Plugin, case: &Case, whole: &Outcome, held: u64) -> (usize, u64, Option<Difference>) {
        let (_, text) = case.channel();
        let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let every = boundaries.len().div_ceil(CUTS).max(1);
        let chars: Vec<&str> = text.char_indices().filter_map(|(at, c)| text.get(at..at + c.len_utf8())).collect();
        let in_two = boundaries.iter().step_by(every).map(|at| {
            let (before, after) = text.split_at(*at);
            let halves: Vec<&str> = pieces(before).into_iter().chain(pieces(after)).collect();
            (format!("cut at byte {at}"), halves)
        });
        let ways = in_two.chain([("one character a piece".to_owned(), chars)]);
        let (mut count, mut held) = (0, held);
        for (way, pieces) in ways {
            self.engine.forget_state();
            let told = inspect(plugin, case, &pieces);
            (count, held) = (count + 1, held.max(told.held));
            if let Some(undeclared) = told.outcome.undeclared(&self.manifest) {
                return (count, held, Some(undeclared));
            }
            if !told.outcome.agrees(whole) {
                let difference = Difference::new(
                    "pieces",
                    format!("whole: {}", whole.told()),
                    format!("{way}: {}", told.outcome.told()),
                );
                return (count, held, Some(difference));
            }
        }
        (count, held, None)
    }
}

fn admit(plugin: &Plugin, case: &Case) -> Outcome {
    let (ctx, request) = (case.context(), case.request());
    match plugin.open(&ctx).and_then(|mut sandbox| sandbox.admit(&ctx, &request)) {
        Ok(decision) => Outcome::of(&decision, &request),
        Err(fault) => Outcome::fault(&fault),
    }
}

fn commit(plugin: &Plugin, case: &Case) -> Outcome {
    let (ctx, action) = (case.context(), case.action());
    match plugin.open(&ctx).and_then(|mut sandbox| sandbox.commit(&ctx, &action)) {
        Ok(decision) => Outcome::of(&decision, &action.arguments),
        Err(fault) => Outcome::fault(&fault),
    }
}

/// The pieces that the gate makes of a text. An empty text has none, but for one that is empty.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    loop {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        pieces.push(piece);
        rest = after;
        if rest.is_empty() {
            return pieces;
        }
    }
}

/// What was told of a channel.
struct Told {
    outcome: Outcome,
    /// The most bytes that were pushed and not settled.
    held: u64,
}

fn inspect(plugin: &Plugin, case: &Case, pieces: &[&str]) -> Told {
    let ctx = case.context();
    let outcome = Outcome { said: Said::Allow, text: None, findings: vec![], labels: vec![] };
    let mut told = Told { outcome, held: 0 };
    let mut edits = Vec::new();
    match session(plugin, case, &ctx, pieces, &mut told, &mut edits) {
        Ok(()) => told.outcome.edit(case.channel().1, &edits),
        Err(fault) => told.outcome = Outcome::fault(&fault),
    }
    told
}

fn session(
    plugin: &Plugin,
    case: &Case,
    ctx: &Context,
    pieces: &[&str],
    told: &mut Told,
    edits: &mut Vec<Edit>,
) -> Result<(), Fault> {
    let (kind, text) = case.channel();
    let mut sandbox = plugin.open(ctx)?;
    let channel = Channel { index: 0, kind: kind.to_owned(), name: None };
    let session = sandbox.open_session(ctx, &channel)?;
    let mut pushed = 0_u64;
    for piece in pieces {
        let step = sandbox.push(session, piece)?;
        pushed = pushed.saturating_add(piece.len() as u64);
        told.held = told.held.max(pushed.saturating_sub(step.settled));
        if take(step, text, told, edits)? {
            return Ok(());
        }
    }
    let step = sandbox.finish(session)?;
    take(step, text, told, edits).map(drop)
}

/// Takes a step; whether the channel is over by it. The engine keeps no text, so character boundaries are checked here, as the
/// gate does.
fn take(step: Step, text: &str, told: &mut Told, edits: &mut Vec<Edit>) -> Result<bool, Fault> {
    let boundary = |offset: u64| usize::try_from(offset).is_ok_and(|offset| text.is_char_boundary(offset));
    let sound =
        boundary(step.settled) && step.decision.edits.iter().all(|e| boundary(e.at.start) && boundary(e.at.end));
    if !sound {
        return Err(Fault::BadOutput("an offset off a character boundary"));
    }
    told.outcome.note(&step.decision);
    edits.extend(step.decision.edits);
    Ok(told.outcome.said != Said::Allow)
}
