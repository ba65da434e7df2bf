//! The built-in policies, each configured so that as much as possible of it has something to do.

use std::sync::LazyLock;

use serde_json::{Value, json};
use witgate_plugin_classification::Classification;
use witgate_plugin_injection::Injection;
use witgate_plugin_patterns::Patterns;
use witgate_plugin_payloads::Payloads;
use witgate_plugin_pii::Pii;
use witgate_plugin_secrets::Secrets;
use witgate_plugin_tool_tiers::ToolTiers;
use witgate_sdk::testing::{self, Outcome};
use witgate_sdk::{Action, Admission, Commitment, Context, Decision, Document, Inspection, Plugin};

type Ask<T, R> = Box<dyn Fn(&Context, &T) -> R + Send + Sync>;

type Inspect = Box<dyn Fn(&[&str]) -> Outcome + Send + Sync>;

/// A configured policy.
pub(super) struct BuiltIn {
    pub(super) name: &'static str,
    pub(super) admit: Ask<Document, Decision>,
    pub(super) commit: Option<Ask<Action, Decision>>,
    pub(super) inspect: Option<Inspect>,
}

/// All of them.
pub(super) fn all() -> &'static [BuiltIn] {
    static ALL: LazyLock<Vec<BuiltIn>> = LazyLock::new(|| {
        vec![
            everywhere("pii", configured::<Pii>(personal())),
            everywhere("secrets", configured::<Secrets>(json!({}))),
            everywhere("payloads", configured::<Payloads>(payloads())),
            everywhere("patterns", configured::<Patterns>(patterns())),
            everywhere("classification", configured::<Classification>(json!({ "max_answer_chars": 4000 }))),
            BuiltIn::new("injection", configured::<Injection>(json!({ "extra_phrases": ["open the pod bay doors"] }))),
            BuiltIn::new("tool-tiers", tiers()).at_commitment(tiers()),
        ]
    });
    &ALL
}

fn tiers() -> &'static ToolTiers {
    configured(json!({ "untrusted": {}, "check_definitions": "deny", "fold_case": true }))
}

/// Every kind looked for and replaced, the guesses too.
fn personal() -> Value {
    let kinds = ["person", "address"];
    let each = |action: &str| kinds.iter().map(|kind| ((*kind).to_owned(), json!(action))).collect::<Value>();
    json!({
        "kinds": each("token"),
        "answer": each("mask"),
        "arguments": "token",
        "custom": [{ "name": "staff", "shape": "AA-####", "words": ["staff"] }],
    })
}

fn payloads() -> Value {
    json!({
        "text": { "default": "label" },
        "tool_results": { "default": "block" },
        "answers": { "default": "block" },
        "roots": ["/srv/data"],
        "hosts": ["db.internal"],
        "commands": ["ls", "git"],
    })
}

fn patterns() -> Value {
    json!({ "patterns": [
        { "name": "birds", "words": ["blue heron", "night owl", "owl"], "action": "mask" },
        { "name": "ticket", "regex": "\\bSEC-\\d{4,6}\\b", "action": "token" },
        { "name": "secret", "regex": "<secret>.*?</secret>", "max_bytes": 64, "fold": true, "action": "replace", "text": "" },
        { "name": "python", "words": ["python"], "except": ["monty python", "zoo"], "within": 20, "action": "label" },
        { "name": "fox", "words": ["red fox"], "roles": ["user"], "action": "block" },
    ] })
}

/// A policy that lives on: sessions borrow it.
fn configured<P: Plugin>(config: Value) -> &'static P {
    let config = serde_json::from_value(config).expect("a configuration");
    let Ok(policy) = P::configure(config).map_err(|issues| panic!("{issues:?}"));
    Box::leak(Box::new(policy))
}

fn everywhere<P: Admission + Commitment + Inspection>(name: &'static str, policy: &'static P) -> BuiltIn {
    let inspect = move |pieces: &[&str]| testing::run(policy, &testing::content_channel(), pieces);
    BuiltIn { inspect: Some(Box::new(inspect)), ..BuiltIn::new(name, policy).at_commitment(policy) }
}

impl BuiltIn {
    fn new<P: Admission>(name: &'static str, policy: &'static P) -> Self {
        let admit = move |ctx: &Context, request: &Document| policy.admit(ctx, request).expect("a decision");
        Self { name, admit: Box::new(admit), commit: None, inspect: None }
    }

    fn at_commitment<P: Commitment>(mut self, policy: &'static P) -> Self {
        let commit = move |ctx: &Context, call: &Action| policy.commit(ctx, call).expect("a decision");
        self.commit = Some(Box::new(commit));
        self
    }
}
