//! Whether the records of exchanges come in an order that a writer makes.

use std::collections::HashSet;

use crate::envelope::Envelope;
use crate::words::Kind;

/// So many exchanges are followed at once; beyond that they are counted and no longer followed.
const MAX_OPEN: usize = 1 << 20;

/// For whoever verifies: refuses what no writer makes.
#[derive(Debug, Default)]
pub(crate) struct Order {
    open: HashSet<String>,
    /// Whether there were ever too many to follow.
    gave_up: bool,
    /// Whether records before the first one were let go: exchanges may have begun there.
    late: bool,
    /// INTENT records.
    pub(crate) begun: u64,
}

impl Order {
    /// The records before the next one are not there.
    pub(crate) fn begin_late(&mut self) {
        self.late = true;
    }

    /// The next record: a code and a sentence when it cannot stand there.
    pub(crate) fn see(&mut self, envelope: &Envelope<'_>) -> Result<(), (&'static str, String)> {
        let exchange = &*envelope.exchange;
        match envelope.kind {
            Kind::Intent => {
                self.begun += 1;
                if self.open.len() >= MAX_OPEN {
                    self.gave_up = true;
                } else if !self.open.insert(exchange.to_owned()) {
                    return Err(("intent_repeated", format!("exchange {exchange} has an INTENT already, and no end")));
                }
            }
            Kind::Decision if !self.is_open(exchange) => {
                let message = format!("exchange {exchange} has no INTENT before this DECISION, or ended before it");
                return Err(("decision_without_intent", message));
            }
            // A request that was refused before it was judged, and a list of models, have an EXECUTION alone.
            Kind::Execution => {
                self.open.remove(exchange);
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether an exchange is under way, as far as that can be told.
    pub(crate) fn is_open(&self, exchange: &str) -> bool {
        self.gave_up || self.late || self.open.contains(exchange)
    }

    /// Exchanges that did not end.
    pub(crate) fn open(&self) -> u64 {
        self.open.len() as u64
    }
}
