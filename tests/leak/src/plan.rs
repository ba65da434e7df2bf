//! Which cases there are, and which of them are run.

use std::sync::Arc;

use anyhow::bail;

use crate::cut::Cut;
use crate::dialect::Dialect;
use crate::fields::{self, Form};
use crate::kind::Kind;
use crate::random::Random;
use crate::script::Script;
use crate::style::Style;

/// What is wanted.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) dialects: &'a [Dialect],
    pub(crate) kinds: &'a [Kind],
    /// Only scripts whose name has this in it.
    pub(crate) only: Option<&'a str>,
    /// About so many cases; 0: all.
    pub(crate) sample: usize,
    pub(crate) seed: u64,
}

/// One case.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) script: Arc<Script>,
    pub(crate) cut: Cut,
}

impl Case {
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.script.name(), self.cut.name())
    }
}

/// The cases to run, in an order that mixes them.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) cases: Vec<Case>,
    /// How many there are without sampling.
    pub(crate) full: usize,
}

/// All scripts of the dialects wanted.
pub(crate) fn scripts(wanted: &Wanted<'_>) -> anyhow::Result<Vec<Arc<Script>>> {
    let mut out: Vec<Arc<Script>> = Vec::new();
    for dialect in wanted.dialects {
        for block in &fields::read(*dialect)?.blocks {
            for kind in Kind::ALL.into_iter().filter(|kind| wanted.kinds.contains(kind)) {
                let fits = match kind {
                    Kind::Injection => block.form == Form::Request && !block.own,
                    Kind::Argument => block.form != Form::Request && block.tool,
                    _ => true,
                };
                if !fits {
                    continue;
                }
                let first = out.len();
                let arguments = block.has("<args>") || block.has("<args-key>");
                for style in Style::of(block.is_incremental(), arguments, kind.value()) {
                    let Some(script) = Script::new(block, kind, style) else { continue };
                    let named = wanted.only.is_none_or(|only| script.name().contains(only));
                    let repeated = out.iter().skip(first).any(|other| other.is_same(&script));
                    if named && !repeated {
                        out.push(Arc::new(script));
                    }
                }
            }
        }
    }
    if out.is_empty() {
        bail!("no case has that name; `--list` names all fields");
    }
    Ok(out)
}

impl Plan {
    pub(crate) fn new(wanted: &Wanted<'_>) -> anyhow::Result<Self> {
        let scripts = scripts(wanted)?;
        let all: Vec<(Arc<Script>, Vec<Cut>)> = scripts
            .into_iter()
            .map(|script| {
                let cuts = script.cuts();
                (script, cuts)
            })
            .collect();
        let full: usize = all.iter().map(|(_, cuts)| cuts.len()).sum();
        let mut random = Random::new(wanted.seed);
        let mut cases = Vec::new();
        // The special cuts are always taken; the sample is of the others.
        let special: usize = all.iter().map(|(script, cuts)| specials(script, cuts)).sum();
        let (room, rest) = (wanted.sample.saturating_sub(special), full.saturating_sub(special).max(1));
        for (script, cuts) in all {
            let (always, others) = cuts.split_at(specials(&script, &cuts));
            let take = match wanted.sample {
                0 => others.len(),
                _ => (others.len().saturating_mul(room).div_ceil(rest)).min(others.len()),
            };
            let chosen = (0..take).filter_map(|number| {
                // One of each of `take` equal parts.
                let (from, to) = (number * others.len() / take, (number + 1) * others.len() / take);
                others.get(from + random.below(to.saturating_sub(from).max(1)))
            });
            cases.extend(always.iter().chain(chosen).map(|cut| Case { script: Arc::clone(&script), cut: *cut }));
        }
        random.shuffle(&mut cases);
        Ok(Self { cases, full })
    }
}

/// How many of the cuts, all at the beginning, are always taken. One byte a write takes as long as a hundred others: twice a value.
fn specials(script: &Script, cuts: &[Cut]) -> usize {
    let bytes = matches!(script.style, Style::Whole | Style::Fives);
    let is_special = |cut: &&Cut| matches!(cut, Cut::Whole | Cut::Events) || (bytes && **cut == Cut::Bytes);
    cuts.iter().take_while(is_special).count()
}

#[cfg(test)]
mod tests;
