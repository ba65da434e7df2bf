//! The configuration, as `manifest.json` describes it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The configuration. All of it has defaults.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The ladder, lowest level first; empty means a built-in one.
    pub(crate) levels: Vec<Level>,
    /// Which built-in one.
    pub(crate) ladder: Option<Scheme>,
    /// Level of an exchange whose caller declares none; the lowest if absent.
    pub(crate) default_classification: Option<String>,
    /// Clearance of a caller who states none; the lowest if absent.
    pub(crate) default_clearance: Option<String>,
    /// Only a clearance the host has proof of counts.
    pub(crate) require_proven: bool,
    /// A marking above the declared level in the prompt.
    pub(crate) prompts: Action,
    /// … in the answer.
    pub(crate) answers: Action,
    /// … in a tool call's arguments.
    pub(crate) arguments: Action,
    /// Characters that one text of an answer may have.
    pub(crate) max_answer_chars: Option<u64>,
    /// … and what a longer one leads to.
    pub(crate) too_long: Action,
    /// The level of what carries a control such as FOUO or LES; `CUI` if absent and there.
    pub(crate) controlled_level: Option<String>,
    /// The level of what carries a compartment such as SI or TK; `TS_SCI` if absent and there.
    pub(crate) compartment_level: Option<String>,
    /// Leave out the EU, NATO and UK schemes.
    pub(crate) without_schemes: bool,
    /// Further markings, each with its level.
    pub(crate) markings: BTreeMap<String, String>,
}

/// One step of the ladder.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
}

/// A built-in ladder.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scheme {
    /// UNCLASS to TS_SCI.
    #[default]
    Us,
    /// NATO UNCLASSIFIED to COSMIC TOP SECRET.
    Nato,
    /// EU UNCLASSIFIED to TRES SECRET UE/EU TOP SECRET.
    Eu,
    /// OFFICIAL to TOP SECRET.
    Uk,
    /// Public to Strictly Confidential.
    Corporate,
}

/// What a marking above the declared level leads to, or an answer that is too long.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The exchange is refused.
    #[default]
    Deny,
    /// A finding and the label `marking`.
    Label,
    /// Not looked for.
    Off,
}
