//! Test policy: misbehaves where and how its configuration says, and allows everything otherwise. What it must not be
//! able to do is harm the host or another exchange.

mod config;
mod deed;
mod session;

pub use config::{Config, Deed, Stage};
pub use session::Channel;
use witgate_sdk::{
    Action, Admission, Commitment, Context, Decision, Document, Fault, Inspection, Issue, Plugin, Verdict,
};

/// The configured policy.
#[derive(Debug)]
pub struct Hostile(Config);

impl Plugin for Hostile {
    type Config = Config;

    fn configure(config: Config) -> Result<Self, Vec<Issue>> {
        if config.at == Stage::Configure {
            let said = deed::act(config, "", 0);
            let refused = !matches!(said, Ok(Decision { verdict: Verdict::Allow, .. }));
            if refused {
                return Err(vec![Issue { pointer: "/do".into(), message: "as configured".into() }]);
            }
        }
        Ok(Self(config))
    }
}

impl Hostile {
    fn act(&self, stage: Stage, text: &str) -> Result<Decision, Fault> {
        if stage == self.0.at { deed::act(self.0, text, 0) } else { Ok(Decision::allow()) }
    }
}

impl Admission for Hostile {
    fn admit(&self, _: &Context, request: &Document) -> Result<Decision, Fault> {
        self.act(Stage::Admission, &request.text)
    }
}

impl Inspection for Hostile {
    type Session = Channel;

    fn open(&'static self, _: &Context, _: &witgate_sdk::Channel) -> Result<Channel, Fault> {
        Ok(Channel::new(self.0))
    }
}

impl Commitment for Hostile {
    fn commit(&self, _: &Context, action: &Action) -> Result<Decision, Fault> {
        self.act(Stage::Commitment, &action.arguments.text)
    }
}

witgate_sdk::export!(
    Hostile,
    manifest = include_str!("../manifest.json"),
    stages = [admission, inspection, commitment],
);

#[cfg(test)]
mod tests;
