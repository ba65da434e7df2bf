//! The policy set: stages, order, verdict algebra, hold-back, modes, generations.
//!
//! A [`PolicySet`] is an ordered list of configured plugins, immutable and named by its digest. Each exchange has a
//! [`Judge`]: it takes the set that is in force when the exchange begins, opens at most one sandbox for each plugin, asks
//! the stages, merges what the plugins say, and keeps what is needed to tell the ledger.
//!
//! Within a stage every plugin sees the same original text. Verdicts merge `deny > escalate > allow`, the first plugin in
//! order names the reason, and the edits of all apply unless the outcome is a deny.

mod again;
mod build;
mod channel;
mod judge;
mod merge;
mod opinion;
mod schema;
mod set;
mod transcript;
pub mod trust;
mod vault;

pub use again::{HostAnswers, Outcome, again};
pub use build::{BuildError, MAX_DEADLINE_MS, Spec, build, check, vouch};
pub use channel::{Advance, ChannelId};
pub use judge::{Facts, Judge, JudgeLimits};
pub use opinion::{Opinion, Reason, Ruling, Verdict};
pub use schema::{SchemaIssue, check_schema};
pub use set::{Member, Mode, OnFault, PolicySet};
pub use transcript::{Question, Shown, Stenographer, Transcript};
pub use vault::{Degraded, Restores, TokenLimits, Vault, VaultStats, Vaults};
pub use witgate_engine as engine;

/// The merge of all plugins' edits, given in the plugins' order: what `tests/fuzz` compares with its definition. No part
/// of the API.
#[doc(hidden)]
#[must_use]
pub fn merge_edits(edits: Vec<engine::Edit>) -> Vec<engine::Edit> {
    let edit = |cut: merge::Cut| engine::Edit {
        at: engine::Span { start: cut.start, end: cut.end },
        replacement: cut.replacement,
    };
    merge::clusters(edits).into_iter().map(edit).collect()
}
