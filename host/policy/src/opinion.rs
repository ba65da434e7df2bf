//! What plugins said, and what came of it.

use witgate_engine::{Decision, Fault, Finding, GuestCall, Label};
use witgate_wire::document::TextEdit;

use crate::{Member, Mode};

/// Who refused, and under which code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The plugin, or `witgate` where the host itself refused.
    pub plugin: String,
    /// Stable code.
    pub code: String,
    /// For the caller; quotes nothing.
    pub message: String,
}

/// The merged outcome of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody objects.
    Allow,
    /// Refused.
    Deny(Reason),
    /// A person must agree.
    Escalate(Reason),
    /// A plugin could not decide and its fault mode is deny. Told apart from a deny.
    Fault(Reason),
}

impl Verdict {
    /// The word for records.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny(_) => "deny",
            Self::Escalate(_) => "escalate",
            Self::Fault(_) => "fault",
        }
    }

    /// Who objected, if somebody did.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Allow => None,
            Self::Deny(r) | Self::Escalate(r) | Self::Fault(r) => Some(r),
        }
    }

    /// Whether the exchange, or the effect, may go on.
    pub fn is_allow(&self) -> bool {
        matches!(self, Self::Allow)
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Allow => 0,
            Self::Escalate(_) => 1,
            // A fault ends the exchange as a deny does; of the two the first in order names the reason.
            Self::Deny(_) | Self::Fault(_) => 2,
        }
    }

    /// `deny > escalate > allow`; among equals the first stays.
    pub(crate) fn merge(&mut self, next: Self) {
        if next.rank() > self.rank() {
            *self = next;
        }
    }
}

/// A stage's outcome.
#[derive(Debug, Clone)]
pub struct Ruling {
    /// The merged verdict.
    pub verdict: Verdict,
    /// The merged edits, in order, tokens already made. Empty when the verdict is a deny.
    pub edits: Vec<TextEdit>,
    /// What each plugin said.
    pub opinions: Vec<Opinion>,
}

/// What one plugin said at one stage, as the ledger keeps it.
#[derive(Debug, Clone)]
pub struct Opinion {
    /// Its place in the set.
    pub member: usize,
    /// `allow`, `deny`, `escalate`, `fault` or `skipped` (it had faulted before).
    pub verdict: &'static str,
    /// The code beside the verdict.
    pub code: Option<String>,
    /// Who is to be asked, where it escalates.
    pub queue: Option<String>,
    /// What it saw. Details never leave the host.
    pub findings: Vec<Finding>,
    /// What it told later stages.
    pub labels: Vec<Label>,
    /// How many edits it asked for.
    pub edits: usize,
    /// The class of its fault.
    pub fault: Option<&'static str>,
    /// Time in the sandbox, instantiation included, in ns.
    pub elapsed_ns: u64,
    /// The calls made, in order. Of one function and session, calls to which the host answered nothing are one.
    pub calls: Vec<GuestCall>,
}

/// How far back a call is looked for that another one of its kind can be counted with: as many texts come by turns.
const TURNS: usize = 8;
/// Calls of one plugin that one record keeps, those that the host answered beside.
const MOST_CALLS: usize = 4096;

impl Opinion {
    pub(crate) fn new(member: usize) -> Self {
        Self {
            member,
            verdict: "allow",
            code: None,
            queue: None,
            findings: vec![],
            labels: vec![],
            edits: 0,
            fault: None,
            elapsed_ns: 0,
            calls: vec![],
        }
    }

    /// Takes in calls that were made. A replay needs the text and what the host answered; of all others their number is enough,
    /// and a stream has thousands.
    pub(crate) fn called(&mut self, calls: impl Iterator<Item = GuestCall>) {
        for call in calls {
            let crowded = self.calls.len() >= MOST_CALLS;
            let same = |before: &&mut GuestCall| {
                let kind = before.function == call.function && before.session == call.session;
                (kind || crowded) && before.answers.is_empty()
            };
            let before = match call.answers.is_empty() {
                true => self.calls.iter_mut().rev().take(TURNS).find(same),
                false => None,
            };
            match before {
                Some(before) => {
                    before.times = before.times.saturating_add(call.times);
                    before.bytes = before.bytes.saturating_add(call.bytes);
                }
                None => self.calls.push(call),
            }
        }
    }

    /// Takes a decision in; many, for a plugin that inspects a stream. The gravest verdict stays.
    pub(crate) fn note(&mut self, decision: &Decision) {
        use witgate_engine::Verdict as Said;
        let (verdict, code, rank) = match &decision.verdict {
            Said::Allow => ("allow", None, 0),
            Said::Escalate(e) => ("escalate", Some(&e.code), 1),
            Said::Deny(d) => ("deny", Some(&d.code), 2),
        };
        let before = match self.verdict {
            "allow" => 0,
            "escalate" => 1,
            _ => 2,
        };
        if rank > before {
            self.verdict = verdict;
            self.code = code.cloned();
            self.queue = match &decision.verdict {
                Said::Escalate(escalation) => Some(escalation.queue.clone()),
                Said::Allow | Said::Deny(_) => None,
            };
        }
        let room = MOST_FINDINGS.saturating_sub(self.findings.len());
        self.findings.extend(decision.findings.iter().take(room).cloned());
        let room = MOST_FINDINGS.saturating_sub(self.labels.len());
        self.labels.extend(decision.labels.iter().take(room).cloned());
        self.edits += decision.edits.len();
    }

    pub(crate) fn note_fault(&mut self, fault: &Fault) {
        self.verdict = "fault";
        self.fault = Some(fault.code());
        self.code = match fault {
            Fault::Own { code } => Some(code.clone()),
            _ => None,
        };
    }
}

/// Findings and labels of one plugin that one record keeps.
const MOST_FINDINGS: usize = 1024;

/// The verdict a decision of an enforcing plugin stands for.
pub(crate) fn verdict(member: &Member, decision: &Decision) -> Verdict {
    use witgate_engine::Verdict as Said;
    if member.mode == Mode::Monitor {
        return Verdict::Allow;
    }
    let reason = |code: &str, message: &str| Reason {
        plugin: member.plugin.id().to_owned(),
        code: code.to_owned(),
        message: message.to_owned(),
    };
    match &decision.verdict {
        Said::Allow => Verdict::Allow,
        Said::Deny(d) => Verdict::Deny(reason(&d.code, &d.message)),
        Said::Escalate(e) => Verdict::Escalate(reason(&e.code, &e.message)),
    }
}

#[cfg(test)]
mod tests;
