//! Which records somebody wants to see.

use crate::body::Body;
use crate::decision::{Decision, PluginResult};
use crate::envelope::Envelope;
use crate::record::Record;
use crate::thread_ids::ThreadIds;
use crate::value::Value;
use crate::when::When;
use crate::words::{Kind, Verdict};

/// What a record must be. Of several values of one field any will do; all fields that say something must fit. The default fits
/// every record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Of one of these kinds.
    pub kinds: Vec<Kind>,
    /// Of this exchange.
    pub exchange: Option<String>,
    /// One of these plugins had a part in it.
    pub plugins: Vec<String>,
    /// A decision with one of these verdicts; with `plugins`, one of theirs, also as what they would have said.
    pub verdicts: Vec<Verdict>,
    /// One of these codes is in it: a reason, a finding, a fault, an error; with `plugins`, one of theirs.
    pub codes: Vec<String>,
    /// Not before this.
    pub since: Option<When>,
    /// Not after this.
    pub until: Option<When>,
    /// With these ids of the client's.
    pub ids: ThreadIds,
}

impl Filter {
    /// What can be told without a record's body.
    #[must_use]
    pub fn admits(&self, envelope: &Envelope<'_>) -> bool {
        let at = (envelope.seq, envelope.time_ms);
        (self.kinds.is_empty() || self.kinds.contains(&envelope.kind))
            && self.exchange.as_deref().is_none_or(|exchange| envelope.exchange == exchange)
            && self.since.is_none_or(|since| !is_before(at, since))
            && self.until.is_none_or(|until| !is_after(at, until))
    }

    /// Whether a record that [`Filter::admits`] let pass is wanted.
    #[must_use]
    pub fn matches(&self, record: &Record) -> bool {
        self.judged(&record.body) && self.identified(record)
    }

    /// Whether all further records are behind [`Filter::until`]. A time never tells that: clocks step back.
    #[must_use]
    pub fn is_over(&self, seq: u64) -> bool {
        matches!(self.until, Some(When::Position(until)) if seq > until)
    }

    fn identified(&self, record: &Record) -> bool {
        self.ids
            .named()
            .all(|(name, wanted)| matches!(record.attributes.get(name), Some(Value::Text(is)) if is == wanted))
    }

    fn judged(&self, body: &Body) -> bool {
        if self.plugins.is_empty() && self.verdicts.is_empty() && self.codes.is_empty() {
            return true;
        }
        match body {
            Body::Decision(decision) if self.plugins.is_empty() => self.decided(decision),
            Body::Decision(decision) => {
                let named = |id: &str| self.plugins.iter().any(|plugin| plugin == id);
                // What the host itself said stands in the reason alone.
                let reason = decision.reason.as_ref().filter(|reason| named(&reason.plugin));
                let of_reason = reason.is_some_and(|reason| {
                    self.verdict(Some(&decision.verdict)) && self.code(std::iter::once(reason.code.as_str()))
                });
                of_reason || decision.plugins.iter().any(|part| named(&part.plugin) && self.part(part))
            }
            Body::Execution(end) => {
                self.plugins.is_empty() && self.verdicts.is_empty() && self.code(end.code.as_deref().into_iter())
            }
            Body::Approval(approval) => {
                let asked = &approval.asked_by;
                (self.plugins.is_empty() || self.plugins.contains(&asked.plugin))
                    && self.verdicts.is_empty()
                    && self.code(std::iter::once(asked.code.as_str()))
            }
            Body::Policy(policy) => {
                let named = policy.plugins.iter().any(|part| self.plugins.contains(&part.plugin));
                (self.plugins.is_empty() || named)
                    && self.verdicts.is_empty()
                    && self.code(policy.code.as_deref().into_iter())
            }
            _ => false,
        }
    }

    fn decided(&self, decision: &Decision) -> bool {
        let codes = decision.reason.iter().map(|reason| reason.code.as_str());
        let codes = codes.chain(decision.withheld.iter().map(|call| call.code.as_str()));
        let codes = codes.chain(decision.plugins.iter().flat_map(part_codes));
        self.verdict(Some(&decision.verdict)) && self.code(codes)
    }

    fn part(&self, part: &PluginResult) -> bool {
        (self.verdict(part.verdict.as_ref()) || self.verdict(part.would_have.as_ref())) && self.code(part_codes(part))
    }

    fn verdict(&self, said: Option<&Verdict>) -> bool {
        self.verdicts.is_empty() || said.is_some_and(|said| self.verdicts.contains(said))
    }

    fn code<'a>(&self, mut said: impl Iterator<Item = &'a str>) -> bool {
        self.codes.is_empty() || said.any(|code| self.codes.iter().any(|wanted| wanted == code))
    }
}

fn part_codes(part: &PluginResult) -> impl Iterator<Item = &str> {
    let said = [part.code.as_deref(), part.fault.as_deref()].into_iter().flatten();
    said.chain(part.findings.iter().map(|finding| finding.code.as_str()))
}

fn is_before((seq, time_ms): (u64, u64), when: When) -> bool {
    match when {
        When::Position(position) => seq < position,
        When::Time(time) => time_ms < time,
    }
}

fn is_after((seq, time_ms): (u64, u64), when: When) -> bool {
    match when {
        When::Position(position) => seq > position,
        When::Time(time) => time_ms > time,
    }
}

#[cfg(test)]
mod tests;
