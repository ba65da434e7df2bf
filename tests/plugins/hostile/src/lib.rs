//! Test policy: misbehaves where and how its configuration says, and allows everything otherwise. What it must not be
//! able to do is harm the host or another exchange.

mod config;
mod deed;
mod session;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

pub use config::{Config, Deed, Stage};
pub use session::Channel;
use witgate_sdk::{
    Action, Admission, Commitment, Context, Decision, Document, Fault, Inspection, Issue, Plugin, Verdict,
};

/// The configured policy, and what it is to do in the exchange that its sandbox is for.
#[derive(Debug)]
pub struct Hostile {
    config: Config,
    told: OnceLock<Deed>,
    calls: AtomicU32,
}

impl Plugin for Hostile {
    type Config = Config;

    fn configure(config: Config) -> Result<Self, Vec<Issue>> {
        if config.at == Stage::Configure {
            let said = deed::act(config.deed, config, "", 0);
            let refused = !matches!(said, Ok(Decision { verdict: Verdict::Allow, .. }));
            if refused {
                return Err(vec![Issue { pointer: "/do".into(), message: "as configured".into() }]);
            }
        }
        Ok(Self { config, told: OnceLock::new(), calls: AtomicU32::new(0) })
    }
}

impl Hostile {
    /// What it is to do, if anything: `as_told` does nothing until it is told.
    pub(crate) fn deed(&self) -> Option<Deed> {
        match self.config.deed {
            Deed::AsTold => self.told.get().copied(),
            deed => Some(deed),
        }
    }

    /// Whether this is where it misbehaves.
    pub(crate) fn is_at(&self, stage: Stage) -> bool {
        self.config.at == stage
    }

    /// Counts a call of this exchange, whatever the stage.
    pub(crate) fn count(&self) {
        let call = self.calls.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        if self.deed() == Some(Deed::TrapAtNth) && call == self.config.nth {
            std::process::abort();
        }
    }

    pub(crate) fn act(&self, stage: Stage, text: &str, base: u64) -> Result<Decision, Fault> {
        match self.deed() {
            Some(deed) if self.is_at(stage) => deed::act(deed, self.config, text, base),
            _ => Ok(Decision::allow()),
        }
    }
}

impl Admission for Hostile {
    fn admit(&self, _: &Context, request: &Document) -> Result<Decision, Fault> {
        if let Some(deed) = Deed::told_by(&request.text) {
            // Told once, since an exchange is admitted once.
            let _ = self.told.set(deed);
        }
        self.count();
        self.act(Stage::Admission, &request.text, 0)
    }
}

impl Inspection for Hostile {
    type Session = Channel;

    fn open(&'static self, _: &Context, _: &witgate_sdk::Channel) -> Result<Channel, Fault> {
        Ok(Channel::new(self))
    }
}

impl Commitment for Hostile {
    fn commit(&self, _: &Context, action: &Action) -> Result<Decision, Fault> {
        self.count();
        self.act(Stage::Commitment, &action.arguments.text, 0)
    }
}

witgate_sdk::export!(
    Hostile,
    manifest = include_str!("../manifest.json"),
    stages = [admission, inspection, commitment],
);

#[cfg(test)]
mod tests;
