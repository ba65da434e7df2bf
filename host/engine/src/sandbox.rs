//! A fresh instance of a plugin, for one exchange.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::component::{Instance, ResourceAny};
use wasmtime::{Store, Trap};

use crate::contract::{Action, Channel, Context, Decision, Document, Event, Fault as Own, Step};
use crate::host::{GuestCall, HostState};
use crate::plugin::{Plugin, Start};
use crate::stats::Counters;
use crate::{Fault, Limits, Playback, deadline, trap};

mod check;

/// One channel's session inside a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionId(u32);

/// Sessions alive at once in one sandbox: more than the channels of any answer. What bounds them before is the plugin's memory.
const SESSIONS: usize = 32_768;

/// The instance. After a fault it is spent: every further call answers the same fault.
pub struct Sandbox {
    plugin: Plugin,
    store: Store<HostState>,
    instance: Instance,
    sessions: Vec<Option<Session>>,
    opened: u32,
    spent: Option<Fault>,
    /// Whether it is asked to find out whether the plugin decides again.
    tries: bool,
    /// Time in the guest so far.
    took: Duration,
    calls: Vec<GuestCall>,
}

struct Session {
    id: u32,
    resource: ResourceAny,
    pushed: u64,
    settled: u64,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("plugin", &self.plugin).field("spent", &self.spent).finish_non_exhaustive()
    }
}

impl Plugin {
    /// Opens a sandbox for an exchange.
    ///
    /// # Errors
    /// [`Fault::NoInstance`] when the pool is exhausted; [`Fault::Breaker`] while the plugin is not asked; the fault of `configure` where it runs in each instance.
    pub fn open(&self, ctx: &Context) -> Result<Sandbox, Fault> {
        let counters = &self.inner.engine.inner.counters;
        let tries = self.inner.health.enter()?;
        match self.instantiate(ctx) {
            Ok(mut sandbox) => {
                Counters::add(&counters.opened);
                sandbox.tries = tries;
                Ok(sandbox)
            }
            Err(fault) => {
                Counters::add(&counters.not_opened);
                self.note(&fault, tries);
                Err(fault)
            }
        }
    }

    /// A fault goes into the plugin's record.
    fn note(&self, fault: &Fault, tries: bool) {
        if fault.is_the_plugins() && self.inner.health.faulted(tries) {
            tracing::error!(
                plugin = self.id(),
                code = "plugin_breaker_open",
                "the plugin faulted too often and is not asked for a while; its fault mode applies to every exchange"
            );
        }
    }

    fn instantiate(&self, ctx: &Context) -> Result<Sandbox, Fault> {
        let inner = &*self.inner;
        let engine = &*inner.engine.inner;
        let refuse = |e: &dyn std::fmt::Display| Fault::NoInstance(format!("{e:#}"));
        let (mut store, instance) = match inner.start {
            Start::Snapshot => {
                let mut store = Store::new(&engine.wasmtime, inner.state());
                store.limiter(|s| &mut s.limiter);
                deadline::begin(&mut store, inner.limits.deadline);
                deadline::install(&mut store, inner.limits.deadline);
                let instance = inner.pre.instantiate(&mut store).map_err(|e| match e.downcast_ref::<Trap>() {
                    Some(Trap::Interrupt) => Fault::Deadline(inner.limits.deadline.as_millis()),
                    _ => refuse(&e),
                })?;
                (store, instance)
            }
            Start::Configure => {
                let ready = inner.shelf.take();
                engine.filler.order(Arc::downgrade(&self.inner));
                let (mut store, instance) = ready.map_or_else(|| inner.configured(), Ok).map_err(|e| refuse(&e))?;
                deadline::install(&mut store, inner.limits.deadline);
                (store, instance)
            }
        };
        let state = store.data_mut();
        state.exchange.clone_from(&ctx.exchange);
        state.principal.clone_from(&ctx.principal.value);
        state.tenant.clone_from(&ctx.tenant);
        store.set_hostcall_fuel(Limits::LIFTED_BYTES);
        Ok(Sandbox {
            plugin: self.clone(),
            store,
            instance,
            sessions: Vec::new(),
            opened: 0,
            spent: None,
            tries: false,
            took: Duration::ZERO,
            calls: Vec::new(),
        })
    }
}

impl Sandbox {
    /// Asks the admission stage.
    ///
    /// # Errors
    /// A [`Fault`]; the sandbox is spent then.
    pub fn admit(&mut self, ctx: &Context, request: &Document) -> Result<Decision, Fault> {
        self.call("admit", 0, request.text.len(), |s| {
            let evaluate = stage(&s.plugin.inner.exports.admission)?;
            evaluate.call(&mut s.store, &s.instance, (ctx, request))
        })
        .and_then(|(d,)| self.own(d))
        .and_then(|d| self.checked(d, |d| check::in_segments(d, request)))
    }

    /// Asks the commitment stage about an effect.
    ///
    /// # Errors
    /// A [`Fault`]; the sandbox is spent then.
    pub fn commit(&mut self, ctx: &Context, action: &Action) -> Result<Decision, Fault> {
        self.call("commit", 0, action.arguments.text.len(), |s| {
            let evaluate = stage(&s.plugin.inner.exports.commitment)?;
            evaluate.call(&mut s.store, &s.instance, (ctx, action))
        })
        .and_then(|(d,)| self.own(d))
        .and_then(|d| self.checked(d, |d| check::in_segments(d, &action.arguments)))
    }

    /// Opens an inspection session for a channel.
    ///
    /// # Errors
    /// A [`Fault`]; the sandbox is spent then.
    pub fn open_session(&mut self, ctx: &Context, channel: &Channel) -> Result<SessionId, Fault> {
        let id = self.opened;
        let free = self.sessions.iter().position(Option::is_none);
        if free.is_none() && self.sessions.len() >= SESSIONS {
            return Err(self.spend(Fault::NoInstance("too many channels at once".into())));
        }
        let resource = self
            .call("open", id, 0, |s| {
                let inspection = stage(&s.plugin.inner.exports.inspection)?;
                inspection.open.call(&mut s.store, &s.instance, (ctx, channel))
            })
            .and_then(|(r,)| self.own(r))?;
        self.opened = self.opened.wrapping_add(1);
        let session = Some(Session { id, resource, pushed: 0, settled: 0 });
        let slot = free.unwrap_or(self.sessions.len());
        match self.sessions.get_mut(slot) {
            Some(place) => *place = session,
            None => self.sessions.push(session),
        }
        Ok(SessionId(u32::try_from(slot).unwrap_or(u32::MAX)))
    }

    /// Gives a session more text. The answer's `settled` is checked: it never moves back nor beyond what was pushed, and
    /// every edit lies between the last `settled` and this one. Character boundaries are the caller's to check: the
    /// engine does not keep text.
    ///
    /// # Errors
    /// A [`Fault`]; the sandbox is spent then.
    pub fn push(&mut self, session: SessionId, text: &str) -> Result<Step, Fault> {
        self.step(session, Some(text))
    }

    /// Ends a session; everything is settled then.
    ///
    /// # Errors
    /// A [`Fault`]; the sandbox is spent then.
    pub fn finish(&mut self, session: SessionId) -> Result<Step, Fault> {
        let step = self.step(session, None)?;
        let slot = self.sessions.get_mut(session.0 as usize).and_then(Option::take);
        if let Some(ended) = slot {
            self.call("drop", ended.id, 0, |s| ended.resource.resource_drop(&mut s.store))?;
        }
        Ok(step)
    }

    fn step(&mut self, session: SessionId, text: Option<&str>) -> Result<Step, Fault> {
        let index = session.0 as usize;
        let Some(Some(at)) = self.sessions.get(index) else {
            return Err(self.spend(Fault::NoInstance("the session is over".into())));
        };
        let (id, resource, settled) = (at.id, at.resource, at.settled);
        let pushed = at.pushed + text.map_or(0, |t| t.len() as u64);
        let function = if text.is_some() { "push" } else { "finish" };
        let step = self
            .call(function, id, text.map_or(0, str::len), |s| {
                let inspection = stage(&s.plugin.inner.exports.inspection)?;
                match text {
                    Some(text) => inspection.push.call(&mut s.store, &s.instance, (resource, text)),
                    None => inspection.finish.call(&mut s.store, &s.instance, (resource,)),
                }
            })
            .and_then(|(r,)| self.own(r))?;
        let finished = text.is_none();
        self.checked(step, |step| check::step(step, settled, pushed, finished)).inspect(|step| {
            if let Some(Some(at)) = self.sessions.get_mut(index) {
                (at.pushed, at.settled) = (pushed, step.settled);
            }
        })
    }

    /// Tells the recording stage what happened.
    ///
    /// # Errors
    /// A [`Fault`].
    pub fn observe(&mut self, ctx: &Context, events: &[Event]) -> Result<(), Fault> {
        self.call("observe", 0, 0, |s| {
            let observe = stage(&s.plugin.inner.exports.recording)?;
            observe.call(&mut s.store, &s.instance, (ctx, events))
        })
    }

    /// Host services answer from `playback` first; what was played before is given back, without what was used of it.
    pub fn play(&mut self, playback: Playback) -> Playback {
        std::mem::replace(&mut self.store.data_mut().playback, playback)
    }

    /// The guest calls made since this was last asked, in order.
    pub fn drain_calls(&mut self) -> std::vec::Drain<'_, GuestCall> {
        self.calls.drain(..)
    }

    /// What it answered cannot be carried out, as only its caller could see: a fault like one that was seen here.
    pub fn refuse(&mut self, fault: Fault) {
        self.spend(fault);
    }

    /// Gives back what the plugin added to its state in this exchange, because the exchange was refused.
    pub fn give_back(&mut self) {
        self.store.data_mut().give_back();
    }

    /// Whether nothing would have to be given back if the exchange were refused.
    pub fn owes_nothing(&self) -> bool {
        self.store.data().owes_nothing()
    }

    /// Bytes of linear memory: the most there was, since memory never shrinks. That of a sandbox which was just opened is
    /// what `configure` left.
    pub fn memory_bytes(&self) -> usize {
        self.store.data().limiter.used
    }

    /// Time in the guest so far.
    pub fn took(&self) -> Duration {
        self.took
    }

    /// The fault that spent this sandbox, if one did.
    pub fn fault(&self) -> Option<&Fault> {
        self.spent.as_ref()
    }

    fn call<T>(
        &mut self,
        function: &'static str,
        session: u32,
        bytes: usize,
        call: impl FnOnce(&mut Self) -> wasmtime::Result<T>,
    ) -> Result<T, Fault> {
        if let Some(fault) = &self.spent {
            return Err(fault.clone());
        }
        deadline::begin(&mut self.store, self.plugin.inner.limits.deadline);
        let start = Instant::now();
        let result = call(self);
        self.took += start.elapsed();
        let answers = std::mem::take(&mut self.store.data_mut().answers);
        if function != "drop" {
            self.calls.push(GuestCall { function, session, times: 1, bytes: bytes as u64, answers });
        }
        result.map_err(|e| {
            let fault = self.classify(&e);
            self.spend(fault)
        })
    }

    fn classify(&mut self, error: &wasmtime::Error) -> Fault {
        let limits = self.plugin.inner.limits;
        if let Some(refused) = self.store.data_mut().refused.take() {
            return refused;
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::Interrupt) => Fault::Deadline(limits.deadline.as_millis()),
            _ if self.store.data().limiter.exceeded => Fault::Memory(limits.memory),
            Some(trap) => Fault::Trap(trap::told(*trap, error)),
            // Lifting failed: the guest's answer was no valid value of its type.
            None => Fault::BadOutput("not a value of the declared type"),
        }
    }

    fn own<T>(&mut self, answer: Result<T, Own>) -> Result<T, Fault> {
        answer.map_err(|own| {
            let end = own.code.floor_char_boundary(Limits::NAME_BYTES);
            let code = own.code.get(..end).unwrap_or_default().to_owned();
            self.spend(Fault::Own { code })
        })
    }

    fn checked<T>(&mut self, answer: T, check: impl FnOnce(&T) -> Result<(), &'static str>) -> Result<T, Fault>
    where
        T: AsRef<Decision>,
    {
        let grants = &self.plugin.inner.grants;
        check::decision(answer.as_ref(), grants)
            .and_then(|()| check(&answer).map_err(Fault::BadOutput))
            .map_err(|fault| self.spend(fault))?;
        Ok(answer)
    }

    fn spend(&mut self, fault: Fault) -> Fault {
        if self.spent.is_none() {
            self.plugin.note(&fault, self.tries);
        }
        self.spent = Some(fault.clone());
        fault
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let inner = &*self.plugin.inner;
        Counters::add(&inner.engine.inner.counters.closed);
        if self.spent.is_none() && !self.took.is_zero() && inner.health.well(self.took, self.tries) {
            tracing::info!(plugin = self.plugin.id(), "the plugin decides again, and is asked again");
        }
    }
}

/// The functions of a stage, where the plugin has it.
fn stage<T>(exported: &Option<T>) -> wasmtime::Result<&T> {
    exported.as_ref().ok_or_else(|| wasmtime::format_err!("the stage is not exported"))
}
