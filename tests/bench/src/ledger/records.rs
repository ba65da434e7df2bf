//! What a gate with four policies writes of an exchange that is about ten kilobytes long and clean.

use witgate_ledger::{
    BodyHash, Claim, Decision, Digest, Draft, Execution, GuestCall, Intent, Latency, Mode, PluginResult, Stage, Usage,
    Verdict,
};

const POLICIES: [&str; 4] = ["pii", "injection", "classification", "tool-tiers"];

/// The records of one exchange.
pub(super) struct Exchange {
    pub(super) intent: Draft,
    pub(super) admission: Draft,
    pub(super) inspection: Draft,
    pub(super) execution: Draft,
}

impl Exchange {
    pub(super) const RECORDS: usize = 4;

    /// Exchange number `number`; its id is a UUIDv7 in form.
    pub(super) fn new(number: u64) -> anyhow::Result<Self> {
        let id = format!("0190f3a0-{:04x}-7000-8000-{:012x}", number >> 32 & 0xffff, number & 0xffff_ffff);
        let body = Some(BodyHash::of(&number.to_be_bytes())?);
        let set = Digest([3; 32]);
        let intent = Intent {
            principal: Claim { value: "key:reports".to_owned(), proven: true },
            tenant: "default".to_owned(),
            dialect: "openai-chat".to_owned(),
            model: Some("gpt-4o-mini".to_owned()),
            upstream: "main".to_owned(),
            route: "POST /v1/chat/completions".to_owned(),
            request: body,
            policy_set: set,
            generation: 1,
            ..Intent::default()
        };
        let execution = Execution {
            status: Some(200),
            upstream_status: Some(200),
            response: body,
            usage: Some(Usage { prompt: 2310, completion: 148 }),
            latency_us: Latency { total: 1_204_311, upstream_first_byte: Some(811_020), added: 1450 },
            ..Execution::default()
        };
        Ok(Self {
            intent: Draft::new(id.as_str(), intent),
            admission: Draft::new(id.as_str(), decision(Stage::Admission, "evaluate")),
            inspection: Draft::new(id.as_str(), decision(Stage::Inspection, "push")),
            execution: Draft::new(id.as_str(), execution),
        })
    }
}

fn decision(stage: Stage, function: &str) -> Decision {
    let part = |(number, name): (u8, &str)| PluginResult {
        plugin: name.to_owned(),
        version: "0.1.0".to_owned(),
        digest: Digest([number; 32]),
        mode: Mode::Enforce,
        verdict: Some(Verdict::Allow),
        elapsed_ns: 41_300,
        calls: vec![GuestCall { function: function.to_owned(), input_bytes: 10_240, ..GuestCall::default() }],
        ..PluginResult::default()
    };
    let plugins = (0..).zip(POLICIES).map(part).collect();
    Decision { stage, policy_set: Digest([3; 32]), generation: 1, enforced: true, plugins, ..Decision::default() }
}
