//! Exchanges as the ledger has them, one after another.

use std::collections::HashMap;
use std::path::Path;

use witgate_ledger::{Body, Decision, Digest, KeptBody, Outcome, ReadError, Reader, When};

/// Which exchanges.
#[derive(Debug)]
pub(in crate::cli) struct Wanted {
    pub(in crate::cli) exchange: Option<String>,
    /// Where in the ledger it begins to count.
    pub(in crate::cli) since: Option<When>,
}

impl Wanted {
    /// Whether an exchange that began with this record is wanted.
    fn began(&self, seq: u64, time_ms: u64) -> bool {
        match self.since {
            None => true,
            Some(When::Position(since)) => seq >= since,
            Some(When::Time(since)) => time_ms >= since,
        }
    }
}

/// All that was recorded of one exchange.
#[derive(Debug)]
pub(in crate::cli) struct Recorded {
    pub(in crate::cli) exchange: String,
    /// When it began.
    pub(in crate::cli) time_ms: u64,
    pub(in crate::cli) policy_set: Digest,
    pub(in crate::cli) decisions: Vec<Decision>,
    pub(in crate::cli) outcome: Outcome,
    pub(in crate::cli) body: Option<KeptBody>,
}

/// Gives each exchange that ended and was judged to `take`, until that answers false. Answers how many have no end yet. Memory
/// holds the exchanges that are open at one point of the ledger.
pub(in crate::cli) fn each(
    dir: &Path,
    wanted: &Wanted,
    mut take: impl FnMut(Recorded) -> bool,
) -> Result<u64, ReadError> {
    let mut open: HashMap<String, Recorded> = HashMap::new();
    for found in Reader::since(dir, None, wanted.since)? {
        let record = found?.record;
        if wanted.exchange.as_ref().is_some_and(|exchange| *exchange != record.exchange) {
            continue;
        }
        match record.body {
            Body::Intent(intent) if wanted.began(record.seq, record.time_ms) => {
                let begun = Recorded {
                    exchange: record.exchange.clone(),
                    time_ms: record.time_ms,
                    policy_set: intent.policy_set,
                    decisions: vec![],
                    outcome: Outcome::default(),
                    body: None,
                };
                open.insert(record.exchange, begun);
            }
            Body::Decision(decision) => {
                if let Some(begun) = open.get_mut(&record.exchange) {
                    begun.decisions.push(*decision);
                }
            }
            Body::Execution(execution) => {
                let Some(mut ended) = open.remove(&record.exchange) else { continue };
                (ended.outcome, ended.body) = (execution.outcome.clone(), execution.body);
                if !take(ended) {
                    break;
                }
            }
            _ => {}
        }
    }
    Ok(open.len() as u64)
}
