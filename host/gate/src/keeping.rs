//! What becomes of finished segments and of checkpoints: from the configuration to the ledger, and from there into the log.

use std::sync::Arc;

use witgate_ledger::{Keeping, Notice, Notices};

use crate::config::KeepingConfig;
use crate::outside::outside;

/// As the configuration says.
///
/// # Errors
/// Certificates of those who vouch for checkpoints cannot be read.
pub(crate) fn keeping(said: &KeepingConfig) -> anyhow::Result<Keeping> {
    Ok(Keeping {
        pack: said.compress,
        max_age: said.max_age,
        max_bytes: said.max_bytes,
        ship: said.ship.clone(),
        witness: said.witness.clone(),
        outside: outside(said)?,
        notices: Arc::new(Log),
        ..Keeping::default()
    })
}

#[derive(Debug)]
struct Log;

impl Notices for Log {
    fn notice(&self, notice: &Notice) {
        match notice {
            Notice::Packed { segment, from, to } => {
                tracing::info!(segment, from, to, "a finished segment was compressed")
            }
            Notice::Shipped { segment } => tracing::info!(segment, "a finished segment was shipped"),
            Notice::LetGo { through, segments } => {
                tracing::info!(through, segments, "records were let go, as `ledger.retention` says");
            }
            Notice::Failed { task, detail, again } => {
                let again_s = again.as_secs_f64();
                tracing::error!(code = "ledger_chore_failed", task, detail, again_s, "the ledger's {task} failed");
            }
            _ => {}
        }
    }
}
