//! The way back: what the wire tells goes to the policies, what they decide goes back to the wire.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::Instant;
use witgate_ledger::{self as ledger, Durability};
use witgate_policy::engine::Stage;
use witgate_policy::{Advance, ChannelId, Judge, Reason, Verdict};
use witgate_wire::answer::{
    Answer, AnswerError, CallId, CallOutcome, ChannelId as WireChannel, Event, FieldsId, ToolCall,
};
use witgate_wire::document::{Span, TextEdit};

use super::ages::Ages;
use super::back::{HEADER, uneditable};
use super::closing::Closing;
use super::ended::Ended;
use crate::config::{Disclose, OnOld};
use crate::gate::Gate;
use crate::record;
use crate::refusal::Refusal;

/// An answer on its way through the policies.
pub(super) struct Drive {
    pub(super) gate: Arc<Gate>,
    pub(super) closing: Closing,
    pub(super) judge: Judge,
    pub(super) answer: Answer,
    /// Since when text is held back.
    pub(super) ages: Ages,
    /// What headers say that go out with the answer, as far as nobody was asked about them yet.
    pub(super) headers: String,
    channels: HashMap<WireChannel, Open>,
    /// The verdict on the answer's text, for the inspection DECISION.
    verdict: Verdict,
    inspected: bool,
}

/// A text that is open.
#[derive(Debug, Clone, Copy)]
struct Open {
    id: ChannelId,
    /// How long it is so far: its end may be when a plugin reads all of it.
    bytes: usize,
}

/// What a withheld call is called when its name may not be told.
const UNNAMED: &str = "unnamed";

impl Drive {
    pub(super) fn new(gate: Arc<Gate>, closing: Closing, judge: Judge, answer: Answer) -> Self {
        let ages = Ages::new(gate.config.hold.max_age());
        let (channels, verdict) = (HashMap::new(), Verdict::Allow);
        let headers = String::new();
        Self { gate, closing, judge, answer, ages, headers, channels, verdict, inspected: false }
    }

    /// Handles all that came. Answers whether the answer is complete.
    pub(super) async fn pump(&mut self) -> Result<bool, Ended> {
        let mut done = false;
        while let Some(event) = self.answer.next_event() {
            match event {
                Event::Open { channel, kind, name } => {
                    let restores = self.answer.brings_back(channel);
                    let opened = self
                        .guest(Stage::Inspection, 0, |judge| judge.open(kind.as_str(), name.as_deref(), restores))
                        .await;
                    let opened = opened.map_err(|v| self.refused(v))?;
                    self.channels.insert(channel, Open { id: opened, bytes: 0 });
                }
                Event::Text { channel, text } => self.text(channel, Some(&text)).await?,
                Event::Close { channel } => self.text(channel, None).await?,
                Event::Fields { id, text } => self.fields(id, &text).await?,
                Event::ToolCall { id, call } => self.call(id, &call).await?,
                Event::UnreadableCall { id, name, code } => {
                    let name = name.as_deref().unwrap_or(UNNAMED);
                    let name = if self.is_plain(name, None).await? { name } else { UNNAMED };
                    self.unreadable(id, name, code).await?;
                }
                Event::Usage { prompt_tokens, completion_tokens } => {
                    self.closing.usage(prompt_tokens, completion_tokens);
                }
                Event::Finish { .. } => {}
                Event::Done => done = true,
            }
        }
        Ok(done)
    }

    /// The short texts beside an answer's own, and with the first of them what its headers say: each plugin is asked once about
    /// both.
    async fn fields(&mut self, id: FieldsId, fields: &str) -> Result<(), Ended> {
        let mut said = std::mem::take(&mut self.headers);
        if !said.is_empty() {
            said.push('\n');
        }
        let (before, repeats) = (said.len() as u64, self.answer.echoes(id));
        said.push_str(fields);
        let repeats: Vec<_> = repeats.iter().map(|at| Span::new(at.start + before, at.end + before)).collect();
        let judged = self.guest(Stage::Inspection, said.len(), |judge| judge.fields(&said, &repeats)).await;
        let mut edits = judged.map_err(|verdict| self.refused(verdict))?;
        if edits.iter().any(|edit| edit.at.start < before) {
            return Err(self.refused(uneditable(HEADER)));
        }
        for edit in &mut edits {
            edit.at = Span::new(edit.at.start - before, edit.at.end - before);
        }
        self.answer.settle_fields(id, &edits).map_err(|error| self.unfit(error))
    }

    /// What the headers say of an answer that has no fields.
    pub(super) async fn headers(&mut self) -> Result<(), Ended> {
        let said = std::mem::take(&mut self.headers);
        match said.is_empty() || self.whole("fields", None, &said).await?.is_empty() {
            true => Ok(()),
            false => Err(self.refused(uneditable(HEADER))),
        }
    }

    /// What the whole text came to, as a record before the one of the exchange's end. Once.
    pub(super) fn inspection(&mut self) {
        if std::mem::replace(&mut self.inspected, true) {
            return;
        }
        let opinions = self.judge.take_inspection();
        self.closing.stage("inspection", &self.judge, &opinions);
        let decision = record::decision(ledger::Stage::Inspection, self.judge.set(), &self.verdict, &opinions, None);
        let asked = !decision.plugins.is_empty() || !self.verdict.is_allow();
        if asked {
            self.closing.decided(decision);
        }
    }

    /// Calls guests where they may be called.
    async fn guest<T>(&mut self, stage: Stage, bytes: usize, call: impl FnOnce(&mut Judge) -> T) -> T {
        let lane = self.judge.set().needs_lane(stage);
        let judge = &mut self.judge;
        self.gate.lanes.guest(lane, bytes, || call(judge)).await
    }

    async fn text(&mut self, channel: WireChannel, text: Option<&str>) -> Result<(), Ended> {
        let Some(open) = self.channels.get_mut(&channel) else {
            return Err(Ended::Wire(AnswerError::Protocol("a text before its beginning")));
        };
        let Open { id, bytes } = *open;
        open.bytes = bytes.saturating_add(text.map_or(0, str::len));
        let ask = |judge: &mut Judge| match text {
            Some(text) => judge.push(id, text),
            None => judge.finish(id),
        };
        let came = Instant::now();
        let advance = self.guest(Stage::Inspection, text.map_or(bytes, str::len), ask).await;
        let Advance { settled, edits, verdict } = advance;
        if !verdict.is_allow() {
            return Err(self.refused(verdict));
        }
        match text {
            Some(text) => self.ages.note(channel, text.len(), came, settled),
            None => {
                self.ages.over(channel, came);
                self.channels.remove(&channel);
            }
        }
        match self.answer.settle(channel, settled, &edits) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.unfit(error)),
        }
    }

    /// A text is held back for too long: the answer ends here. What is held is judged once more, as the end of its text,
    /// where the operator wants that; nothing may follow it then, since it was judged as if nothing would.
    pub(super) async fn old(&mut self) -> Ended {
        let hold = &self.gate.config.hold;
        let message = format!(
            "A text was held back for {} ms (`hold.max_ms`) and could not be decided; the answer ends there.",
            hold.max_ms
        );
        if hold.on_max_ms == OnOld::Complete {
            let mut open: Vec<WireChannel> = self.channels.keys().copied().collect();
            open.sort();
            for channel in open {
                if let Err(ended) = self.text(channel, None).await {
                    return ended;
                }
            }
        }
        self.refused(Verdict::Deny(Reason { plugin: "witgate".into(), code: "hold_expired".into(), message }))
    }

    async fn whole(&mut self, kind: &str, name: Option<&str>, text: &str) -> Result<Vec<TextEdit>, Ended> {
        let judged = self.guest(Stage::Inspection, text.len(), |judge| judge.whole(kind, name, text)).await;
        judged.map_err(|verdict| self.refused(verdict))
    }

    /// A tool call: the values that come back in it, its arguments as text, then the effect. What is judged is what goes
    /// out. The decision is durable before the call is released.
    async fn call(&mut self, id: CallId, call: &ToolCall) -> Result<(), Ended> {
        if !self.is_plain(&call.name, call.call_id.as_deref()).await? {
            return self.unreadable(id, UNNAMED, "name_changed").await;
        }
        let judge = &mut self.judge;
        let restored = match judge.restores_in(&call.name) {
            true => self.answer.rewrite_call(id, &mut |text| judge.restored(&call.name, text))?,
            false => None,
        };
        let call = restored.as_ref().unwrap_or(call);
        let inspected = match call.arguments.text.is_empty() {
            true => vec![],
            false => self.whole("tool-arguments", Some(&call.name), &call.arguments.text).await?,
        };
        let bytes = call.arguments.text.len();
        let ruling = self.guest(Stage::Commitment, bytes, |judge| judge.commit(&call.name, &call.arguments)).await;
        self.closing.stage("commitment", &self.judge, &ruling.opinions);
        let subject = ledger::Subject {
            kind: "tool_use".into(),
            name: Some(call.name.clone()),
            index: Some(id.index().into()),
            arguments: ledger::BodyHash::of(call.raw_arguments.as_bytes()).ok(),
        };
        let set = Arc::clone(self.judge.set());
        let mut decision =
            record::decision(ledger::Stage::Commitment, &set, &ruling.verdict, &ruling.opinions, Some(subject.clone()));
        let mut approval = None;
        let outcome = match &ruling.verdict {
            Verdict::Allow => CallOutcome::Release { edits: united(ruling.edits, inspected) },
            Verdict::Fault(_) => {
                self.durable(decision, None).await?;
                return Err(Ended::Policy("commitment", ruling.verdict));
            }
            Verdict::Deny(reason) => self.withhold(&call.name, reason.clone(), subject, &mut decision),
            Verdict::Escalate(reason) => {
                let principal = &self.judge.context().principal;
                approval = Some(record::approval(&set, principal, reason, &ruling.opinions, call, &subject));
                let reason = Reason {
                    plugin: reason.plugin.clone(),
                    code: Refusal::UNAPPROVED.into(),
                    message: format!("{} It needs a person's approval, and no approver is configured.", reason.message),
                };
                self.withhold(&call.name, reason, subject, &mut decision)
            }
        };
        self.durable(decision, approval).await?;
        match self.answer.resolve_call(id, outcome) {
            Ok(()) => Ok(()),
            // An edit that the arguments cannot take, of a key for instance: the call does not happen.
            Err(AnswerError::Edit(error)) => self.unreadable(id, &call.name, error.code()).await,
            Err(error) => Err(Ended::Wire(error)),
        }
    }

    /// Whether a call's name and id pass as they are: they are text like any other, but an edit would make another call of
    /// it.
    async fn is_plain(&mut self, name: &str, call_id: Option<&str>) -> Result<bool, Ended> {
        let text = [name, call_id.unwrap_or_default()].join("\n");
        Ok(self.whole("fields", None, &text).await?.is_empty())
    }

    /// A call that no policy can judge is withheld.
    async fn unreadable(&mut self, id: CallId, name: &str, code: &'static str) -> Result<(), Ended> {
        let reason = Reason {
            plugin: "witgate".into(),
            code: code.to_owned(),
            message: "The arguments of the call cannot be judged.".into(),
        };
        let subject = ledger::Subject {
            kind: "tool_use".into(),
            name: Some(name.to_owned()),
            index: Some(id.index().into()),
            arguments: None,
        };
        let set = Arc::clone(self.judge.set());
        let verdict = Verdict::Deny(reason.clone());
        let mut decision = record::decision(ledger::Stage::Commitment, &set, &verdict, &[], Some(subject.clone()));
        let outcome = self.withhold(name, reason, subject, &mut decision);
        self.durable(decision, None).await?;
        Ok(self.answer.resolve_call(id, outcome)?)
    }

    fn withhold(
        &mut self,
        name: &str,
        reason: Reason,
        subject: ledger::Subject,
        decision: &mut ledger::Decision,
    ) -> CallOutcome {
        self.gate.metrics.withheld.inc();
        decision.enforced = true;
        decision.withheld.push(ledger::Withheld {
            name: name.to_owned(),
            code: reason.code.clone(),
            arguments: subject.arguments,
        });
        CallOutcome::Withhold { reason: told(name, &reason, self.gate.config.disclose) }
    }

    /// Puts a decision on disk, and with it what became of the approval that it asks for.
    async fn durable(&mut self, decision: ledger::Decision, approval: Option<ledger::Approval>) -> Result<(), Ended> {
        let decision = self.closing.draft(decision);
        let approval = approval.map(|approval| self.closing.draft(approval));
        let appended = match &approval {
            Some(last) => self.gate.append(std::slice::from_ref(&decision), last, Durability::Durable).await,
            None => self.gate.append(&[], &decision, Durability::Durable).await,
        };
        appended.map(drop).map_err(|e| Ended::Ledger(e.code()))
    }

    fn refused(&mut self, verdict: Verdict) -> Ended {
        self.verdict = verdict.clone();
        Ended::Policy("inspection", verdict)
    }

    /// An edit that the wire cannot carry out: what was to be changed must not pass unchanged.
    fn unfit(&mut self, error: AnswerError) -> Ended {
        match error {
            AnswerError::Edit(error) => self.refused(Verdict::Deny(Reason {
                plugin: "witgate".into(),
                code: error.code().to_owned(),
                message: "What a policy wants changed cannot be changed here.".into(),
            })),
            error => Ended::Wire(error),
        }
    }
}

/// What a client is told of a withheld call.
fn told(name: &str, reason: &Reason, disclose: Disclose) -> Value {
    match disclose {
        Disclose::Code => {
            json!({ "tool": name, "plugin": reason.plugin, "code": reason.code, "message": reason.message })
        }
        Disclose::Stage => json!({ "tool": name, "stage": "commitment" }),
        Disclose::Nothing => json!({ "tool": name }),
    }
}

/// The edits of two stages on one document. What overlaps is cut as one, as within a stage; the commitment's text stands
/// there, since it judged the effect. An edit that so reaches over two values is refused by the wire, and the call withheld.
fn united(commitment: Vec<TextEdit>, inspection: Vec<TextEdit>) -> Vec<TextEdit> {
    let mut all: Vec<(bool, TextEdit)> = commitment.into_iter().map(|e| (true, e)).collect();
    all.extend(inspection.into_iter().map(|e| (false, e)));
    all.sort_by_key(|(judged, e)| (e.at.start, e.at.end, !judged));
    let mut out: Vec<(bool, TextEdit)> = Vec::with_capacity(all.len());
    for (judged, edit) in all {
        match out.last_mut() {
            Some((has, last)) if edit.at.start < last.at.end || edit.at == last.at => {
                last.at.end = last.at.end.max(edit.at.end);
                if judged && !*has {
                    (*has, last.text) = (true, edit.text);
                }
            }
            _ => out.push((judged, edit)),
        }
    }
    out.into_iter().map(|(_, edit)| edit).collect()
}

#[cfg(test)]
mod tests;
