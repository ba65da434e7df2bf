//! The threads beside the writer's.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, sync_channel};

use super::Durability;
use super::queue::Message;
use crate::chain::FRAME_OVERHEAD;
use crate::chore::Chore;
use crate::error::AppendError;
use crate::keeper::Keeper;
use crate::keeping::Keeping;
use crate::outside::Outsiders;
use crate::record::{Draft, Prepared};
use crate::status::Status;
use crate::storage::Storage;
use crate::witness::Witness;
use crate::writer::Item;

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
    sender: &SyncSender<Message>,
    status: &Arc<Status>,
) -> std::io::Result<Chores> {
    let mut chores = Chores { outsiders: Outsiders::start(dir, keeping, storage, status)?, ..Chores::default() };
    if keeping.has_chores() {
        let (sender, counted) = (sender.clone(), Arc::clone(status));
        let append = Box::new(move |draft: Draft| {
            let (told, fate) = sync_channel(1);
            let done = Box::new(move |result| drop(told.send(result)));
            let prepared = Prepared::new(&draft)?;
            let bytes = prepared.len();
            let item = Item { prepared, room: bytes + FRAME_OVERHEAD, durability: Durability::Durable, done };
            counted.queued_bytes.fetch_add(bytes, Ordering::AcqRel);
            if sender.try_send(Message::Append(vec![item])).is_err() {
                counted.queued_bytes.fetch_sub(bytes, Ordering::AcqRel);
                return Err(AppendError::QueueFull);
            }
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
