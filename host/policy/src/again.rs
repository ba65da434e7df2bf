//! Asks a policy set again what a set was asked before.

use std::collections::HashMap;
use std::sync::Arc;

use witgate_engine::{HostAnswer, Playback, Stage};

use crate::transcript::{Question, Transcript};
use crate::{ChannelId, Judge, Opinion, PolicySet, Verdict};

/// What the host answered to each plugin at each stage, in the order of the calls. What a plugin asks beyond is answered anew:
/// the clock with the time given, state from the engine's store.
#[derive(Debug, Clone, Default)]
pub struct HostAnswers {
    by_place: HashMap<(Stage, String), Playback>,
    now_ms: u64,
}

impl HostAnswers {
    /// No answers yet; a clock that is asked beyond them says `now_ms`.
    #[must_use]
    pub fn at(now_ms: u64) -> Self {
        Self { by_place: HashMap::new(), now_ms }
    }

    /// One more answer to a plugin at a stage.
    pub fn add(&mut self, stage: Stage, plugin: &str, answer: HostAnswer) {
        self.playback(stage, plugin).answers.push_back(answer);
    }

    fn playback(&mut self, stage: Stage, plugin: &str) -> &mut Playback {
        let now_ms = Some(self.now_ms);
        let empty = || Playback { now_ms, ..Playback::default() };
        self.by_place.entry((stage, plugin.to_owned())).or_insert_with(empty)
    }

    pub(crate) fn take(&mut self, stage: Stage, plugin: &str) -> Playback {
        let now_ms = Some(self.now_ms);
        std::mem::replace(self.playback(stage, plugin), Playback { now_ms, ..Playback::default() })
    }

    pub(crate) fn put(&mut self, stage: Stage, plugin: &str, playback: Playback) {
        *self.playback(stage, plugin) = playback;
    }
}

/// What a stage came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Which.
    pub stage: Stage,
    /// The tool, at commitment.
    pub tool: Option<String>,
    /// The merged verdict.
    pub verdict: Verdict,
    /// What each plugin said.
    pub opinions: Vec<Opinion>,
}

/// Asks `set` everything in `transcript`, until a verdict ends the exchange. Gives an outcome for admission, for each
/// commitment, and last for inspection, if it came to that.
#[must_use]
pub fn again(set: &Arc<PolicySet>, transcript: &Transcript, answers: HostAnswers) -> Vec<Outcome> {
    let mut judge = Judge::new(Arc::clone(set), transcript.facts(), transcript.limits()).with_answers(answers);
    let mut outcomes = Vec::new();
    let mut channels: Vec<Option<ChannelId>> = Vec::new();
    let mut inspected = None;
    for question in transcript.questions() {
        let mut say = |said: Verdict| {
            let ends = !said.is_allow();
            inspected = Some(said);
            ends
        };
        let ends = match question {
            Question::Admit(shown) => {
                let ruling = judge.admit(&shown.document());
                let ends = !ruling.verdict.is_allow();
                let (verdict, opinions) = (ruling.verdict, ruling.opinions);
                outcomes.push(Outcome { stage: Stage::Admission, tool: None, verdict, opinions });
                ends
            }
            Question::Open { kind, name, restores } => match judge.open(kind, name.as_deref(), *restores) {
                Ok(channel) => {
                    channels.push(Some(channel));
                    say(Verdict::Allow)
                }
                Err(verdict) => say(verdict),
            },
            Question::Push { channel, text } => match opened(&channels, *channel) {
                Some(id) => say(judge.push(id, text).verdict),
                None => false,
            },
            Question::Finish { channel } => match opened(&channels, *channel) {
                Some(id) => {
                    if let Some(place) = usize::try_from(*channel).ok().and_then(|i| channels.get_mut(i)) {
                        *place = None;
                    }
                    say(judge.finish(id).verdict)
                }
                None => false,
            },
            Question::Commit { tool, arguments } => {
                let ruling = judge.commit(tool, &arguments.document());
                let ends = matches!(ruling.verdict, Verdict::Fault(_));
                let (verdict, opinions) = (ruling.verdict, ruling.opinions);
                outcomes.push(Outcome { stage: Stage::Commitment, tool: Some(tool.clone()), verdict, opinions });
                ends
            }
        };
        if ends {
            break;
        }
    }
    let opinions = judge.take_inspection();
    if let Some(verdict) = inspected {
        outcomes.push(Outcome { stage: Stage::Inspection, tool: None, verdict, opinions });
    }
    outcomes
}

fn opened(channels: &[Option<ChannelId>], channel: u32) -> Option<ChannelId> {
    channels.get(usize::try_from(channel).ok()?).copied().flatten()
}
