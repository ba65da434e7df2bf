//! Who outside vouches for the ledger's checkpoints: how they are asked. When, and what becomes of the answers, is the ledger's.

use std::sync::Arc;
use std::time::Duration;

use witgate_ledger::{Outside, Wanted};

use crate::config::KeepingConfig;

mod post;
mod timestamp;
mod witness;

/// Everybody whom the configuration names. Asks nobody yet.
///
/// # Errors
/// Certificates that cannot be read, in words.
pub(crate) fn outside(said: &KeepingConfig) -> anyhow::Result<Vec<Outside>> {
    let mut outside = Vec::new();
    if let Some(cosigner) = &said.cosigner {
        let ask = Arc::new(witness::Witness::new(cosigner)?);
        outside.push(Outside { wanted: Wanted::Cosignature, every: Duration::ZERO, ask });
    }
    if let Some(said) = &said.timestamp {
        let ask = Arc::new(timestamp::Authority::new(&said.service)?);
        outside.push(Outside { wanted: Wanted::Timestamp, every: said.every, ask });
    }
    Ok(outside)
}
