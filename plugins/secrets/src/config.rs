//! The configuration, as `manifest.json` describes it.

use serde::Deserialize;

use crate::kind::Kind;
use crate::shapes::OwnShape;

/// What is looked for, and what then happens.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub(crate) request: RequestAction,
    pub(crate) answer: Action,
    pub(crate) arguments: Action,
    pub(crate) kinds: Kinds,
    pub(crate) allow: Allow,
    pub(crate) providers: Vec<OwnShape>,
    pub(crate) entropy: f64,
    pub(crate) least_length: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            request: RequestAction::Token,
            answer: Action::Mask,
            arguments: Action::Block,
            kinds: Kinds::default(),
            allow: Allow::default(),
            providers: vec![],
            entropy: 2.6,
            least_length: 10,
        }
    }
}

/// What happens to a secret on its way to the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RequestAction {
    /// A token stands for it; the host can put it back.
    Token,
    /// `[api-key]` stands for it, for good.
    Mask,
    /// The request is refused.
    Block,
    /// It is told, and passes.
    Label,
}

/// What happens to a secret in an answer or a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    Mask,
    Block,
    Label,
}

impl From<Action> for RequestAction {
    fn from(action: Action) -> Self {
        match action {
            Action::Mask => Self::Mask,
            Action::Block => Self::Block,
            Action::Label => Self::Label,
        }
    }
}

/// Which kinds are looked for.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Kinds {
    api_key: bool,
    private_key: bool,
    jwt: bool,
    url_secret: bool,
    authorization: bool,
    password: bool,
    secret: bool,
}

impl Default for Kinds {
    fn default() -> Self {
        Self {
            api_key: true,
            private_key: true,
            jwt: true,
            url_secret: true,
            authorization: true,
            password: true,
            secret: true,
        }
    }
}

impl Kinds {
    pub(crate) fn has(&self, kind: Kind) -> bool {
        match kind {
            Kind::ApiKey => self.api_key,
            Kind::PrivateKey => self.private_key,
            Kind::Jwt => self.jwt,
            Kind::Url => self.url_secret,
            Kind::Authorization => self.authorization,
            Kind::Password => self.password,
            Kind::Assigned => self.secret,
        }
    }
}

/// What is no secret.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Allow {
    pub(crate) values: Vec<String>,
    pub(crate) prefixes: Vec<String>,
}
