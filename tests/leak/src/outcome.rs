//! What became of a case.

use serde::Serialize;

use crate::case::Ran;
use crate::client::is_not_covered;
use crate::fields::Form;
use crate::kind::Kind;
use crate::score::longest_run;
use crate::view::{Ending, Views};

/// One of these for each case. Only the first is a leak; the last three show nothing about the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Some of the value reached the other side.
    Leaked,
    /// An answer of 4xx.
    Refused,
    /// A stream or body that ends in the dialect's error, or withheld for its content.
    Cut,
    /// The rest arrived, the value did not.
    Masked,
    /// A stream that ends without any last event: SDKs take it for complete.
    Bare,
    /// An answer of 5xx, or none.
    Failed,
    /// A control arrived whole.
    Passed,
    /// A control did not.
    Blocked,
    /// 404, 405 or 501: the proxy does not serve the dialect. Nothing was scored.
    NotCovered,
}

impl Outcome {
    pub(crate) const ALL: [Self; 9] = [
        Self::Leaked,
        Self::Refused,
        Self::Cut,
        Self::Masked,
        Self::Bare,
        Self::Failed,
        Self::Passed,
        Self::Blocked,
        Self::NotCovered,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Leaked => "leaked",
            Self::Refused => "refused",
            Self::Cut => "cut",
            Self::Masked => "masked",
            Self::Bare => "bare end",
            Self::Failed => "failed",
            Self::Passed => "passed",
            Self::Blocked => "blocked",
            Self::NotCovered => "not covered",
        }
    }
}

/// Judges a case; with the bytes that leaked.
pub(crate) fn judge(ran: &Ran) -> (Outcome, usize) {
    let script = &ran.case.script;
    let answer = &ran.answer;
    let views = if script.block.form == Form::Request {
        Views::of(b"", body_of(&ran.upstream_saw)).with(&ran.upstream_saw)
    } else {
        Views::of(&answer.head, &answer.body)
    };
    let run = views.texts.iter().map(|text| longest_run(script.value.as_bytes(), text)).max().unwrap_or(0);
    // An uncovered dialect is one whatever stands in it; but the harness itself sends no such status.
    let uncovered = is_not_covered(answer.status) && ran.upstream_requests == 0;
    if script.kind == Kind::Control {
        return match run > 0 {
            _ if uncovered => (Outcome::NotCovered, 0),
            true => (Outcome::Passed, 0),
            false => (Outcome::Blocked, 0),
        };
    }
    if run > 0 {
        return (Outcome::Leaked, run);
    }
    let ending = if script.block.form == Form::Request { Ending { complete: true, cut: false } } else { views.ending };
    let outcome = match answer.status {
        _ if uncovered => Outcome::NotCovered,
        400..=499 => Outcome::Refused,
        200..=299 if answer.broken.is_none() => match ending {
            Ending { cut: true, .. } => Outcome::Cut,
            Ending { complete: true, .. } => Outcome::Masked,
            // The upstream itself may have ended so.
            Ending { .. } => Outcome::Bare,
        },
        _ => Outcome::Failed,
    };
    (outcome, 0)
}

/// A request's body, behind its head.
fn body_of(request: &[u8]) -> &[u8] {
    let at = request.windows(4).position(|window| window == b"\r\n\r\n");
    at.and_then(|at| request.get(at + 4..)).unwrap_or_default()
}
