//! The configuration, as `manifest.json` describes it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::kind::Kind;

/// What is looked for, and what then happens.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub(crate) kinds: BTreeMap<Kind, Action>,
    pub(crate) answer: BTreeMap<Kind, Action>,
    pub(crate) arguments: Arguments,
    pub(crate) custom: Vec<Custom>,
    pub(crate) salt: Option<String>,
}

/// What happens to a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// A token stands for it; the host can put back what was one in a request.
    Token,
    /// `[email]` stands for it, for good.
    Mask,
    /// A keyed hash stands for it: the same for the same value, everywhere the salt is the same.
    Hash,
    /// The request, the answer or the call is refused.
    Block,
    /// It passes; a finding and a label tell of it.
    #[serde(alias = "allow")]
    Label,
    /// It is not looked for.
    Off,
}

/// What happens in a tool call's arguments.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Arguments {
    /// The same to every kind that is not off on the way to the model.
    All(Action),
    /// To each its own; those not named are told.
    Each(BTreeMap<Kind, Action>),
}

impl Default for Arguments {
    fn default() -> Self {
        Self::All(Action::Label)
    }
}

/// A kind of the operator's own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Custom {
    pub(crate) name: String,
    pub(crate) shape: String,
    #[serde(default)]
    pub(crate) check: Check,
    #[serde(default)]
    pub(crate) words: Vec<String>,
    #[serde(default = "token")]
    pub(crate) action: Action,
    #[serde(default = "mask")]
    pub(crate) answer: Action,
    #[serde(default = "label")]
    pub(crate) arguments: Action,
}

fn token() -> Action {
    Action::Token
}

fn mask() -> Action {
    Action::Mask
}

fn label() -> Action {
    Action::Label
}

/// A check digit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Check {
    /// There is none.
    #[default]
    None,
    /// Luhn's, over the digits.
    Luhn,
    /// The rest of digits and letters modulo 97 is 1 (ISO 7064).
    Mod97,
}

impl Config {
    /// On the way to the model.
    pub(crate) fn request(&self, kind: Kind) -> Action {
        let default = match kind {
            // Told, since a number beside a word is less sure, and a date or a licence is seldom told by mistake.
            Kind::Passport | Kind::Licence | Kind::Birth => Action::Label,
            Kind::Person | Kind::Address => Action::Off,
            _ => Action::Token,
        };
        self.kinds.get(&kind).copied().unwrap_or(default)
    }

    /// In the model's answer.
    pub(crate) fn answer(&self, kind: Kind) -> Action {
        let default = match kind {
            // Addresses of machines are what many answers are about.
            Kind::Ip | Kind::Passport | Kind::Licence | Kind::Birth | Kind::Person | Kind::Address => Action::Off,
            _ => Action::Mask,
        };
        self.answer.get(&kind).copied().unwrap_or(default)
    }

    /// In a tool call's arguments.
    pub(crate) fn argument(&self, kind: Kind) -> Action {
        let off = self.request(kind) == Action::Off;
        match &self.arguments {
            Arguments::Each(each) if each.contains_key(&kind) => each.get(&kind).copied().unwrap_or(Action::Label),
            _ if off => Action::Off,
            Arguments::All(action) => *action,
            Arguments::Each(_) => Action::Label,
        }
    }
}
