//! Test policy: counts its calls in a static, which every exchange must find as `configure` left it.

use std::sync::atomic::{AtomicU32, Ordering};

use witgate_sdk::{Action, Admission, Commitment, Context, Decision, Document, Fault, Issue, NoConfig, Plugin};

static ADMISSIONS: AtomicU32 = AtomicU32::new(0);
static COMMITMENTS: AtomicU32 = AtomicU32::new(0);

/// The policy. Its state is in the statics above, where state must not be.
#[derive(Debug)]
pub struct Counter;

impl Plugin for Counter {
    type Config = NoConfig;

    fn configure(_: NoConfig) -> Result<Self, Vec<Issue>> {
        Ok(Self)
    }
}

impl Admission for Counter {
    fn admit(&self, _: &Context, _: &Document) -> Result<Decision, Fault> {
        // An exchange is admitted once, so an earlier call was another exchange's.
        Ok(match ADMISSIONS.fetch_add(1, Ordering::Relaxed) {
            0 => Decision::allow(),
            _ => Decision::deny("state_leaked", "This sandbox has served another exchange."),
        })
    }
}

impl Commitment for Counter {
    /// The label `calls` is how many commitments this instance has seen: it grows within an exchange.
    fn commit(&self, _: &Context, _: &Action) -> Result<Decision, Fault> {
        let calls = COMMITMENTS.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        Ok(Decision::allow().with_label("calls", calls.to_string()))
    }
}

witgate_sdk::export!(Counter, manifest = include_str!("../manifest.json"), stages = [admission, commitment]);

#[cfg(test)]
mod tests;
