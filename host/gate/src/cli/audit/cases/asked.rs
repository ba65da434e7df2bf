//! What the plugins of an exchange were asked, question by question.

use serde_json::{Map, Value, json};
use witgate_engine::{AttributedLabel, Document, Segment, Span};
use witgate_ledger::{Stage, Verdict};
use witgate_policy::{Question, Transcript};
use witgate_wire::document::Document as Shown;

use crate::cli::plugin::samples::Asked;
use crate::cli::replay::exchanges::Recorded;

/// Stands for whoever asked.
const SOMEONE: &str = "someone";

/// The questions. A channel that was not over is one as far as it went.
pub(super) fn of(transcript: &Transcript) -> Vec<Asked> {
    let context = context(transcript);
    let asked = |stage, document| Asked {
        stage,
        document,
        channel: String::new(),
        tool: String::new(),
        context: context.clone(),
    };
    let mut all = Vec::new();
    let mut channels: Vec<Asked> = Vec::new();
    for question in transcript.questions() {
        match question {
            Question::Admit(shown) => all.push(asked("admission", document(&shown.document()))),
            Question::Commit { tool, arguments } => {
                all.push(Asked { tool: tool.clone(), ..asked("commitment", document(&arguments.document())) });
            }
            Question::Open { kind, .. } => {
                let document = Document { text: String::new(), segments: vec![] };
                channels.push(Asked { channel: kind.clone(), ..asked("inspection", document) });
            }
            Question::Push { channel, text } => {
                let place = usize::try_from(*channel).ok().and_then(|index| channels.get_mut(index));
                if let Some(asked) = place {
                    asked.document.text.push_str(text);
                }
            }
            Question::Finish { .. } => {}
        }
    }
    all.extend(channels.into_iter().filter(|asked| !asked.document.text.is_empty()));
    all
}

fn document(shown: &Shown) -> Document {
    let segment = |segment: &witgate_wire::document::Segment| Segment {
        role: segment.role.clone(),
        kind: segment.kind.clone(),
        name: segment.name.clone(),
        pointer: segment.pointer.clone(),
        at: Span { start: segment.at.start, end: segment.at.end },
    };
    Document { text: shown.text.clone(), segments: shown.segments.iter().map(segment).collect() }
}

/// Who asked, without a name: the kind of caller, and what policies decide by.
fn context(transcript: &Transcript) -> Value {
    let facts = transcript.facts();
    let nameless = |value: &str| match value.split_once(':') {
        Some((kind, _)) => format!("{kind}:{SOMEONE}"),
        None if value == "anonymous" => value.to_owned(),
        None => SOMEONE.to_owned(),
    };
    let mut context = Map::new();
    let principal = &facts.principal;
    context.insert("principal".into(), json!({ "value": nameless(&principal.value), "proven": principal.proven }));
    if let Some(owner) = &facts.owner {
        context.insert("owner".into(), json!({ "value": nameless(&owner.value), "proven": owner.proven }));
    }
    let claims =
        [("clearance", &facts.clearance), ("classification", &facts.classification), ("intent", &facts.intent)];
    for (name, claim) in claims {
        if let Some(claim) = claim {
            context.insert(name.into(), json!({ "value": claim.value, "proven": claim.proven }));
        }
    }
    if !facts.inherited.is_empty() {
        let label = |l: &AttributedLabel| json!({ "source": l.source, "key": l.key, "value": l.value });
        context.insert("labels".into(), facts.inherited.iter().map(label).collect());
    }
    Value::Object(context)
}

/// What a plugin said to this, by the ledger; `None` where the record is of more than this one question.
///
/// # Errors
/// It could not decide, or is not in the record.
pub(super) fn recorded(recorded: &Recorded, id: &str, asked: &Asked) -> Result<Option<String>, String> {
    let stage = match asked.stage {
        "admission" => Stage::Admission,
        "commitment" => Stage::Commitment,
        _ => Stage::Inspection,
    };
    let of_stage = || recorded.decisions.iter().filter(|decision| decision.stage == stage);
    let parts: Vec<_> = of_stage().flat_map(|decision| &decision.plugins).filter(|part| part.plugin == id).collect();
    match parts.as_slice() {
        [] => Err("the ledger has no decision of it".to_owned()),
        [part] if stage == Stage::Admission => {
            match (&part.fault, part.would_have.as_ref().or(part.verdict.as_ref())) {
                (Some(fault), _) => Err(format!("it could not decide: {fault}")),
                (None, Some(verdict)) => Ok(Some(verdict.as_str().to_owned())),
                (None, None) => Err("it was not asked".to_owned()),
            }
        }
        parts => {
            if let Some(fault) = parts.iter().find_map(|part| part.fault.as_ref()) {
                return Err(format!("it could not decide: {fault}"));
            }
            // All allowed: so did it this one.
            let said = |verdict: &Verdict| *verdict == Verdict::Allow;
            let allowed = parts.iter().all(|part| part.would_have.as_ref().or(part.verdict.as_ref()).is_some_and(said));
            Ok(allowed.then(|| Verdict::Allow.as_str().to_owned()))
        }
    }
}
