//! The host's side of the imports.

use std::str::FromStr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use thiserror::Error;

use crate::answer::{Answered, Playback};
use crate::contract::witgate::policy::{clock, log, metrics, state, types};
use crate::deadline::Patience;
use crate::limits::Limiter;
use crate::metrics::PluginMetrics;
use crate::state::{Key, StateStore};
use crate::wasi::Wasi;
use crate::{Fault, HostAnswer, Limits};

/// A capability that the operator gives to a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grant {
    /// Change text.
    Edit,
    /// Ask for a person's approval.
    Escalate,
    /// Keep state for an exchange, a principal or a tenant.
    State,
    /// Keep state shared by everybody.
    StateGlobal,
    /// Read the time.
    Clock,
}

impl Grant {
    /// Every grant, with the name the configuration uses.
    pub const ALL: [(&str, Self); 5] = [
        ("edit", Self::Edit),
        ("escalate", Self::Escalate),
        ("state", Self::State),
        ("state-global", Self::StateGlobal),
        ("clock", Self::Clock),
    ];

    /// The name the configuration uses.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, g)| *g == self).map_or("", |(name, _)| name)
    }
}

/// A name that is no grant.
#[derive(Debug, Error)]
#[error("`{0}` is no grant; the grants are edit, escalate, state, state-global and clock")]
pub struct UnknownGrant(String);

impl FromStr for Grant {
    type Err = UnknownGrant;

    fn from_str(s: &str) -> Result<Self, UnknownGrant> {
        let found = Self::ALL.iter().find(|(name, _)| *name == s);
        found.map(|(_, grant)| *grant).ok_or_else(|| UnknownGrant(s.to_owned()))
    }
}

/// The grants of one plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants(std::collections::BTreeSet<Grant>);

impl Grants {
    /// Whether a grant was given.
    pub fn has(&self, grant: Grant) -> bool {
        self.0.contains(&grant)
    }

    /// The names, in a fixed order.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|g| g.name()).collect()
    }
}

impl FromIterator<Grant> for Grants {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        Self(grants.into_iter().collect())
    }
}

/// One call into a guest, as the ledger keeps it: enough, with the text, to make the same call again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestCall {
    /// `admit`, `open`, `push`, `finish`, `commit` or `observe`.
    pub function: &'static str,
    /// Which session of the sandbox it was, for `open`, `push` and `finish`.
    pub session: u32,
    /// How many such calls there were; 1, until somebody counts them together.
    pub times: u32,
    /// Bytes of text that crossed.
    pub bytes: u64,
    /// What the host answered to it, in order.
    pub answers: Vec<HostAnswer>,
}

/// What is done again, the other way round, when the exchange is refused.
#[derive(Debug)]
enum Undo {
    Add(Key, i64),
    Take(Key, u32, u64),
}

/// The data of one sandbox's store.
#[derive(Debug)]
pub(crate) struct HostState {
    pub(crate) limiter: Limiter,
    pub(crate) plugin: Arc<str>,
    pub(crate) grants: Arc<Grants>,
    /// During `configure` only `log` answers: any other answer would be frozen in the snapshot.
    pub(crate) configuring: bool,
    pub(crate) exchange: String,
    pub(crate) principal: String,
    pub(crate) tenant: String,
    pub(crate) answers: Vec<HostAnswer>,
    /// Set when the host itself ended a call: what it was, so that it is not told as a trap.
    pub(crate) refused: Option<Fault>,
    /// How often the call's deadline came while the guest had not had its time, and what the thread had used at the first.
    pub(crate) patience: Patience,
    /// For components that import WASI, once they use it.
    pub(crate) wasi: Option<Box<Wasi>>,
    answered: usize,
    log_lines: u32,
    undo: Vec<Undo>,
    /// Answers of an earlier run, given before any is made anew.
    pub(crate) playback: Playback,
    store: Arc<StateStore>,
    metrics: Arc<PluginMetrics>,
}

impl HostState {
    pub(crate) fn new(
        plugin: Arc<str>,
        grants: Arc<Grants>,
        limits: Limits,
        store: Arc<StateStore>,
        metrics: Arc<PluginMetrics>,
    ) -> Self {
        Self {
            limiter: Limiter::new(limits),
            plugin,
            grants,
            configuring: false,
            exchange: String::new(),
            principal: String::new(),
            tenant: String::new(),
            answers: Vec::new(),
            refused: None,
            patience: Patience::default(),
            wasi: None,
            answered: 0,
            log_lines: 0,
            undo: Vec::new(),
            playback: Playback::default(),
            store,
            metrics,
        }
    }

    /// Gives back what a refused exchange added or took.
    pub(crate) fn give_back(&mut self) {
        for undo in self.undo.drain(..).rev() {
            match undo {
                Undo::Add(key, by) => self.store.unadd(&self.plugin, &key, by),
                Undo::Take(key, cost, per_ms) => self.store.untake(&self.plugin, &key, cost, per_ms),
            }
        }
    }

    /// Whether there is nothing to give back.
    pub(crate) fn owes_nothing(&self) -> bool {
        self.undo.is_empty()
    }

    fn need(&mut self, grant: Grant) -> wasmtime::Result<()> {
        if self.configuring {
            wasmtime::bail!("`configure` may call no host service but log");
        }
        if !self.grants.has(grant) {
            self.refused = Some(Fault::MissingGrant(grant.name()));
            wasmtime::bail!("no grant `{}`", grant.name());
        }
        Ok(())
    }

    fn scoped(&mut self, scope: state::Scope, key: String) -> wasmtime::Result<Key> {
        self.need(Grant::State)?;
        let (scope, subject) = match scope {
            state::Scope::Exchange => ("exchange", self.exchange.clone()),
            state::Scope::Principal => ("principal", format!("{}\0{}", self.tenant, self.principal)),
            state::Scope::Tenant => ("tenant", self.tenant.clone()),
            state::Scope::Global => {
                self.need(Grant::StateGlobal)?;
                ("global", String::new())
            }
        };
        Ok(Key { scope, subject, key })
    }

    /// Gives an answer, that of the earlier run where there is one, and notes it.
    fn answer<T: Answered>(&mut self, service: &'static str, make: impl FnOnce(&mut Self) -> T) -> wasmtime::Result<T> {
        self.answered += 1;
        if self.answered > Limits::HOST_ANSWERS {
            self.refused = Some(Fault::BadOutput("too many calls of host services"));
            wasmtime::bail!("more than {} host answers in one exchange", Limits::HOST_ANSWERS);
        }
        let played = self.playback.next(service);
        let answer = played.unwrap_or_else(|| make(self));
        self.answers.push(HostAnswer { service, value: answer.written() });
        Ok(answer)
    }
}

impl types::Host for HostState {}

impl log::Host for HostState {
    fn emit(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        self.log_lines = self.log_lines.saturating_add(1);
        if self.log_lines > Limits::LOG_LINES {
            if self.log_lines == Limits::LOG_LINES + 1 {
                tracing::warn!(plugin = %self.plugin, exchange = %self.exchange, "plugin logs too much; the rest of this exchange is dropped");
            }
            return Ok(());
        }
        let end = message.floor_char_boundary(Limits::LOG_LINE_BYTES);
        let message = message.get(..end).unwrap_or_default().escape_debug().to_string();
        let (plugin, exchange) = (&self.plugin, &self.exchange);
        match level {
            log::Level::Debug => tracing::debug!(%plugin, %exchange, "{message}"),
            log::Level::Info => tracing::info!(%plugin, %exchange, "{message}"),
            log::Level::Warn => tracing::warn!(%plugin, %exchange, "{message}"),
            log::Level::Error => tracing::error!(%plugin, %exchange, "{message}"),
        }
        Ok(())
    }
}

impl metrics::Host for HostState {
    fn count(&mut self, name: String, by: u64) -> wasmtime::Result<()> {
        if !self.configuring {
            self.metrics.count(&self.plugin, &name, by);
        }
        Ok(())
    }

    fn observe(&mut self, name: String, value: f64) -> wasmtime::Result<()> {
        if !self.configuring {
            self.metrics.observe(&self.plugin, &name, value);
        }
        Ok(())
    }
}

impl clock::Host for HostState {
    fn unix_ms(&mut self) -> wasmtime::Result<u64> {
        self.need(Grant::Clock)?;
        self.answer("clock", |host| {
            host.playback.now_ms.unwrap_or_else(|| {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
            })
        })
    }
}

impl state::Host for HostState {
    fn get(
        &mut self,
        scope: state::Scope,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, state::StateError>> {
        let key = self.scoped(scope, key)?;
        self.answer("get", |host| host.store.get(&host.plugin, &key))
    }

    fn set(
        &mut self,
        scope: state::Scope,
        key: String,
        value: Vec<u8>,
        ttl_ms: u64,
    ) -> wasmtime::Result<Result<(), state::StateError>> {
        let key = self.scoped(scope, key)?;
        self.answer("set", |host| host.store.set(&host.plugin, key, value, ttl_ms))
    }

    fn add(
        &mut self,
        scope: state::Scope,
        key: String,
        by: i64,
        ttl_ms: u64,
    ) -> wasmtime::Result<Result<i64, state::StateError>> {
        let key = self.scoped(scope, key)?;
        self.answer("add", |host| {
            let added = host.store.add(&host.plugin, key.clone(), by, ttl_ms);
            if added.is_ok() {
                host.undo.push(Undo::Add(key, by));
            }
            added
        })
    }

    fn take(
        &mut self,
        scope: state::Scope,
        key: String,
        cost: u32,
        burst: u32,
        per_ms: u64,
    ) -> wasmtime::Result<Result<state::AdmissionRate, state::StateError>> {
        let key = self.scoped(scope, key)?;
        self.answer("take", |host| {
            let taken = host.store.take(&host.plugin, key.clone(), cost, burst, per_ms);
            if matches!(taken, Ok(state::AdmissionRate::Taken(_))) {
                host.undo.push(Undo::Take(key, cost, per_ms));
            }
            taken
        })
    }
}
