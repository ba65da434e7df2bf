//! What a plugin said, in the words of the cases, and how that differs from what was expected.

use serde::Serialize;
use witgate_engine::{Decision, Document, Edit, Fault, Label, Manifest, Replacement, Verdict};

use super::cases::{CaseLabel, Expect};
use super::splits::Way;

/// What came of one run of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) said: Said,
    /// The text after the edits, tokens shown as `<token:KIND>`; none where it is refused.
    pub(super) text: Option<String>,
    /// The codes, in order.
    pub(super) findings: Vec<String>,
    /// Keys and values, in order.
    pub(super) labels: Vec<(String, String)>,
}

/// The verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    Allow,
    Deny {
        code: String,
    },
    Escalate {
        queue: String,
        code: String,
    },
    /// No verdict at all.
    Fault {
        code: &'static str,
        message: String,
    },
}

impl Said {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny { .. } => "deny",
            Self::Escalate { .. } => "escalate",
            Self::Fault { .. } => "fault",
        }
    }

    pub(super) fn code(&self) -> Option<&str> {
        match self {
            Self::Allow => None,
            Self::Deny { code } | Self::Escalate { code, .. } => Some(code),
            Self::Fault { code, .. } => Some(code),
        }
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Allow => f.write_str("allow"),
            Self::Deny { code } => write!(f, "deny {code}"),
            Self::Escalate { queue, code } => write!(f, "escalate {code} to {queue}"),
            Self::Fault { code, message } => write!(f, "fault {code}: {message}"),
        }
    }
}

/// One thing that is other than expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Difference {
    /// `verdict`, `code`, `queue`, `text`, `findings`, `labels`, `undeclared` or `pieces`. `text` is as it is, the others are in words.
    pub(super) what: &'static str,
    pub(super) expected: String,
    pub(super) got: String,
    /// Of `pieces`: how the text was cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) split: Option<Split>,
}

/// A way of cutting a text that led elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Split {
    /// In words.
    pub(super) way: String,
    /// The text around the cuts, each a `‖`; empty where there are too many of them.
    pub(super) at: String,
}

impl Difference {
    pub(super) fn new(what: &'static str, expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self { what, expected: expected.into(), got: got.into(), split: None }
    }

    pub(super) fn of_split(self, way: &Way<'_>) -> Self {
        Self { split: Some(Split { way: way.name.clone(), at: way.shown() }), ..self }
    }
}

impl Outcome {
    /// Of one decision over a whole document.
    pub(super) fn of(decision: &Decision, document: &Document) -> Self {
        let mut outcome = Self { said: Said::Allow, text: None, findings: vec![], labels: vec![] };
        outcome.note(decision);
        // The gate refuses such an edit, since it would change what the body means.
        let in_key = |edit: &&Edit| {
            document.segments.iter().any(|s| s.kind == "key" && s.at.start <= edit.at.start && edit.at.end <= s.at.end)
        };
        match decision.edits.iter().find(in_key) {
            Some(edit) if outcome.edited() => {
                let message = format!("the key at byte {} cannot be edited: deny instead", edit.at.start);
                outcome.said = Said::Fault { code: "edit_of_key", message };
            }
            _ => outcome.edit(&document.text, &decision.edits),
        }
        outcome
    }

    /// Of the decisions over a channel.
    pub(super) fn of_channel(decision: &Decision, text: &str) -> Self {
        let mut outcome = Self { said: Said::Allow, text: None, findings: vec![], labels: vec![] };
        outcome.note(decision);
        outcome.edit(text, &decision.edits);
        outcome
    }

    pub(super) fn fault(fault: &Fault) -> Self {
        let said = Said::Fault { code: fault.code(), message: fault.to_string() };
        Self { said, text: None, findings: vec![], labels: vec![] }
    }

    /// Takes verdict, findings and labels. The first verdict that is not allow stays.
    fn note(&mut self, decision: &Decision) {
        if self.said == Said::Allow {
            self.said = match &decision.verdict {
                Verdict::Allow => Said::Allow,
                Verdict::Deny(denial) => Said::Deny { code: denial.code.clone() },
                Verdict::Escalate(e) => Said::Escalate { queue: e.queue.clone(), code: e.code.clone() },
            };
        }
        self.findings.extend(decision.findings.iter().map(|finding| finding.code.clone()));
        self.labels.extend(decision.labels.iter().map(|Label { key, value }| (key.clone(), value.clone())));
    }

    /// Applies edits, unless the text is refused.
    fn edit(&mut self, text: &str, edits: &[Edit]) {
        if self.edited() {
            self.text = Some(edited(text, edits));
        }
    }

    fn edited(&self) -> bool {
        matches!(self.said, Said::Allow | Said::Escalate { .. })
    }

    /// Whether another way of cutting the same text led to the same: the same verdict and, where the text goes on, the same
    /// text. Findings and labels may be told in other portions, and edits before a denial are of no consequence.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        self.said == other.said && self.text == other.text
    }

    /// For a difference: the verdict, and the text where there is one.
    pub(super) fn told(&self) -> String {
        match &self.text {
            Some(text) => format!("{}, {text:?}", self.said),
            None => self.said.to_string(),
        }
    }

    /// What is other than expected.
    pub(super) fn differences(&self, expect: &Expect) -> Vec<Difference> {
        let mut out = Vec::new();
        if let fault @ Said::Fault { .. } = &self.said {
            return vec![Difference::new("verdict", expect.verdict.clone(), fault.to_string())];
        }
        if self.said.name() != expect.verdict {
            out.push(Difference::new("verdict", expect.verdict.clone(), self.said.to_string()));
        } else if let Some(code) = &expect.code
            && self.said.code() != Some(code)
        {
            out.push(Difference::new("code", code.clone(), self.said.code().unwrap_or("none")));
        }
        if let (Some(queue), Said::Escalate { queue: got, .. }) = (&expect.queue, &self.said)
            && queue != got
        {
            out.push(Difference::new("queue", queue.clone(), got.clone()));
        }
        if let (Some(text), Some(got)) = (&expect.text, &self.text)
            && text != got
        {
            out.push(Difference::new("text", text.clone(), got.clone()));
        }
        if let Some(findings) = &expect.findings
            && *findings != self.findings
        {
            out.push(Difference::new("findings", list(findings), list(&self.findings)));
        }
        if let Some(labels) = &expect.labels {
            let labels: Vec<String> = labels.iter().map(|CaseLabel { key, value }| format!("{key}={value}")).collect();
            let got: Vec<String> = self.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
            if labels != got {
                out.push(Difference::new("labels", list(&labels), list(&got)));
            }
        }
        out
    }

    /// The first code that the manifest does not declare: nobody could write a rule about it.
    pub(super) fn undeclared(&self, manifest: &Manifest) -> Option<Difference> {
        let of_verdict = match &self.said {
            Said::Deny { code } | Said::Escalate { code, .. } => Some(code),
            Said::Allow | Said::Fault { .. } => None,
        };
        let code = of_verdict.into_iter().chain(&self.findings).find(|code| !manifest.codes.contains(code))?;
        Some(Difference::new(
            "undeclared",
            format!("one of the manifest's codes: {}", list(&manifest.codes)),
            code.clone(),
        ))
    }
}

/// The text after edits that do not overlap and stand on character boundaries, as the engine and the runner have checked.
pub(super) fn edited(text: &str, edits: &[Edit]) -> String {
    let mut order: Vec<&Edit> = edits.iter().collect();
    order.sort_by_key(|edit| (edit.at.start, edit.at.end));
    let slice = |start: u64, end: u64| {
        let range = usize::try_from(start).ok().zip(usize::try_from(end).ok()).map(|(start, end)| start..end);
        range.and_then(|range| text.get(range)).unwrap_or_default()
    };
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for edit in order {
        out.push_str(slice(done, edit.at.start));
        match &edit.replacement {
            Replacement::Text(text) => out.push_str(text),
            Replacement::Token(kind) => {
                out.push_str("<token:");
                out.push_str(kind);
                out.push('>');
            }
        }
        done = edit.at.end;
    }
    out.push_str(slice(done, text.len() as u64));
    out
}

fn list(items: &[String]) -> String {
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}

#[cfg(test)]
mod tests;
