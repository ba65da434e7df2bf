//! Why an exchange ended before its answer did, and what is said of that.

use hyper::StatusCode;
use witgate_ledger as ledger;
use witgate_policy::{Reason, Verdict};
use witgate_wire::answer::AnswerError;

use super::upstream_body::BodyError;
use crate::refusal::Refusal;

/// Why an answer ended early.
#[derive(Debug)]
pub(super) enum Ended {
    /// A policy refused or could not decide.
    Policy(&'static str, Verdict),
    /// The upstream's answer cannot be inspected.
    Wire(AnswerError),
    /// The upstream's body ended early.
    Body(BodyError),
    /// A decision could not be recorded, so what it decides may not happen.
    Ledger(&'static str),
    /// The gate stops, and the drain time is over.
    Stopping,
    /// The policy set was replaced, and the time for streams that began with it is over.
    Replaced,
}

impl From<BodyError> for Ended {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl From<AnswerError> for Ended {
    fn from(error: AnswerError) -> Self {
        Self::Wire(error)
    }
}

impl Ended {
    /// What the caller is told, and how the exchange is recorded.
    pub(super) fn refusal(&self) -> (Refusal, ledger::Outcome) {
        match self {
            Self::Policy(stage, verdict) => {
                let unknown = Reason { plugin: "witgate".into(), code: "refused".into(), message: "Refused.".into() };
                let mut reason = verdict.reason().cloned().unwrap_or(unknown);
                if matches!(verdict, Verdict::Escalate(_)) {
                    reason.code = Refusal::UNAPPROVED.into();
                }
                let fault = matches!(verdict, Verdict::Fault(_));
                let outcome = if fault { ledger::Outcome::Aborted } else { ledger::Outcome::Denied };
                (Refusal::policy(stage, &reason, fault), outcome)
            }
            Self::Wire(error) => {
                let message = format!("{error}.");
                let refusal = Refusal::unavailable(StatusCode::BAD_GATEWAY, "upstream_error", error.code(), message);
                (refusal, ledger::Outcome::UpstreamError)
            }
            Self::Body(error) => (error.refusal(), ledger::Outcome::UpstreamError),
            Self::Stopping => {
                let message = "The gate shut down before the answer was over.";
                let refusal =
                    Refusal::unavailable(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "shutting_down", message);
                (refusal, ledger::Outcome::Aborted)
            }
            Self::Replaced => {
                let message =
                    "The policies of this answer were replaced, and it did not end in time (`timeouts.retire_ms`).";
                let refusal = Refusal::unavailable(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "policy_set_replaced",
                    message,
                );
                (refusal, ledger::Outcome::Aborted)
            }
            Self::Ledger(code) => {
                let message = "The decision could not be recorded, so it is not carried out.";
                let refusal =
                    Refusal::unavailable(StatusCode::SERVICE_UNAVAILABLE, "ledger_unavailable", code, message);
                (refusal, ledger::Outcome::Aborted)
            }
        }
    }
}
