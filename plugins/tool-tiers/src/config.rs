//! The configuration, as `manifest.json` describes it.

use serde::Deserialize;

use crate::tier::Tier;
use crate::untrusted::Untrusted;

/// The configuration. All of it has defaults.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The registry; empty means the built-in one.
    pub(crate) tools: Vec<Tool>,
    /// Calls of tools above this tier are refused.
    pub(crate) max_tier: Tier,
    /// Calls of tools from this tier on need a person's agreement.
    pub(crate) escalate_at: Option<Tier>,
    /// Calls whose effect cannot be taken back.
    pub(crate) irreversible: Irreversible,
    /// Calls of tools that no entry matches.
    pub(crate) unregistered: Unregistered,
    /// Requests that offer a tool which would never be allowed.
    pub(crate) check_definitions: Check,
    /// What becomes of calls once the model has read content that nobody vouches for; nothing, if absent.
    pub(crate) untrusted: Option<Untrusted>,
    /// Upper and lower case are the same in names.
    pub(crate) fold_case: bool,
    /// Who is asked for agreement.
    pub(crate) queue: String,
}

/// One entry of the registry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    pub(crate) name: String,
    pub(crate) tier: Tier,
    #[serde(default)]
    pub(crate) irreversible: bool,
}

/// What becomes of an irreversible call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Irreversible {
    /// Nothing special.
    Allow,
    /// A person must agree.
    Escalate,
    /// Refused.
    Deny,
}

/// What becomes of a call of an unknown tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Unregistered {
    /// Passes, with a finding.
    Allow,
    /// Refused.
    Deny,
}

/// What becomes of a request that offers a tool which would never be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Check {
    /// A finding, and a label with the number of such tools.
    Label,
    /// Refused.
    Deny,
    /// Not looked at.
    Off,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            tools: vec![],
            max_tier: Tier::High,
            escalate_at: Some(Tier::Critical),
            irreversible: Irreversible::Escalate,
            unregistered: Unregistered::Deny,
            check_definitions: Check::Label,
            untrusted: None,
            fold_case: false,
            queue: "tool-approvals".into(),
        }
    }
}
