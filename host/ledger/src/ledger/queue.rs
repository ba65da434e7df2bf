//! What waits for the writer, and how its thread takes it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::time::Instant;

use super::Durability;
use crate::chain::FRAME_OVERHEAD;
use crate::error::AppendError;
use crate::record::{Draft, Prepared};
use crate::status::Status;
use crate::writer::{Done, Item, Writer};

/// At most so many records share one write.
const MAX_BATCH: usize = 1024;
/// At most so many bytes share one write, give or take one record.
const MAX_BATCH_BYTES: usize = 1 << 20;

/// What the writer's thread is sent.
pub(super) enum Message {
    /// Records that follow each other in the ledger. The last one's caller is told for all of them.
    Append(Vec<Item>),
    Flush(SyncSender<bool>),
}

/// The one way to the writer.
#[derive(Clone)]
pub(super) struct Queue {
    pub(super) sender: SyncSender<Message>,
    pub(super) status: Arc<Status>,
    /// How many bytes of records may wait; at least one record always may.
    pub(super) bytes: usize,
}

impl Queue {
    /// Hands over records that belong together, `draft` as the last. Never blocks. Gives `done` back with the error when they
    /// are not taken.
    pub(super) fn put(
        &self,
        before: &[Draft],
        draft: &Draft,
        durability: Durability,
        done: Done,
    ) -> Result<(), (AppendError, Done)> {
        let status = &self.status;
        if let Some(error) = status.refusal() {
            return Err((error, done));
        }
        let mut items = Vec::with_capacity(before.len() + 1);
        for draft in before {
            match Prepared::new(draft) {
                Ok(prepared) => {
                    items.push(Item { prepared, room: 0, durability: Durability::Buffered, done: Box::new(|_| {}) });
                }
                Err(error) => return Err((error, done)),
            }
        }
        match Prepared::new(draft) {
            Ok(prepared) => items.push(Item { prepared, room: 0, durability, done }),
            Err(error) => return Err((error, done)),
        }
        let room = items.iter().map(|item| item.prepared.len() + FRAME_OVERHEAD).sum();
        if let Some(first) = items.first_mut() {
            first.room = room;
        }
        let bytes: usize = items.iter().map(|item| item.prepared.len()).sum();
        let queued = status.queued_bytes.fetch_add(bytes, Ordering::AcqRel);
        let refuse = |error, items| {
            status.queued_bytes.fetch_sub(bytes, Ordering::AcqRel);
            Err(not_taken(error, items))
        };
        let full = |items| {
            status.refuse_full();
            refuse(AppendError::QueueFull, items)
        };
        if queued > 0 && queued.saturating_add(bytes) > self.bytes {
            return full(items);
        }
        match self.sender.try_send(Message::Append(items)) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(Message::Append(items))) => full(items),
            Err(TrySendError::Disconnected(Message::Append(items))) => refuse(AppendError::Closed, items),
            // Only appends are sent here.
            Err(TrySendError::Full(Message::Flush(_)) | TrySendError::Disconnected(Message::Flush(_))) => Ok(()),
        }
    }
}

/// An error, for the caller of the last of some records.
fn not_taken(error: AppendError, mut items: Vec<Item>) -> (AppendError, Done) {
    let done = items.pop().map_or_else(|| Box::new(|_| {}) as Done, |item| item.done);
    (error, done)
}

/// The writer's thread: takes what waits as one batch, until nobody can send any more.
pub(super) fn run(writer: &mut Writer, receiver: &Receiver<Message>) {
    let mut tried = Instant::now();
    loop {
        if writer.is_healthy() {
            tried = Instant::now();
        } else if tried.elapsed() >= writer.options.retry_after {
            writer.heal();
            tried = Instant::now();
            continue;
        }
        let first = if !writer.is_healthy() {
            receiver.recv_timeout(writer.options.retry_after.saturating_sub(tried.elapsed()))
        } else if let Some(wait) = writer.wakes_in() {
            receiver.recv_timeout(wait)
        } else {
            receiver.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match first {
            Ok(first) => take_batch(writer, receiver, first),
            Err(RecvTimeoutError::Timeout) => writer.wake(),
            Err(RecvTimeoutError::Disconnected) => return writer.close(),
        }
    }
}

fn take_batch(writer: &mut Writer, receiver: &Receiver<Message>, first: Message) {
    let mut items = Vec::new();
    let mut flushes = Vec::new();
    let mut bytes = 0;
    // Whoever else is ready to run may have a record of its own: then one write and one sync do for both. On a processor that
    // has nothing else to do this takes no time.
    std::thread::yield_now();
    let mut next = Some(first);
    while let Some(message) = next {
        match message {
            Message::Append(together) => {
                bytes += together.iter().map(|item| item.prepared.len()).sum::<usize>();
                items.extend(together);
            }
            Message::Flush(done) => flushes.push(done),
        }
        next = if items.len() < MAX_BATCH && bytes < MAX_BATCH_BYTES { receiver.try_recv().ok() } else { None };
    }
    writer.status.queued_bytes.fetch_sub(bytes, Ordering::AcqRel);
    if !items.is_empty() {
        writer.write_batch(items.into_iter());
    }
    if !flushes.is_empty() {
        let synced = writer.sync_now();
        for done in flushes {
            // Whoever no longer waits need not be told.
            let _ = done.send(synced);
        }
    }
}
