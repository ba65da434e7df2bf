//! Test policy that allows every prompt without reading it. A gate takes no empty policy set, so this is what "no policy" is
//! measured with: what remains is the cost of the gate itself and of one sandbox at admission.

use witgate_sdk::{Admission, Context, Decision, Document, Fault, Issue, NoConfig, Plugin};

/// The policy. It has nothing to decide.
#[derive(Debug)]
pub struct Noop;

impl Plugin for Noop {
    type Config = NoConfig;

    fn configure(_: NoConfig) -> Result<Self, Vec<Issue>> {
        Ok(Self)
    }
}

impl Admission for Noop {
    fn admit(&self, _: &Context, _: &Document) -> Result<Decision, Fault> {
        Ok(Decision::allow())
    }
}

witgate_sdk::export!(Noop, manifest = include_str!("../manifest.json"), stages = [admission]);
