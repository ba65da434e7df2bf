//! The end of an exchange is recorded however it ends.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use witgate_ledger::{
    self as ledger, BodyHash, BodyHasher, Decision, Digest, Draft, Execution, Outcome, Receipt, ReceiptFacts,
    ThreadIds, Usage, Value,
};

use witgate_policy::engine::{Context, Event};
use witgate_policy::{Judge, Opinion, PolicySet};
use witgate_wire::Dialect;

use crate::gate::Gate;
use crate::kept::Keeping;
use crate::metrics;

/// What plugins that record are told when an exchange is over.
#[derive(Debug)]
struct Told {
    set: Arc<PolicySet>,
    ctx: Context,
    events: Vec<Event>,
}

/// Writes the EXECUTION when it is dropped, at the latest: a client that goes away drops the whole exchange.
#[derive(Debug)]
pub(crate) struct Closing {
    gate: Arc<Gate>,
    /// The exchange.
    pub(crate) id: String,
    /// In every record of it: the names its caller gave.
    attributes: BTreeMap<String, Value>,
    /// In which its caller is answered.
    pub(crate) dialect: Dialect,
    /// What is known of the end so far. The outcome starts as "the client went away".
    pub(crate) execution: Execution,
    /// What a receipt states; set once the admission DECISION is durable.
    pub(crate) facts: Option<ReceiptFacts>,
    /// The digest of that DECISION, for whoever refers to the exchange later.
    pub(crate) record: Option<Digest>,
    /// The last DECISION, written together with the end.
    decided: Option<Draft>,
    /// What recording plugins are told; `None` while nobody was asked, or nobody records.
    told: Option<Told>,
    response: Option<BodyHasher>,
    /// What is kept beside the ledger, where bodies are.
    keeping: Option<Box<Keeping>>,
    started: Instant,
    /// Time spent waiting for others: the upstream, the client.
    waited: Duration,
    slot: Option<OwnedSemaphorePermit>,
}

impl Closing {
    /// An exchange begins.
    pub(crate) fn new(gate: Arc<Gate>, id: String, dialect: Dialect, slot: OwnedSemaphorePermit) -> Self {
        gate.metrics.in_flight.inc();
        let kept = gate.bodies.as_ref().and(gate.config.ledger.bodies.as_ref());
        let keeping = kept.map(|kept| Box::new(Keeping::new(kept.max_bytes())));
        Self {
            gate,
            id,
            attributes: BTreeMap::new(),
            dialect,
            execution: Execution { outcome: Outcome::ClientGone, ..Execution::default() },
            facts: None,
            record: None,
            decided: None,
            told: None,
            response: BodyHasher::new().ok(),
            started: Instant::now(),
            waited: Duration::ZERO,
            slot: Some(slot),
            keeping,
        }
    }

    /// The request's body, and what the judge is asked about it, where they are kept.
    pub(crate) fn keep(&mut self, body: &Bytes, judge: &mut Judge) {
        if let (Some(keeping), Some(kept)) = (&mut self.keeping, &self.gate.config.ledger.bodies) {
            keeping.request(body);
            keeping.minutes(judge.keep_minutes(kept.max_bytes()));
        }
    }

    /// What the exchange belongs to, as its caller says.
    pub(crate) fn belongs_to(&mut self, ids: &ThreadIds) {
        self.attributes = ids.attributes();
    }

    /// A record of this exchange.
    pub(crate) fn draft(&self, body: impl Into<ledger::Body>) -> Draft {
        Draft { attributes: self.attributes.clone(), ..Draft::new(self.id.clone(), body) }
    }

    /// A stage is over: counted, and kept for the plugins that record.
    pub(crate) fn stage(&mut self, stage: &'static str, judge: &Judge, opinions: &[Opinion]) {
        let set = judge.set();
        self.gate.metrics.note(stage, set, opinions);
        if set.members().iter().any(|m| m.plugin.stages().recording) {
            let told = self.told.get_or_insert_with(|| Told {
                set: Arc::clone(set),
                ctx: judge.context().clone(),
                events: vec![],
            });
            // Labels grow from stage to stage.
            told.ctx.clone_from(judge.context());
            told.events.extend(crate::record::events(stage, set, opinions));
        }
    }

    /// The last DECISION before the end.
    pub(crate) fn decided(&mut self, decision: Decision) {
        self.decided = Some(self.draft(decision));
    }

    /// Bytes go to the client.
    pub(crate) fn sent(&mut self, bytes: &[u8]) {
        if let Some(hasher) = &mut self.response {
            hasher.update(bytes);
        }
        if let Some(keeping) = &mut self.keeping {
            keeping.sent(bytes);
        }
    }

    /// Adds to the time that is not the gate's.
    pub(crate) fn waited(&mut self, since: Instant) {
        self.waited += since.elapsed();
    }

    /// The first byte of the upstream's answer.
    pub(crate) fn first_byte(&mut self, since: Instant) {
        self.execution.latency_us.upstream_first_byte = Some(micros(since.elapsed()));
    }

    /// Tokens the upstream counted.
    pub(crate) fn usage(&mut self, prompt: u64, completion: u64) {
        self.execution.usage = Some(Usage { prompt, completion });
    }

    /// How it ended.
    pub(crate) fn outcome(&mut self, outcome: Outcome, code: Option<String>) {
        self.execution.outcome = outcome;
        self.execution.code = code;
    }

    /// The receipt, all that was sent so far included. Kept at hand for whoever asks for it later.
    pub(crate) fn receipt(&mut self) -> Option<Receipt> {
        let facts = self.stated()?;
        Receipt::sign(facts, &self.gate.receipt_key).ok()
    }

    /// What the receipt states, kept for whoever asks for it later. Once.
    fn stated(&mut self) -> Option<ReceiptFacts> {
        let mut facts = self.facts.take()?;
        facts.response = self.response_hash();
        self.gate.keep_receipt(facts.clone(), self.record);
        Some(facts)
    }

    fn response_hash(&mut self) -> Option<BodyHash> {
        if let Some(hasher) = self.response.take() {
            self.execution.response = Some(hasher.finish());
        }
        self.execution.response
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        self.stated();
        self.response_hash();
        let total = self.started.elapsed();
        let added = total.saturating_sub(self.waited);
        self.execution.latency_us.total = micros(total);
        self.execution.latency_us.added = micros(added);
        let metrics = &self.gate.metrics;
        metrics.in_flight.dec();
        metrics.added_seconds.observe(added.as_secs_f64());
        let outcome = match &self.execution.outcome {
            Outcome::Completed => "completed",
            Outcome::Denied => "denied",
            Outcome::Aborted => "aborted",
            Outcome::UpstreamError => "upstream_error",
            Outcome::ClientGone => "client_gone",
            Outcome::Other(_) => "refused",
        };
        metrics.exchanges.get_or_create(&metrics::Outcome { outcome }).inc();
        tracing::info!(
            exchange = %self.id,
            outcome = %self.execution.outcome,
            status = self.execution.status,
            code = self.execution.code.as_deref(),
            total_us = self.execution.latency_us.total,
            added_us = self.execution.latency_us.added,
            "exchange over"
        );
        // Held until everything is written: a gate that stops waits for slots, and a plugin that records slowly takes no more
        // than there are.
        let slot = self.slot.take().map(Arc::new);
        if let (Some(told), Ok(runtime)) = (self.told.take(), tokio::runtime::Handle::try_current()) {
            let slot = slot.clone();
            runtime.spawn_blocking(move || {
                Judge::record(&told.set, &told.ctx, &told.events);
                drop(slot);
            });
        }
        // A refused request has no INTENT: its record alone could be made to fill the ledger.
        let refused = matches!(self.execution.outcome, Outcome::Other(_));
        if refused && !self.gate.may_record_refusal() {
            return;
        }
        let end = End {
            gate: Arc::clone(&self.gate),
            id: std::mem::take(&mut self.id),
            attributes: std::mem::take(&mut self.attributes),
            execution: std::mem::take(&mut self.execution),
            decided: self.decided.take(),
        };
        // The texts of a refused request were never judged.
        let Some(keeping) = self.keeping.take().filter(|_| !refused) else { return };
        let keep = move || {
            end.keep(*keeping);
            drop(slot);
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(keep)),
            Err(_) => keep(),
        }
    }
}

/// What is recorded last, when it is dropped: a runtime that ends drops what it was to run.
struct End {
    gate: Arc<Gate>,
    id: String,
    attributes: BTreeMap<String, Value>,
    execution: Execution,
    decided: Option<Draft>,
}

impl End {
    /// Keeps the body, so that the record of the end names it.
    fn keep(mut self, keeping: Keeping) {
        let Some(bodies) = &self.gate.bodies else { return };
        match keeping.put(bodies, &self.id) {
            Ok(kept) => self.execution.body = Some(kept),
            Err(error) => {
                self.gate.metrics.bodies_not_kept.inc();
                tracing::error!(exchange = %self.id, code = error.code(), "the exchange's body is not kept: {error}");
            }
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let (id, execution) = (std::mem::take(&mut self.id), std::mem::take(&mut self.execution));
        let end = Draft { attributes: std::mem::take(&mut self.attributes), ..Draft::new(id, execution) };
        self.gate.note(self.decided.as_slice(), &end);
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
