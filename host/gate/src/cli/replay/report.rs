//! What came of a replay, for people and for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::compare::Difference;
use super::flips::Flip;
use super::run::Replayed;

/// Exchanges told one by one; of more, the counts say how many.
const TOLD: usize = 10_000;

#[derive(Debug, Serialize)]
struct Differs {
    exchange: String,
    differences: Vec<Difference>,
}

#[derive(Debug, Serialize)]
struct Flipped {
    exchange: String,
    #[serde(flatten)]
    flip: Flip,
}

#[derive(Debug, Serialize)]
struct Skipped {
    code: String,
    count: u64,
    /// What is wrong with the first of them.
    message: String,
    /// Which they are.
    exchanges: Vec<String>,
}

/// The outcome; as JSON, its members are the format.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// 1.
    v: u32,
    /// Whether another set decided than the ones recorded.
    against: bool,
    /// Exchanges that were looked at.
    pub(super) seen: u64,
    /// Exchanges that were decided again.
    pub(super) replayed: u64,
    /// Those decided as before.
    same: u64,
    /// Exchanges that have no end yet; not looked at.
    pub(super) open: u64,
    /// By the sets recorded: those decided otherwise. Nothing should stand here.
    differ: Vec<Differs>,
    /// By another set: those it decides otherwise.
    flips: Vec<Flipped>,
    /// How many of each kind, plugin and code.
    flips_by: Vec<(Flip, u64)>,
    /// Those that cannot be replayed, by why.
    skipped: Vec<Skipped>,
    #[serde(skip)]
    differing: u64,
}

impl Report {
    pub(super) fn new(against: bool) -> Self {
        Self {
            v: 1,
            against,
            seen: 0,
            replayed: 0,
            same: 0,
            open: 0,
            differ: vec![],
            flips: vec![],
            flips_by: vec![],
            skipped: vec![],
            differing: 0,
        }
    }

    pub(super) fn add(&mut self, exchange: String, replayed: Replayed) {
        self.seen += 1;
        match replayed {
            Replayed::Cannot((code, message)) => {
                let known = self.skipped.iter().position(|skipped| skipped.code == code);
                let place = known.unwrap_or_else(|| {
                    let message = format!("{exchange}: {message}");
                    self.skipped.push(Skipped { code, count: 0, message, exchanges: vec![] });
                    self.skipped.len() - 1
                });
                if let Some(skipped) = self.skipped.get_mut(place) {
                    skipped.count += 1;
                    if skipped.exchanges.len() < TOLD {
                        skipped.exchanges.push(exchange);
                    }
                }
                return;
            }
            Replayed::Same(differences) if differences.is_empty() => self.same += 1,
            Replayed::Against(None) => self.same += 1,
            Replayed::Same(differences) => {
                self.differing += 1;
                if self.differ.len() < TOLD {
                    self.differ.push(Differs { exchange, differences });
                }
            }
            Replayed::Against(Some(flip)) => {
                self.differing += 1;
                match self.flips_by.iter_mut().find(|(kind, _)| *kind == flip) {
                    Some((_, count)) => *count += 1,
                    None => self.flips_by.push((flip.clone(), 1)),
                }
                if self.flips.len() < TOLD {
                    self.flips.push(Flipped { exchange, flip });
                }
            }
        }
        self.replayed += 1;
    }

    /// Whether everything that was replayed was decided as before.
    pub(super) fn is_clean(&self) -> bool {
        self.differing == 0
    }

    /// Tells it, with so many examples of each kind.
    pub(super) fn tell(&self, examples: usize, out: &mut dyn Write) -> io::Result<()> {
        let by = if self.against { "with other policies" } else { "with the policies they had" };
        writeln!(
            out,
            "{} exchanges decided again {by}: {} as before, {} otherwise",
            self.replayed, self.same, self.differing
        )?;
        for differs in self.differ.iter().take(examples) {
            writeln!(out, "  {}", differs.exchange)?;
            for Difference { stage, plugin, was, now } in &differs.differences {
                writeln!(out, "    {stage}, {}: was {was}; is {now}", plugin.as_deref().unwrap_or("the verdict"))?;
            }
        }
        if self.differ.len() > examples {
            writeln!(out, "  … and {} more", self.differ.len() - examples)?;
        }
        let mut groups: BTreeMap<_, _> = BTreeMap::new();
        for (flip, count) in &self.flips_by {
            groups.insert((flip.kind, &flip.stage, &flip.plugin, &flip.code), *count);
        }
        for ((kind, stage, plugin, code), count) in groups {
            writeln!(out, "  {count:>6} {}: {stage}, {plugin}: {code}", kind.told())?;
            let of = |f: &&Flipped| {
                (f.flip.kind, &f.flip.stage, &f.flip.plugin, &f.flip.code) == (kind, stage, plugin, code)
            };
            for flipped in self.flips.iter().filter(of).take(examples) {
                writeln!(out, "         {}", flipped.exchange)?;
            }
        }
        let cannot: u64 = self.skipped.iter().map(|skipped| skipped.count).sum();
        if cannot > 0 {
            writeln!(out, "{cannot} cannot be replayed:")?;
        }
        for Skipped { code, count, message, .. } in &self.skipped {
            writeln!(out, "  {count:>6} {code}, such as {message}")?;
        }
        if self.open > 0 {
            writeln!(out, "{} have no end yet", self.open)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
