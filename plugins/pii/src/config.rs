//! The configuration, as `manifest.json` describes it.

use serde::Deserialize;

use crate::kind::Kind;

/// What is looked for, and what then happens.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub(crate) kinds: Kinds,
    pub(crate) answer: Answer,
    pub(crate) arguments: Arguments,
}

/// What happens to a match on its way to the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// A token stands for it; the host can put it back.
    Token,
    /// `[email]` stands for it, for good.
    Mask,
    /// The request is refused.
    Block,
    /// It is not looked for.
    Off,
}

/// What happens to a match in the model's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AnswerAction {
    Mask,
    Block,
    Off,
}

/// What happens to a match in a tool call's arguments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Arguments {
    Mask,
    Block,
    /// It is told as a finding and a label.
    #[default]
    Allow,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Kinds {
    email: Action,
    card: Action,
    ssn: Action,
    ip: Action,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Answer {
    email: AnswerAction,
    card: AnswerAction,
    ssn: AnswerAction,
    ip: AnswerAction,
}

impl Default for Kinds {
    fn default() -> Self {
        Self { email: Action::Token, card: Action::Token, ssn: Action::Token, ip: Action::Token }
    }
}

impl Default for Answer {
    fn default() -> Self {
        // Addresses of machines are what many answers are about.
        Self { email: AnswerAction::Mask, card: AnswerAction::Mask, ssn: AnswerAction::Mask, ip: AnswerAction::Off }
    }
}

impl Kinds {
    pub(crate) fn of(&self, kind: Kind) -> Action {
        match kind {
            Kind::Email => self.email,
            Kind::Card => self.card,
            Kind::Ssn => self.ssn,
            Kind::Ip => self.ip,
        }
    }
}

impl Answer {
    pub(crate) fn of(&self, kind: Kind) -> AnswerAction {
        match kind {
            Kind::Email => self.email,
            Kind::Card => self.card,
            Kind::Ssn => self.ssn,
            Kind::Ip => self.ip,
        }
    }
}
