//! What a plugin author implements.

use crate::{Action, Channel, Context, Decision, Document, Event, Fault, Issue, Step};

/// The configuration of a plugin that has none: an empty JSON object.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoConfig {}

/// A policy: configured once for each policy set, then asked at its stages.
///
/// What [`configure`](Self::configure) leaves in memory is snapshotted; every exchange starts from that snapshot. Build
/// tables here, not on first use.
pub trait Plugin: Sized + Send + Sync + 'static {
    /// The configuration, as the manifest's JSON Schema describes it.
    type Config: serde::de::DeserializeOwned;

    /// Builds the policy. Of the host's services only [`host::log`](crate::host::log) answers here.
    ///
    /// # Errors
    /// What is wrong with the configuration, each issue with an RFC 6901 pointer into it.
    fn configure(config: Self::Config) -> Result<Self, Vec<Issue>>;
}

/// Admission: asked before anything leaves, on the whole prompt.
pub trait Admission: Plugin {
    /// Judges a request.
    ///
    /// # Errors
    /// A fault means "could not decide"; the operator's fault mode applies.
    fn admit(&self, ctx: &Context, request: &Document) -> Result<Decision, Fault>;
}

/// Inspection: asked on text as it streams back, one session a channel.
pub trait Inspection: Plugin {
    /// The state of one channel.
    type Session: Session;

    /// A channel begins.
    ///
    /// # Errors
    /// A fault, as for [`Admission::admit`].
    fn open(&'static self, ctx: &Context, channel: &Channel) -> Result<Self::Session, Fault>;
}

/// One channel under inspection. What it decides must not depend on where the pieces end
/// ([`testing::pieces_agree`](crate::testing::pieces_agree) checks that).
pub trait Session: 'static {
    /// More text. Answers how far everything is decided, as an absolute offset in the channel.
    ///
    /// # Errors
    /// A fault, as for [`Admission::admit`].
    fn push(&mut self, text: &str) -> Result<Step, Fault>;

    /// The channel is over: everything is settled now.
    ///
    /// # Errors
    /// A fault, as for [`Admission::admit`].
    fn finish(&mut self) -> Result<Step, Fault>;
}

/// Commitment: asked before an effect, such as a tool call whose arguments are complete.
pub trait Commitment: Plugin {
    /// Judges an action.
    ///
    /// # Errors
    /// A fault, as for [`Admission::admit`].
    fn commit(&self, ctx: &Context, action: &Action) -> Result<Decision, Fault>;
}

/// Recording: told afterwards, off the path. Cannot change anything.
pub trait Recording: Plugin {
    /// What happened in an exchange that is over.
    fn observe(&self, ctx: &Context, events: &[Event]);
}
