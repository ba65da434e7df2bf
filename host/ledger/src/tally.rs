//! What a ledger amounts to: counts, times and tokens. Memory does not grow with the ledger.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::body::{Body, Execution, Intent};
use crate::decision::Decision;
use crate::explain::{plain, utc};
use crate::record::Record;
use crate::verify_report::Place;
use crate::words::Verdict;

use counts::Counts;
use histogram::Histogram;

mod counts;
mod histogram;

/// So many of each are shown to a person; in JSON all of them are.
const SHOWN: usize = 10;

/// Sums over records. As JSON one object.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Tally {
    /// Records that were counted.
    pub records: u64,
    /// The first of them.
    pub first: Option<Place>,
    /// The last of them.
    pub last: Option<Place>,
    /// Records by kind.
    pub kinds: Counts,
    /// Merged verdicts, by stage.
    pub verdicts: BTreeMap<String, Counts>,
    /// Codes of reasons and of exchanges that did not complete.
    pub codes: Counts,
    /// What each plugin said.
    pub plugins: BTreeMap<String, Part>,
    /// Calls taken out of answers.
    pub withheld: u64,
    /// What became of asking for a person's agreement, record by record.
    pub approvals: Counts,
    /// References to earlier exchanges, by what they may do.
    pub references: Counts,
    /// Exchanges that were recorded as asked.
    pub exchanges: u64,
    /// How exchanges ended.
    pub outcomes: Counts,
    /// Exchanges by dialect.
    pub dialects: Counts,
    /// Exchanges by model.
    pub models: Counts,
    /// Exchanges by caller.
    pub principals: Counts,
    /// Tokens, as upstreams counted them.
    pub tokens: Tokens,
    /// Times of exchanges, in microseconds.
    pub latency_us: Times,
}

/// What one plugin said, over all stages.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Part {
    /// DECISION records it had a part in.
    pub asked: u64,
    /// What counted.
    pub verdicts: Counts,
    /// What would have counted, in monitor mode.
    pub would_have: Counts,
    /// Codes beside its verdicts.
    pub codes: Counts,
    /// Codes of its findings.
    pub findings: Counts,
    /// Why it could not decide.
    pub faults: Counts,
    /// Edits it asked for.
    pub edits: u64,
    /// Its time in one decision, in nanoseconds.
    pub elapsed_ns: Histogram,
}

/// Sums of tokens.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Tokens {
    /// Exchanges whose upstream counted.
    pub exchanges: u64,
    /// Tokens of prompts.
    pub prompt: u64,
    /// Tokens of completions.
    pub completion: u64,
}

/// Times of exchanges.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Times {
    /// From the first byte of the request to the last of the answer.
    pub total: Histogram,
    /// What the gate added.
    pub added: Histogram,
    /// From sending upstream to its first byte.
    pub upstream_first_byte: Histogram,
}

/// Plugins that are told apart.
const PLUGINS: usize = 256;

impl Tally {
    /// Counts a record.
    pub fn add(&mut self, record: &Record) {
        self.records += 1;
        let place = Place { seq: record.seq, time_ms: record.time_ms };
        self.first.get_or_insert(place);
        self.last = Some(place);
        self.kinds.add(record.kind.as_str());
        match &record.body {
            Body::Intent(intent) => self.intent(intent),
            Body::Decision(decision) => self.decision(decision),
            Body::Execution(end) => self.execution(end),
            Body::Approval(approval) => {
                self.approvals.add(approval.outcome.as_str());
                self.codes.add(&approval.asked_by.code);
            }
            Body::Policy(policy) => policy.code.iter().for_each(|code| self.codes.add(code)),
            Body::Checkpoint(_) | Body::Recovery(_) | Body::Retention(_) | Body::Unknown(_) => {}
        }
    }

    fn intent(&mut self, intent: &Intent) {
        self.exchanges += 1;
        self.dialects.add(&intent.dialect);
        self.models.add(intent.model.as_deref().unwrap_or_default());
        self.principals.add(&intent.principal.value);
        intent.references.iter().for_each(|reference| self.references.add(reference.used.as_str()));
    }

    fn decision(&mut self, decision: &Decision) {
        let stage = decision.stage.as_str();
        self.verdicts.entry(stage.to_owned()).or_default().add(decision.verdict.as_str());
        self.withheld += decision.withheld.len() as u64;
        let reason = decision.reason.iter().map(|reason| reason.code.as_str());
        reason.chain(decision.withheld.iter().map(|call| call.code.as_str())).for_each(|code| self.codes.add(code));
        for part in &decision.plugins {
            let known = self.plugins.contains_key(&part.plugin) || self.plugins.len() < PLUGINS;
            let name = if known { part.plugin.as_str() } else { counts::OTHERS };
            let said = self.plugins.entry(name.to_owned()).or_default();
            said.asked += 1;
            let count = |counts: &mut Counts, verdict: &Option<Verdict>| {
                verdict.iter().for_each(|verdict| counts.add(verdict.as_str()));
            };
            count(&mut said.verdicts, &part.verdict);
            count(&mut said.would_have, &part.would_have);
            part.code.iter().for_each(|code| said.codes.add(code));
            part.findings.iter().for_each(|finding| said.findings.add(&finding.code));
            part.fault.iter().for_each(|fault| said.faults.add(fault));
            said.edits = said.edits.saturating_add(part.edits);
            said.elapsed_ns.add(part.elapsed_ns);
        }
    }

    fn execution(&mut self, end: &Execution) {
        self.outcomes.add(end.outcome.as_str());
        end.code.iter().for_each(|code| self.codes.add(code));
        if let Some(usage) = end.usage {
            self.tokens.exchanges += 1;
            self.tokens.prompt = self.tokens.prompt.saturating_add(usage.prompt);
            self.tokens.completion = self.tokens.completion.saturating_add(usage.completion);
        }
        // A crash leaves no times.
        if end.latency_us.total > 0 {
            self.latency_us.total.add(end.latency_us.total);
            self.latency_us.added.add(end.latency_us.added);
        }
        end.latency_us.upstream_first_byte.iter().for_each(|first| self.latency_us.upstream_first_byte.add(*first));
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(first), Some(last)) = (self.first, self.last) else { return writeln!(f, "no records") };
        writeln!(
            f,
            "{} records, {} of {} to {} of {}",
            self.records,
            first.seq,
            utc(first.time_ms),
            last.seq,
            utc(last.time_ms)
        )?;
        list(f, "kinds", &self.kinds)?;
        writeln!(f, "\nexchanges  {}", self.exchanges)?;
        list(f, "ended", &self.outcomes)?;
        list(f, "dialects", &self.dialects)?;
        list(f, "models", &self.models)?;
        list(f, "callers", &self.principals)?;
        list(f, "references", &self.references)?;
        let Tokens { exchanges, prompt, completion } = self.tokens;
        writeln!(f, "  tokens      {prompt} prompt, {completion} completion, counted in {exchanges} exchanges")?;
        let times = &self.latency_us;
        for (name, histogram) in
            [("total", &times.total), ("added", &times.added), ("first byte", &times.upstream_first_byte)]
        {
            writeln!(f, "  {name:<10}  {histogram} µs")?;
        }
        writeln!(f, "\nverdicts")?;
        self.verdicts.iter().try_for_each(|(stage, verdicts)| list(f, stage, verdicts))?;
        list(f, "codes", &self.codes)?;
        writeln!(f, "  withheld    {} calls", self.withheld)?;
        list(f, "approvals", &self.approvals)?;
        for (name, part) in &self.plugins {
            writeln!(f, "\nplugin {}  asked {} times, {} edits", plain(name), part.asked, part.edits)?;
            list(f, "said", &part.verdicts)?;
            list(f, "would have", &part.would_have)?;
            list(f, "codes", &part.codes)?;
            list(f, "findings", &part.findings)?;
            list(f, "faults", &part.faults)?;
            writeln!(f, "  time        {} ns", part.elapsed_ns)?;
        }
        Ok(())
    }
}

fn list(f: &mut fmt::Formatter<'_>, name: &str, counts: &Counts) -> fmt::Result {
    let most = counts.most();
    if most.is_empty() {
        return Ok(());
    }
    let name = plain(name);
    write!(f, "  {name:<10}")?;
    for (index, (what, count)) in most.iter().take(SHOWN).enumerate() {
        let what = if what.is_empty() { "(none)".to_owned() } else { plain(what) };
        write!(f, "{}{what} {count}", if index == 0 { "  " } else { ", " })?;
    }
    match most.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        Some(more) => writeln!(f, ", {more} more"),
        None => writeln!(f),
    }
}

#[cfg(test)]
mod tests;
