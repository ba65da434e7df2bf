//! The tests that a plugin carries in its manifest, run before it may serve.

use serde::Deserialize;

use crate::contract::{Action, Channel, Claim, Context, Decision, Document, Segment, Span, Verdict};
use crate::plugin::Plugin;
use crate::{Fault, LoadError};

/// Tests one manifest may carry.
pub(crate) const MOST: usize = 32;

/// One call with a known answer. Never a fault, whatever is expected.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelfTest {
    /// Which stage is asked.
    #[serde(default)]
    pub stage: TestedStage,
    /// The text: of the user's message, of the answer, or the arguments of the tool call.
    pub text: String,
    /// The tool, for commitment.
    #[serde(default)]
    pub tool: Option<String>,
    /// The answer expected: `allow`, `deny` or `escalate`.
    pub verdict: String,
    /// The code of the denial or escalation expected.
    #[serde(default)]
    pub code: Option<String>,
    /// The configuration for which the answer holds; absent means any.
    #[serde(default)]
    pub config: Option<serde_json::Value>,
}

/// A stage that can be asked once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TestedStage {
    /// The text is a user's message.
    #[default]
    Admission,
    /// The text is an answer, in one piece.
    Inspection,
    /// The text is the arguments of a tool call.
    Commitment,
}

impl Plugin {
    /// Runs the manifest's tests that hold for this configuration, each in a sandbox of its own.
    pub(crate) fn self_test(&self) -> Result<(), LoadError> {
        let config: serde_json::Value = serde_json::from_str(self.config()).unwrap_or_default();
        for (index, test) in self.manifest().tests.iter().enumerate() {
            if test.config.as_ref().is_some_and(|c| *c != config) {
                continue;
            }
            let failed = |why: String| LoadError::SelfTest { index, why };
            let verdict = self.asked(test).map_err(|fault| failed(fault.to_string()))?;
            let (said, code) = match &verdict {
                Verdict::Allow => ("allow", None),
                Verdict::Deny(denial) => ("deny", Some(&denial.code)),
                Verdict::Escalate(escalation) => ("escalate", Some(&escalation.code)),
            };
            if said != test.verdict {
                return Err(failed(format!("it said {said}, and {} is expected", test.verdict)));
            }
            if test.code.is_some() && test.code.as_ref() != code {
                let code = code.map_or("none", String::as_str);
                return Err(failed(format!(
                    "its code was {code}, and {} is expected",
                    test.code.as_deref().unwrap_or("")
                )));
            }
        }
        Ok(())
    }

    fn asked(&self, test: &SelfTest) -> Result<Verdict, Fault> {
        let ctx = context();
        let document = document(test);
        let reads = self.reads(document.segments.iter().map(|s| (&*s.kind, &*s.role)));
        if test.stage == TestedStage::Admission && !reads {
            return Ok(Verdict::Allow);
        }
        let mut sandbox = self.open(&ctx)?;
        let decision = match test.stage {
            TestedStage::Admission => sandbox.admit(&ctx, &document)?,
            TestedStage::Commitment => {
                let target = test.tool.clone().unwrap_or_default();
                let action = Action { kind: "tool_use".into(), target, arguments: document, hints: vec![] };
                sandbox.commit(&ctx, &action)?
            }
            TestedStage::Inspection => {
                let channel = Channel { index: 0, kind: "content".into(), name: None };
                let session = sandbox.open_session(&ctx, &channel)?;
                let pushed = sandbox.push(session, &test.text)?.decision;
                match pushed.verdict {
                    Verdict::Allow => sandbox.finish(session)?.decision,
                    _ => pushed,
                }
            }
        };
        let Decision { verdict, .. } = decision;
        Ok(verdict)
    }
}

fn context() -> Context {
    Context {
        exchange: "self-test".into(),
        tenant: "self-test".into(),
        principal: Claim { value: "self-test".into(), proven: false },
        owner: None,
        clearance: None,
        classification: None,
        intent: None,
        dialect: "openai-chat".into(),
        model: None,
        labels: vec![],
    }
}

fn document(test: &SelfTest) -> Document {
    let (role, kind, pointer) = match test.stage {
        TestedStage::Commitment => ("", "value", ""),
        TestedStage::Admission | TestedStage::Inspection => ("user", "text", "/messages/0/content"),
    };
    let segment = Segment {
        role: role.into(),
        kind: kind.into(),
        name: test.tool.clone(),
        pointer: pointer.into(),
        at: Span { start: 0, end: test.text.len() as u64 },
    };
    Document { text: test.text.clone(), segments: vec![segment] }
}
