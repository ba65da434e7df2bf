//! Policies over one exchange, as a gate asks them: one that does nothing, the default four, and all five.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::ensure;
use serde::Serialize;
use serde_json::json;
use witgate_engine::{Claim, Engine};
use witgate_policy::trust::{Origin, Trust};
use witgate_policy::{Facts, Judge, JudgeLimits, Mode, OnFault, PolicySet, Spec, build};
use witgate_wire::document::{Document, Segment, Span};

use super::cpu::{Arm, Measured};
use crate::plugins::{BUILT_IN, Plugins, read};
use crate::prose;
use crate::stats::median;

const SIZES: [usize; 2] = [1 << 10, 10 << 10];
const TEXT: usize = 11;

/// What admission by a chain costs an exchange, in microseconds of a processor.
#[derive(Debug, Serialize)]
pub(crate) struct Chain {
    pub(crate) plugins: usize,
    pub(crate) bytes: usize,
    pub(crate) cpu_us: f64,
}

/// The sets.
pub(crate) struct Chains(Vec<Arc<PolicySet>>);

/// The default set, as a configuration without settings has it.
pub(crate) fn four(plugins: &Plugins) -> anyhow::Result<Vec<Spec>> {
    BUILT_IN.iter().map(|id| Ok(spec(id, plugins.built_in(id)?, Origin::Builtin))).collect()
}

fn spec(id: &str, bytes: Vec<u8>, origin: Origin) -> Spec {
    Spec {
        id: id.to_owned(),
        bytes: bytes.into(),
        origin,
        pin: None,
        mode: Mode::Enforce,
        on_fault: OnFault::Deny,
        grants: None,
        memory_mib: None,
        deadline_ms: None,
        config: json!({}),
    }
}

impl Chains {
    pub(crate) fn new(engine: &Engine, plugins: &Plugins) -> anyhow::Result<Self> {
        let four = four(plugins)?;
        let origin = Origin::File { signature_file: PathBuf::new(), signature: None };
        let one = vec![spec("noop", read(&plugins.noop())?, origin)];
        let five = [four.clone(), one.clone()].concat();
        let sets =
            [one, four, five].into_iter().map(|set| Ok(Arc::new(build(engine, &set, &Trust::default(), 1, None)?)));
        Ok(Self(sets.collect::<anyhow::Result<_>>()?))
    }

    pub(crate) fn arms(&self) -> anyhow::Result<Vec<Arm<'_>>> {
        let mut arms = Vec::new();
        for set in &self.0 {
            for bytes in SIZES {
                let request = request(bytes);
                arms.push(Arm::new(name(set.members().len(), bytes), move || {
                    let ruling = Judge::new(Arc::clone(set), facts(), JudgeLimits::default()).admit(&request);
                    ensure!(ruling.verdict.is_allow(), "prose is refused: {:?}", ruling.verdict);
                    Ok(())
                }));
            }
        }
        Ok(arms)
    }

    pub(crate) fn rows(&self, measured: &Measured) -> Vec<Chain> {
        let row = |plugins, bytes| Chain {
            plugins,
            bytes,
            cpu_us: median(measured.of(&name(plugins, bytes)).iter().copied()),
        };
        self.0.iter().flat_map(|set| SIZES.map(|bytes| row(set.members().len(), bytes))).collect()
    }
}

fn name(plugins: usize, bytes: usize) -> String {
    format!("chain {plugins} {bytes}")
}

fn facts() -> Facts {
    Facts {
        exchange: "00000000-0000-7000-8000-000000000000".into(),
        tenant: "default".into(),
        principal: Claim { value: "bench".into(), proven: false },
        owner: None,
        clearance: None,
        classification: None,
        intent: None,
        dialect: "openai-chat".into(),
        inherited: vec![],
        model: Some("mock-small".into()),
    }
}

fn request(bytes: usize) -> Document {
    let text = prose::text(TEXT, bytes);
    let at = Span::new(0, text.len() as u64);
    let segment =
        Segment { role: "user".into(), kind: "text".into(), name: None, pointer: "/messages/0/content".into(), at };
    Document { text, segments: vec![segment] }
}
