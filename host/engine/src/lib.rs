//! The sandbox: load, check, configure, snapshot, limit and call one plugin.
//!
//! A plugin's bytes become a [`Plugin`] once, off the path: its manifest is read without running it, its imports are
//! held against the operator's grants, it is configured, its memory is snapshotted and the snapshot compiled (or taken
//! from the cache). Each exchange then opens a [`Sandbox`]: a fresh instance that begins at the snapshot and is thrown
//! away at the end. Every call has a deadline; memory, tables, log lines and state are bounded.
//!
//! This crate knows nothing of HTTP, dialects or policy sets.

mod anatomy;
mod answer;
mod artifact;
mod contract;
mod deadline;
mod engine;
mod error;
mod fault;
mod health;
mod host;
mod limits;
mod load;
mod loader;
mod manifest;
mod metrics;
mod plugin;
mod sandbox;
mod self_test;
mod shelf;
mod snapshot;
mod state;
mod stats;
mod ticker;
mod trap;
mod trusted;
mod wasi;

pub use anatomy::Anatomy;
pub use answer::{HostAnswer, Playback};
pub use artifact::componentize;
pub use contract::{
    Action, AttributedLabel, Channel, Claim, Context, Decision, Denial, Document, Edit, Escalation, Event,
    Fault as PluginFault, Finding, Issue, Label, Replacement, Segment, Span, Step, Verdict,
};
pub use engine::{Engine, EngineOptions};
pub use error::LoadError;
pub use fault::Fault;
pub use health::Breaker;
pub use host::{Grant, Grants, GuestCall, UnknownGrant};
pub use limits::Limits;
pub use load::Source;
pub use loader::{Loader, serve as serve_loader};
pub use manifest::{Manifest, Reads, SuggestedLimits};
pub use metrics::PluginMetrics;
pub use plugin::{Digest, Plugin, Stage, Stages, Start};
pub use sandbox::{Sandbox, SessionId};
pub use self_test::{SelfTest, TestedStage};
pub use state::StateStore;
pub use stats::Stats;
pub use trusted::{bound_heaps, give_back_start};
