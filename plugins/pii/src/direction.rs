//! One direction (to the model, back, into a tool's arguments): what is looked for, and what happens to it.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use witgate_sdk::{Finding, Replacement, Span};

use crate::config::{Action, Config};
use crate::kind::Kind;
use crate::scan::Watch;
use crate::shape::Shape;
use crate::words::Lexicon;

/// Letters of a hash: no digits, so that it never looks like a number itself.
const LETTERS: &[u8; 16] = b"abcdefghijkmnpqr";
/// Bytes of a hash that are kept: 64 bits.
const KEPT: usize = 8;

/// What is looked for and what happens to it.
#[derive(Debug)]
pub(crate) struct Direction {
    pub(crate) watch: Watch,
    actions: [Action; Kind::ALL.len()],
    custom: Vec<(String, Action)>,
    salt: Arc<str>,
}

/// What a match leads to.
#[derive(Debug)]
pub(crate) enum Effect {
    Replace(Replacement),
    Refuse,
    Label,
}

impl Direction {
    /// Of a configuration whose shapes were read, with the actions of one direction.
    pub(crate) fn new(
        config: &Config,
        shapes: &[Shape],
        lexicon: &Arc<Lexicon>,
        built_in: impl Fn(Kind) -> Action,
        custom: impl Fn(usize) -> Action,
    ) -> Self {
        let actions = Kind::ALL.map(&built_in);
        let own: Vec<_> = config.custom.iter().enumerate().map(|(i, c)| (c.name.clone(), custom(i))).collect();
        let kinds =
            Kind::ALL.iter().filter(|kind| built_in(**kind) != Action::Off).fold(0, |bits, kind| bits | kind.bit());
        let shapes = shapes.iter().enumerate().filter(|(i, _)| custom(*i) != Action::Off);
        let shapes = shapes.filter_map(|(i, shape)| Some((u8::try_from(i).ok()?, shape.clone())));
        Self {
            watch: Watch::new(kinds, shapes.collect(), Arc::clone(lexicon)),
            actions,
            custom: own,
            salt: config.salt.as_deref().unwrap_or_default().into(),
        }
    }

    /// Whether any action is `hash`.
    pub(crate) fn hashes(&self) -> bool {
        self.actions.contains(&Action::Hash) || self.custom.iter().any(|(_, action)| *action == Action::Hash)
    }

    /// A kind's name: that of the configuration where it is the operator's own.
    pub(crate) fn name(&self, kind: Kind) -> &str {
        match kind {
            Kind::Custom(i) => self.custom.get(usize::from(i)).map_or("custom", |(name, _)| name),
            kind => kind.name(),
        }
    }

    /// What happens to a match of `kind`, which is written `value`.
    pub(crate) fn effect(&self, kind: Kind, value: &str) -> Effect {
        let action = match kind {
            Kind::Custom(i) => self.custom.get(usize::from(i)).map(|(_, action)| *action),
            kind => Kind::ALL.iter().zip(self.actions).find(|(k, _)| **k == kind).map(|(_, action)| action),
        };
        match action.unwrap_or(Action::Off) {
            Action::Token => Effect::Replace(Replacement::Token(self.name(kind).into())),
            Action::Mask => Effect::Replace(Replacement::Text(format!("[{}]", self.name(kind)))),
            Action::Hash => Effect::Replace(Replacement::Text(format!("[{}:{}]", self.name(kind), self.hash(value)))),
            Action::Block => Effect::Refuse,
            Action::Label | Action::Off => Effect::Label,
        }
    }

    /// Where and how sure; never what.
    pub(crate) fn finding(&self, kind: Kind, at: Span) -> Finding {
        let detail = match kind {
            Kind::Custom(_) => self.name(kind).to_owned(),
            _ => String::new(),
        };
        Finding { code: kind.name().into(), at: Some(at), confidence: kind.confidence(), detail }
    }

    /// HMAC-SHA256 under the salt, of the value in small letters without spaces and hyphens, so that two ways to write a
    /// number are one.
    fn hash(&self, value: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.salt.as_bytes()) else { return String::new() };
        let plain: String = value.chars().filter(|c| !matches!(c, ' ' | '-')).flat_map(char::to_lowercase).collect();
        mac.update(plain.as_bytes());
        let bytes = mac.finalize().into_bytes();
        let letter = |nibble: u8| LETTERS.get(usize::from(nibble)).map_or('a', |b| char::from(*b));
        bytes.iter().take(KEPT).flat_map(|b| [letter(b >> 4), letter(b & 15)]).collect()
    }
}
