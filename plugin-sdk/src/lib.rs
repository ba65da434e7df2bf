//! Write a Witgate policy: one trait a stage, one export macro, a test harness.
//!
//! A plugin is a type that is configured once ([`Plugin`]) and serves one or more stages ([`Admission`],
//! [`Inspection`], [`Commitment`], [`Recording`]). [`export!`] turns it into a component that exports exactly the
//! stages it names:
//!
//! ```
//! use witgate_sdk::{Admission, Context, Decision, Document, Fault, Issue, Plugin};
//!
//! struct NoShouting;
//!
//! impl Plugin for NoShouting {
//!     type Config = witgate_sdk::NoConfig;
//!     fn configure(_: Self::Config) -> Result<Self, Vec<Issue>> {
//!         Ok(Self)
//!     }
//! }
//!
//! impl Admission for NoShouting {
//!     fn admit(&self, _: &Context, request: &Document) -> Result<Decision, Fault> {
//!         Ok(match request.text.contains("!!!") {
//!             true => Decision::deny("shouting", "Please lower your voice."),
//!             false => Decision::allow(),
//!         })
//!     }
//! }
//!
//! witgate_sdk::export!(NoShouting, manifest = r#"{
//!     "id": "no-shouting", "version": "0.1.0",
//!     "description": "Refuses prompts that shout.", "codes": ["shouting"]
//! }"#, stages = [admission]);
//! # fn main() {}
//! ```
//!
//! What a plugin of this SDK can do is what the WIT says and nothing more: it is compiled without WASI, so there are no
//! files, no sockets, no environment and no clock but the one the operator grants.

#[doc(hidden)]
pub mod bindings;
mod decision;
pub mod export;
#[cfg(all(target_arch = "wasm32", feature = "heap"))]
mod heap;
pub mod host;
pub mod kit;
mod plugin;
pub mod testing;

pub use bindings::commitment::exports::witgate::policy::commitment::Action;
pub use bindings::exports::witgate::policy::lifecycle::Issue;
pub use bindings::inspection::exports::witgate::policy::inspection::{Channel, Step};
pub use bindings::recording::exports::witgate::policy::recording::Event;
pub use bindings::witgate::policy::types::{
    AttributedLabel, Claim, Context, Decision, Denial, Document, Edit, Escalation, Fault, Finding, Label, Replacement,
    Segment, Span, Verdict,
};
pub use plugin::{Admission, Commitment, Inspection, NoConfig, Plugin, Recording, Session};
