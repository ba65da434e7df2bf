//! What all exchanges share.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::{Semaphore, oneshot, watch};
use witgate_ledger::{
    AppendError, Appended, Bodies, BodyKey, Digest, Draft, Durability, Ledger, Receipt, ReceiptFacts, ReceiptKey,
    Referenced,
};
use witgate_policy::{Restores, Vaults};
use witgate_wire::answer::AnswerLimits;
use witgate_wire::json::JsonLimits;
use witgate_wire::request::{Opaque, RequestLimits};

use crate::blocking::Lanes;
use crate::config::{Allowed, Config};
use crate::identity::KnownClients;
use crate::metrics::Metrics;
use crate::observe::Observe;
use crate::policies::Policies;
use crate::refusal::Refusal;
use crate::tls::Tls;
use crate::upstream::UpstreamClient;

/// Receipts kept at hand; older ones are read from the ledger.
const RECEIPTS: usize = 1024;
/// Readings at once: on a small machine other exchanges go on meanwhile.
const READINGS: usize = 2;
/// Refused requests a second that get a record of their own: refused floods must not fill the ledger.
const RECORDED_REFUSALS: u32 = 50;

/// The running gate.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) config: Config,
    pub(crate) policies: Policies,
    pub(crate) ledger: Ledger,
    /// Where bodies are kept, if they are.
    pub(crate) bodies: Option<Bodies>,
    /// Who watches it.
    pub(crate) observe: Observe,
    pub(crate) receipt_key: ReceiptKey,
    pub(crate) upstreams: Vec<Arc<UpstreamClient>>,
    pub(crate) clients: Option<KnownClients>,
    /// How the clients' listener shows itself; `None`: without TLS.
    pub(crate) tls: Option<Tls>,
    pub(crate) metrics: Metrics,
    pub(crate) lanes: Lanes,
    /// The tokens of all exchanges and sessions.
    pub(crate) vaults: Arc<Vaults>,
    /// In which tools' arguments values come back.
    pub(crate) restores: Arc<Restores>,
    pub(crate) slots: Arc<Semaphore>,
    pub(crate) draining: AtomicBool,
    /// Readings of the ledger for exchanges that name earlier ones, at once.
    pub(crate) readings: Semaphore,
    /// Set when streams that are still running are to end at once.
    pub(crate) cut: watch::Sender<bool>,
    receipts: Mutex<VecDeque<(ReceiptFacts, Option<Digest>)>>,
    refusals: Mutex<(Instant, u32)>,
    /// Pointers of settings that were changed since the start and wait for the next one.
    waiting: Mutex<Vec<String>>,
}

impl Gate {
    /// Puts the parts together.
    ///
    /// # Errors
    /// An upstream's key or certificates, the clients' keys, or the listener's certificate cannot be read.
    pub(crate) fn new(
        config: Config,
        policies: Policies,
        ledger: Ledger,
        receipt_key: ReceiptKey,
    ) -> anyhow::Result<Self> {
        use anyhow::Context as _;
        let upstreams = config
            .upstreams
            .iter()
            .map(|u| UpstreamClient::new(u, &config.timeouts, &receipt_key).map(Arc::new))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let clients = config
            .clients
            .as_ref()
            .map(|clients| match &clients.keys_file {
                Some(file) => KnownClients::load(file).with_context(|| format!("{}", file.display())),
                None => Ok(KnownClients::by_certificate()),
            })
            .transpose()?;
        let bodies = config.ledger.bodies.as_ref().map(|kept| {
            let key = BodyKey::load(&kept.key_file)?;
            anyhow::Ok(Bodies::new(&kept.directory, key))
        });
        let bodies = bodies.transpose()?;
        let certificates = config.clients.as_ref().and_then(|clients| clients.certificates.as_ref());
        let tls = config.tls.clone().map(|files| Tls::new(files, certificates)).transpose()?;
        let vaults = Vaults::new(config.tokens.limits()).context("the system gives no randomness")?;
        Ok(Self {
            vaults,
            restores: Arc::new(config.tokens.restores()),
            lanes: Lanes::default(),
            slots: Arc::new(Semaphore::new(config.limits.exchanges())),
            config,
            policies,
            observe: Observe::new(&ledger),
            ledger,
            bodies,
            receipt_key,
            upstreams,
            clients,
            tls,
            metrics: Metrics::default(),
            draining: AtomicBool::new(false),
            readings: Semaphore::new(READINGS),
            cut: watch::channel(false).0,
            receipts: Mutex::default(),
            refusals: Mutex::new((Instant::now(), 0)),
            waiting: Mutex::default(),
        })
    }

    /// Appends a record, after those before it, and waits until it is as safe as asked.
    pub(crate) async fn append(
        &self,
        before: &[Draft],
        draft: &Draft,
        durability: Durability,
    ) -> Result<Appended, AppendError> {
        let (done, acknowledged) = oneshot::channel();
        self.ledger.append_after(before, draft, durability, move |result| {
            // Whoever waited may be gone; the record stays all the same.
            let _ = done.send(result);
        });
        acknowledged.await.unwrap_or(Err(AppendError::Closed))
    }

    /// Appends a record that nobody waits for, after those before it. A failure shows in the ledger's health.
    pub(crate) fn note(&self, before: &[Draft], draft: &Draft) {
        self.ledger.append_after(before, draft, Durability::Buffered, |_| {});
    }

    /// Whether a refused request may have a record of its own now.
    pub(crate) fn may_record_refusal(&self) -> bool {
        let mut window = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if window.0.elapsed().as_secs() >= 1 {
            *window = (Instant::now(), 0);
        }
        window.1 += 1;
        let may = window.1 <= RECORDED_REFUSALS;
        if !may {
            self.metrics.unrecorded.inc();
        }
        may
    }

    /// Keeps at hand what a receipt states, and the digest of the record it names. It is signed when somebody asks: most are never asked for, and a signature
    /// costs more than the rest of an exchange's end.
    pub(crate) fn keep_receipt(&self, facts: ReceiptFacts, record: Option<Digest>) {
        let mut receipts = self.receipts.lock().unwrap_or_else(PoisonError::into_inner);
        if receipts.len() >= RECEIPTS {
            receipts.pop_front();
        }
        receipts.push_back((facts, record));
    }

    /// The full receipt of an exchange, and the digest of the record it names, if that was kept at hand.
    pub(crate) fn receipt_at_hand(&self, exchange: &str) -> Option<(Receipt, Option<Digest>)> {
        let receipts = self.receipts.lock().unwrap_or_else(PoisonError::into_inner);
        let (facts, record) = receipts.iter().rev().find(|(facts, _)| facts.exchange == exchange).cloned()?;
        drop(receipts);
        Some((Receipt::sign(facts, &self.receipt_key).ok()?, record))
    }

    /// The same from the ledger's records. Blocks while it reads them.
    pub(crate) fn recorded_receipt(&self, exchange: &str) -> Option<(Receipt, Option<Digest>)> {
        // The chain's first key is not kept in memory: whoever takes the process is not to have it either.
        let directory = &self.config.ledger.directory;
        let records = witgate_ledger::find(directory, None, exchange).ok()?;
        let facts = ReceiptFacts::from_records(self.ledger.id(), &records).ok()?;
        let record = match Referenced::at(directory, facts.seq) {
            Ok(Referenced::Admission(found)) if found.exchange == exchange => Some(found.digest),
            _ => None,
        };
        Some((Receipt::sign(facts, &self.receipt_key).ok()?, record))
    }

    /// Counts an answer of the gate's own. A policy's code has a count of its own if its plugin declared it: what a plugin
    /// makes up from the text would be counted one by one, for ever.
    pub(crate) fn count(&self, refusal: &Refusal) {
        let made_up = match &refusal.policy {
            Some((_, plugin)) if refusal.kind == Refusal::VIOLATION && plugin != "witgate" => {
                let set = self.policies.current();
                let member = set.members().iter().find(|member| member.plugin.id() == plugin);
                let declared = member.is_some_and(|member| member.plugin.manifest().codes.contains(&refusal.code));
                !declared && refusal.code != Refusal::UNAPPROVED
            }
            _ => false,
        };
        let code = if made_up { "other".to_owned() } else { refusal.code.clone() };
        self.metrics.refusals.get_or_create(&crate::metrics::Code { code }).inc();
    }

    /// Notes which settings wait for the next start. Gives those noted before, where they are others.
    pub(crate) fn wait_for_restart(&self, pointers: &[String]) -> Option<Vec<String>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        (*waiting != pointers).then(|| std::mem::replace(&mut *waiting, pointers.to_vec()))
    }

    /// Pointers of settings that wait for the next start.
    pub(crate) fn waiting_for_restart(&self) -> Vec<String> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether new exchanges are taken.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    pub(crate) fn json_limits(&self) -> JsonLimits {
        let limits = &self.config.limits;
        JsonLimits { max_depth: limits.depth as usize, max_nodes: limits.nodes as usize, ..JsonLimits::default() }
    }

    pub(crate) fn request_limits(&self) -> RequestLimits {
        let allows = |what| self.config.allow.contains(&what);
        let opaque = Opaque {
            images: allows(Allowed::Images),
            stored_state: allows(Allowed::StoredState),
            encrypted_reasoning: allows(Allowed::EncryptedReasoning),
        };
        RequestLimits {
            max_body: self.config.limits.body_bytes(),
            json: self.json_limits(),
            opaque,
            ..RequestLimits::default()
        }
    }

    pub(crate) fn answer_limits(&self) -> AnswerLimits {
        let (limits, usual) = (&self.config.limits, AnswerLimits::default());
        AnswerLimits {
            max_frame: limits.frame_bytes(),
            // A frame that came and one that is being read, or as much text as may be held back, escapes and all.
            max_held: usual.max_held.max(2 * limits.frame_bytes()).max(2 * self.config.hold.max_bytes()),
            max_body: limits.answer_bytes(),
            max_channels: limits.channels as usize,
            max_tool_calls: limits.tool_calls as usize,
            encrypted_reasoning: self.config.allow.contains(&Allowed::EncryptedReasoning),
            json: self.json_limits(),
            ..usual
        }
    }
}
