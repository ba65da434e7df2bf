//! One exchange's way through the stages.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use witgate_engine::{
    Action, AttributedLabel, Channel as Opened, Claim, Context, Decision, Document as Contract, Edit, Event, Fault,
    Label, Playback, Replacement, Sandbox, Segment, Span, Stage,
};
use witgate_wire::document::{Document, TextEdit};

use crate::again::HostAnswers;
use crate::channel::{Advance, Channel, ChannelId, Party};
use crate::merge;
use crate::opinion::{Opinion, Reason, Ruling, Verdict, verdict};
use crate::transcript::{Question, Stenographer, Transcript};
use crate::vault::{Degraded, Restores, Vault};
use crate::{Member, Mode, OnFault, PolicySet};

mod inspect;

/// What the host knows of an exchange before anybody is asked. Taken from the outbound bytes and the verified caller,
/// never from a field the client can set beside them.
#[derive(Debug, Clone)]
pub struct Facts {
    /// UUIDv7.
    pub exchange: String,
    /// Whose data and limits these are.
    pub tenant: String,
    /// Who is calling.
    pub principal: Claim,
    /// Who is accountable.
    pub owner: Option<Claim>,
    /// What the caller may see.
    pub clearance: Option<Claim>,
    /// What the caller says the data is.
    pub classification: Option<Claim>,
    /// What the caller says it is for.
    pub intent: Option<Claim>,
    /// The wire format.
    pub dialect: String,
    /// The model named in the outbound body.
    pub model: Option<String>,
    /// Labels of earlier exchanges that this one was made from: in force from its beginning.
    pub inherited: Vec<AttributedLabel>,
}

/// Bounds of one exchange.
#[derive(Debug, Clone, Copy)]
pub struct JudgeLimits {
    /// Bytes of one channel that may be held back; more is a deny, whatever the fault mode.
    pub held_bytes: usize,
    /// Channels, sessions for short fields not counted.
    pub channels: usize,
    /// Labels over all plugins.
    pub labels: usize,
}

impl Default for JudgeLimits {
    fn default() -> Self {
        Self { held_bytes: 64 << 10, channels: 64, labels: 256 }
    }
}

/// Asks the plugins of a set about one exchange. Dropping it frees every sandbox.
#[derive(Debug)]
pub struct Judge {
    set: Arc<PolicySet>,
    ctx: Context,
    /// Whether labels came from earlier exchanges.
    inherits: bool,
    limits: JudgeLimits,
    slots: Vec<Slot>,
    vault: Vault,
    restores: Arc<Restores>,
    /// What of the vault's troubles was told.
    told: BTreeSet<Degraded>,
    channels: Vec<Option<Channel>>,
    opened: u32,
    /// What each plugin said of the whole answer, by its place in the set.
    inspected: Vec<Option<Opinion>>,
    /// Writes down what is asked, where that is kept.
    minutes: Option<Stenographer>,
    /// What the host answered when the same was asked before.
    answers: Option<HostAnswers>,
}

/// One plugin's sandbox in this exchange.
#[derive(Debug, Default)]
struct Slot {
    sandbox: Option<Sandbox>,
    fault: Option<Fault>,
}

impl Slot {
    /// The plugin is not asked again. Its sandbox ends, but for what it would have to give back if the exchange were refused.
    fn spend(&mut self, fault: Fault) {
        if let Some(sandbox) = &mut self.sandbox {
            sandbox.refuse(fault.clone());
        }
        self.sandbox.take_if(|sandbox| sandbox.owes_nothing());
        self.fault = Some(fault);
    }
}

/// What came of asking one plugin.
enum Asked<T> {
    /// It answered.
    Said(T),
    /// It faulted, now or earlier.
    Faulted(Fault),
}

impl Judge {
    /// Begins an exchange with the set in force.
    pub fn new(set: Arc<PolicySet>, facts: Facts, limits: JudgeLimits) -> Self {
        let slots = set.members().iter().map(|_| Slot::default()).collect();
        let inspected = set.members().iter().map(|_| None).collect();
        let ctx = Context {
            exchange: facts.exchange,
            tenant: facts.tenant,
            principal: facts.principal,
            owner: facts.owner,
            clearance: facts.clearance,
            classification: facts.classification,
            intent: facts.intent,
            dialect: facts.dialect,
            model: facts.model,
            labels: facts.inherited,
        };
        let inherits = !ctx.labels.is_empty();
        Self {
            set,
            ctx,
            inherits,
            limits,
            slots,
            vault: Vault::default(),
            restores: Arc::default(),
            told: BTreeSet::new(),
            channels: vec![],
            opened: 0,
            inspected,
            minutes: None,
            answers: None,
        }
    }

    /// With the tokens of a scope that outlives the exchange or shares its room with others, and with tools in whose arguments
    /// values come back. Without it the tokens are this exchange's alone, and no tool sees a value.
    #[must_use]
    pub fn with_tokens(self, vault: Vault, restores: Arc<Restores>) -> Self {
        Self { vault, restores, ..self }
    }

    /// Writes down what is asked from here on, about `room` bytes at most.
    pub fn keep_minutes(&mut self, room: usize) -> Stenographer {
        let minutes = Stenographer::new(Transcript::of(&self.ctx, self.limits), room);
        self.minutes = Some(minutes.clone());
        minutes
    }

    /// With what the host answered when the same was asked before.
    #[must_use]
    pub(crate) fn with_answers(self, answers: HostAnswers) -> Self {
        Self { answers: Some(answers), ..self }
    }

    /// The set this exchange began with, and ends with.
    pub fn set(&self) -> &Arc<PolicySet> {
        &self.set
    }

    /// Before anything leaves: the whole prompt.
    pub fn admit(&mut self, request: &Document) -> Ruling {
        self.vault.note_request(&request.text);
        if let Some(minutes) = &self.minutes {
            minutes.admit(request);
        }
        let document = contract(request);
        let ruling = self.stage(Stage::Admission, request, |sandbox, ctx| sandbox.admit(ctx, &document));
        if !ruling.verdict.is_allow() {
            self.give_back();
        }
        ruling
    }

    /// Ends the sandboxes of plugins that no stage asks after admission. The next exchange finds their memory still in the
    /// processor's cache, and an answer that takes a minute keeps less. Apart from [`admit`](Self::admit), so that it can be done
    /// while the exchange waits for something else.
    pub fn release(&mut self) {
        for (slot, member) in self.slots.iter_mut().zip(self.set.members()) {
            let stages = member.plugin.stages();
            let over = !stages.inspection && !stages.commitment;
            if over && slot.sandbox.as_ref().is_some_and(Sandbox::owes_nothing) {
                slot.sandbox = None;
            }
        }
    }

    /// Before an effect: a tool call whose arguments are complete.
    pub fn commit(&mut self, tool: &str, arguments: &Document) -> Ruling {
        if let Some(minutes) = &self.minutes {
            minutes.commit(tool, arguments);
        }
        let action = Action {
            kind: "tool_use".to_owned(),
            target: tool.to_owned(),
            arguments: contract(arguments),
            hints: vec![],
        };
        self.stage(Stage::Commitment, arguments, |sandbox, ctx| sandbox.commit(ctx, &action))
    }

    /// Afterwards: each plugin that records is told, in an instance of its own.
    pub fn record(set: &PolicySet, ctx: &Context, events: &[Event]) {
        for member in set.members().iter().filter(|m| m.plugin.stages().recording) {
            let told = member.plugin.open(ctx).and_then(|mut s| s.observe(ctx, events));
            if let Err(fault) = told {
                tracing::warn!(plugin = member.plugin.id(), exchange = %ctx.exchange, code = fault.code(), "recording failed: {fault}");
            }
        }
    }

    /// What the plugins are told of the exchange, labels included.
    pub fn context(&self) -> &Context {
        &self.ctx
    }

    /// Whether values come back in the arguments of a tool.
    pub fn restores_in(&self, tool: &str) -> bool {
        self.restores.names(tool)
    }

    /// A text of a tool's arguments with the values put back that may come back there; `None` if there are none. To be
    /// asked before the arguments are judged.
    pub fn restored(&mut self, tool: &str, text: &str) -> Option<String> {
        let restores = Arc::clone(&self.restores);
        let restored = self.vault.restored(text, |kind| restores.allows(tool, kind));
        self.tell_degraded();
        restored
    }

    /// Tells once what could not be done as it should with tokens.
    pub(crate) fn tell_degraded(&mut self) {
        for why in self.vault.degraded() {
            if self.told.insert(*why) {
                tracing::warn!(exchange = %self.ctx.exchange, code = why.code(), "a mask stands where a token should, or a token where a value should");
            }
        }
    }

    /// What a refused exchange added to plugins' state is given back.
    pub fn give_back(&mut self) {
        for slot in &mut self.slots {
            if let Some(sandbox) = &mut slot.sandbox {
                sandbox.give_back();
            }
        }
    }

    fn stage(
        &mut self,
        stage: Stage,
        document: &Document,
        mut ask: impl FnMut(&mut Sandbox, &Context) -> Result<Decision, Fault>,
    ) -> Ruling {
        let set = Arc::clone(&self.set);
        let mut ruling = Ruling { verdict: Verdict::Allow, edits: vec![], opinions: vec![] };
        let mut edits: Vec<Edit> = Vec::new();
        let mut labels: Vec<AttributedLabel> = Vec::new();
        for (index, member) in set.members().iter().enumerate() {
            if !member.is_asked(stage, document) {
                continue;
            }
            let mut opinion = Opinion::new(index);
            match self.ask(stage, index, member, &mut opinion, &mut ask) {
                Asked::Said(decision) => {
                    opinion.note(&decision);
                    ruling.verdict.merge(verdict(member, &decision));
                    attribute(&mut labels, member, &decision.labels);
                    if member.mode == Mode::Enforce {
                        edits.extend(decision.edits);
                    }
                }
                Asked::Faulted(fault) => ruling.verdict.merge(on_fault(member, &fault)),
            }
            ruling.opinions.push(opinion);
        }
        // Every plugin of a stage saw the same labels; later stages see these as well.
        ruling.verdict.merge(self.keep(labels));
        if !matches!(ruling.verdict, Verdict::Deny(_) | Verdict::Fault(_)) {
            ruling.edits = self.resolve(stage, edits, document, &mut ruling.verdict);
            self.tell_degraded();
        }
        ruling
    }

    /// Calls one plugin, in its sandbox of this exchange.
    fn ask<T>(
        &mut self,
        stage: Stage,
        index: usize,
        member: &Member,
        opinion: &mut Opinion,
        ask: impl FnOnce(&mut Sandbox, &Context) -> Result<T, Fault>,
    ) -> Asked<T> {
        let Some(slot) = self.slots.get_mut(index) else {
            return Asked::Faulted(Fault::NoInstance("no such plugin".into()));
        };
        if let Some(fault) = &slot.fault {
            if opinion.verdict == "allow" {
                opinion.verdict = "skipped";
                opinion.fault = Some(fault.code());
            }
            return Asked::Faulted(fault.clone());
        }
        // The sandbox reads the clock around each of its calls anyway.
        let mut elapsed = Duration::ZERO;
        let opened = match slot.sandbox.take() {
            Some(sandbox) => Ok(sandbox),
            None => {
                let start = Instant::now();
                let opened = member.plugin.open(&self.ctx);
                elapsed = start.elapsed();
                opened
            }
        };
        let answer = opened.and_then(|mut sandbox| {
            let before = sandbox.took();
            if let Some(answers) = &mut self.answers {
                sandbox.play(answers.take(stage, member.plugin.id()));
            }
            let answer = ask(&mut sandbox, &self.ctx);
            if let Some(answers) = &mut self.answers {
                answers.put(stage, member.plugin.id(), sandbox.play(Playback::default()));
            }
            opinion.called(sandbox.drain_calls());
            elapsed += sandbox.took().saturating_sub(before);
            slot.sandbox = Some(sandbox);
            answer
        });
        let elapsed = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        opinion.elapsed_ns = opinion.elapsed_ns.saturating_add(elapsed);
        match answer {
            Ok(answer) => Asked::Said(answer),
            Err(fault) => {
                tracing::warn!(plugin = member.plugin.id(), exchange = %self.ctx.exchange, code = fault.code(), "plugin faulted: {fault}");
                opinion.note_fault(&fault);
                slot.spend(fault.clone());
                Asked::Faulted(fault)
            }
        }
    }

    /// Keeps labels for later stages. Those that came from earlier exchanges must not cost the exchange any of its own, so then
    /// it is refused where there is no room.
    fn keep(&mut self, labels: Vec<AttributedLabel>) -> Verdict {
        let room = self.limits.labels.saturating_sub(self.ctx.labels.len());
        let dropped = labels.len().saturating_sub(room);
        self.ctx.labels.extend(labels.into_iter().take(room));
        if dropped == 0 {
            return Verdict::Allow;
        }
        tracing::warn!(exchange = %self.ctx.exchange, dropped, "too many labels in one exchange");
        match self.inherits {
            true => Verdict::Deny(host("label_limit", "There are too many labels, with those of earlier exchanges.")),
            false => Verdict::Allow,
        }
    }

    /// Merges edits and makes tokens. An edit of a key would change what the body means: it is a deny.
    fn resolve(&mut self, stage: Stage, edits: Vec<Edit>, document: &Document, verdict: &mut Verdict) -> Vec<TextEdit> {
        let mut out = Vec::with_capacity(edits.len());
        for cut in merge::clusters(edits) {
            let after = document.segments.partition_point(|s| s.at.start <= cut.start);
            let segment = after.checked_sub(1).and_then(|i| document.segments.get(i));
            if segment.is_some_and(|s| s.kind == "key") {
                verdict.merge(Verdict::Deny(host(
                    "edit_of_key",
                    "A key would have to be changed, which would change what the body means.",
                )));
                return vec![];
            }
            let at = witgate_wire::document::Span::new(cut.start, cut.end);
            let text = match cut.replacement {
                Replacement::Text(text) => text,
                Replacement::Token(kind) => {
                    let value = at.range().and_then(|r| document.text.get(r)).unwrap_or_default();
                    match stage {
                        Stage::Admission => self.vault.token(&kind, value),
                        // What goes to the client, and was taken from it.
                        _ => self.vault.one_way(&kind, value),
                    }
                }
            };
            out.push(TextEdit { at, text });
        }
        out
    }
}

/// A refusal of the host's own.
pub(crate) fn host(code: &str, message: &str) -> Reason {
    Reason { plugin: "witgate".into(), code: code.into(), message: message.into() }
}

fn on_fault(member: &Member, fault: &Fault) -> Verdict {
    match (member.mode, member.on_fault) {
        (Mode::Enforce, OnFault::Deny) => Verdict::Fault(Reason {
            plugin: member.plugin.id().to_owned(),
            code: fault.code().to_owned(),
            message: "A policy could not decide.".into(),
        }),
        _ => Verdict::Allow,
    }
}

fn attribute(out: &mut Vec<AttributedLabel>, member: &Member, labels: &[Label]) {
    out.extend(labels.iter().map(|l| AttributedLabel {
        source: member.plugin.id().to_owned(),
        key: l.key.clone(),
        value: l.value.clone(),
    }));
}

fn contract(document: &Document) -> Contract {
    let segment = |s: &witgate_wire::document::Segment| Segment {
        role: s.role.clone(),
        kind: s.kind.clone(),
        name: s.name.clone(),
        pointer: s.pointer.clone(),
        at: Span { start: s.at.start, end: s.at.end },
    };
    Contract { text: document.text.clone(), segments: document.segments.iter().map(segment).collect() }
}

#[cfg(test)]
mod tests;
