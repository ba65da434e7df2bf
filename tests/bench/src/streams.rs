//! Streams: what a gate adds to a model that takes its time, and how many of them it carries.
//!
//! The model sends an event at a steady pace, as real ones do, so that time to the first token and the gaps between tokens mean
//! something: a stream whose events are all ready at once is a case of the gates' part.

mod client;
mod crowd;
mod pace;
mod split;
mod text;

use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;

use crate::gates;
use crate::plugins::Plugins;
use crate::prose;
use crate::report::Mark;

pub(crate) use text::text;

/// Bytes of text in one event: about four tokens.
const CHUNK: usize = 18;

/// How long it is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Rounds: medians are over these.
    pub(crate) rounds: usize,
    /// Streams at once, of which the gate is to carry as many.
    pub(crate) crowd: usize,
    /// Events of a stream of the crowd, one a second.
    pub(crate) crowd_events: usize,
}

/// The whole run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) rounds: usize,
    pub(crate) event_ms: u64,
    pub(crate) events: usize,
    pub(crate) paces: Vec<pace::Pace>,
    pub(crate) split: split::Split,
    pub(crate) crowds: Vec<crowd::Crowd>,
    pub(crate) marks: Vec<Mark>,
}

/// Measures it.
pub(crate) async fn measure(witgate: &Path, work: &Path, plugins: &Plugins, plan: Plan) -> anyhow::Result<Report> {
    let place = work.join("streams");
    std::fs::create_dir(&place)?;
    let (model, model_at) = gates::model(witgate, &place, &script(plan.crowd_events)).await?;
    let trio = pace::Trio::start(witgate, &place, plugins, model_at).await?;
    let paces = pace::measure(&trio, plan.rounds).await?;
    let split = split::measure(&trio, plan.rounds).await?;
    trio.stop().await;
    let mut crowds = Vec::new();
    for set in [crowd::Set::One, crowd::Set::Four] {
        crowds.push(crowd::measure(witgate, &place, plugins, model_at, set, plan).await?);
    }
    drop(model);
    let marks = marks(&split, &crowds);
    let event_ms = u64::try_from(pace::EVERY.as_millis()).unwrap_or(u64::MAX);
    Ok(Report { rounds: plan.rounds, event_ms, events: pace::EVENTS, paces, split, crowds, marks })
}

/// What the model says, by what it is asked.
fn script(crowd_events: usize) -> String {
    let rule = |ask: &str, text: String, chunk: usize, every: Duration| {
        let reply =
            json!({ "text": text, "chunk_bytes": chunk, "delay_ms": u64::try_from(every.as_millis()).unwrap_or(0) });
        json!({ "when": { "contains": ask, "stream": true }, "reply": reply })
    };
    // JSON is YAML.
    json!([
        rule(pace::ASK, prose::text(1, pace::EVENTS * CHUNK), CHUNK, pace::EVERY),
        rule(split::ASK, split::answer(), split::CHUNK, pace::EVERY),
        rule(crowd::ASK, prose::text(2, crowd_events * CHUNK), CHUNK, crowd::EVERY),
    ])
    .to_string()
}

fn marks(split: &split::Split, crowds: &[crowd::Crowd]) -> Vec<Mark> {
    let first = Mark {
        what: "first byte after the model's, a split value in the stream",
        below: 5.0,
        measured: split.added_first_us / 1000.0,
        unit: "ms",
    };
    let one = crowds.iter().find(|c| c.set == crowd::Set::One);
    let crowd = one.into_iter().flat_map(|c| {
        #[expect(clippy::cast_precision_loss, reason = "some thousand streams")]
        let failed = c.failed as f64;
        [
            Mark {
                what: "streams that failed of the crowd, one policy",
                below: 1.0,
                measured: failed,
                unit: "streams",
            },
            Mark {
                what: "memory of a stream beyond its sandbox, one policy",
                below: 64.0,
                measured: c.beyond_kib,
                unit: "KiB",
            },
        ]
    });
    std::iter::once(first).chain(crowd).collect()
}
