//! The threads beside the writer's.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use super::Durability;
use super::queue::Queue;
use crate::chore::Chore;
use crate::error::AppendError;
use crate::keeper::Keeper;
use crate::keeping::Keeping;
use crate::outside::Outsiders;
use crate::record::Draft;
use crate::storage::Storage;
use crate::witness::Witness;

/// The threads beside the writer's.
#[derive(Default)]
pub(super) struct Chores {
    pub(super) keeper: Option<Chore>,
    /// Ends after the writer, whose last checkpoint it hands over.
    pub(super) witness: Option<Chore>,
    /// As does this.
    pub(super) outsiders: Outsiders,
}

/// The threads that look after finished segments and hand checkpoints over.
pub(super) fn start(
    dir: &Path,
    keeping: &Keeping,
    storage: &Arc<dyn Storage>,
    recovery_segments: usize,
    queue: &Queue,
) -> std::io::Result<Chores> {
    let status = &queue.status;
    let mut chores = Chores { outsiders: Outsiders::start(dir, keeping, storage, status)?, ..Chores::default() };
    if keeping.has_chores() {
        let queue = queue.clone();
        let append = Box::new(move |draft: Draft| {
            let (told, fate) = sync_channel(1);
            let done = Box::new(move |result| drop(told.send(result)));
            queue.put(&[], &draft, Durability::Durable, done).map_err(|(error, _)| error)?;
            fate.recv().unwrap_or(Err(AppendError::Closed))
        });
        let (storage, status) = (Arc::clone(storage), Arc::clone(status));
        let keeper = Keeper::new(dir.to_owned(), keeping.clone(), storage, status, recovery_segments, append);
        chores.keeper = Some(Chore::start("ledger-keeper", keeping.every, keeper, Keeper::work, |_| {})?);
    }
    if let Some(to) = keeping.witness.clone() {
        let (storage, status) = (Arc::clone(storage), Arc::clone(status));
        let witness = Witness::new(dir.to_owned(), keeping.clone(), to, storage, status);
        chores.witness = Some(Chore::start("ledger-witness", keeping.every, witness, Witness::work, Witness::last)?);
    }
    Ok(chores)
}
