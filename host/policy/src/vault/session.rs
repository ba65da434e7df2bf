//! The values of one scope, by their tokens. Encrypted; the keys are elsewhere.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use super::Degraded;
use super::keys::{Keys, Sealed};
use super::store::Room;

/// What an entry takes beside its text: the nodes of the map and of the heap.
const OVERHEAD: usize = 160;

/// Shared by the exchanges that run in one scope. Its lock is held for a lookup and a decryption, never across anything that
/// waits.
#[derive(Debug)]
pub(super) struct Session {
    values: Mutex<BTreeMap<String, Sealed>>,
    /// Where its bytes are counted, beside the room's count of all.
    owner: Option<Arc<AtomicUsize>>,
    room: Arc<Room>,
}

/// What a token stands for already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    Same,
    Other,
}

impl Session {
    pub(super) fn new(room: Arc<Room>, owner: Option<Arc<AtomicUsize>>) -> Self {
        Self { values: Mutex::default(), owner, room }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// What `token` stands for, compared with `value`.
    pub(super) fn find(&self, token: &str, value: &str, keys: &Keys) -> Found {
        found(&self.lock(), token, value, keys)
    }

    /// Makes `token` stand for `value`, unless it stands for something. [`Found::Nothing`] when it does from now on.
    ///
    /// # Errors
    /// Why there is no room for it.
    pub(super) fn keep(&self, token: &str, value: &str, keys: &Keys, most: usize) -> Result<Found, Degraded> {
        {
            let values = self.lock();
            match found(&values, token, value, keys) {
                Found::Nothing if values.len() >= most => return Err(Degraded::Entries),
                Found::Nothing => {}
                found => return Ok(found),
            }
        }
        let sealed = keys.seal(token, value).ok_or(Degraded::Random)?;
        let cost = cost(token, &sealed);
        // Making room may end other sessions: not under this one's lock.
        if !self.room.take(cost) {
            return Err(Degraded::Bytes);
        }
        let mut values = self.lock();
        let found = found(&values, token, value, keys);
        if found != Found::Nothing || values.len() >= most {
            // Another exchange of this session was quicker.
            self.room.give_back(cost);
            return if found == Found::Nothing { Err(Degraded::Entries) } else { Ok(found) };
        }
        values.insert(token.to_owned(), sealed);
        self.room.entries_held.fetch_add(1, Ordering::Relaxed);
        if let Some(owner) = &self.owner {
            owner.fetch_add(cost, Ordering::Relaxed);
        }
        Ok(Found::Nothing)
    }

    /// The value that `token` stands for.
    pub(super) fn value(&self, token: &str, keys: &Keys) -> Option<Zeroizing<String>> {
        keys.open(token, self.lock().get(token)?)
    }

    /// Whether a token begins with `part`.
    pub(super) fn begins(&self, part: &str) -> bool {
        let values = self.lock();
        let mut after = values.range::<str, _>((Bound::Included(part), Bound::Unbounded));
        after.next().is_some_and(|(token, _)| token.starts_with(part))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Sealed>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let values = self.values.get_mut().unwrap_or_else(PoisonError::into_inner);
        let bytes: usize = values.iter().map(|(token, sealed)| cost(token, sealed)).sum();
        self.room.give_back(bytes);
        self.room.entries_held.fetch_sub(values.len(), Ordering::Relaxed);
        if let Some(owner) = &self.owner {
            owner.fetch_sub(bytes, Ordering::Relaxed);
        }
    }
}

fn found(values: &BTreeMap<String, Sealed>, token: &str, value: &str, keys: &Keys) -> Found {
    match values.get(token) {
        None => Found::Nothing,
        Some(sealed) if keys.open(token, sealed).is_some_and(|held| *held == value) => Found::Same,
        Some(_) => Found::Other,
    }
}

fn cost(token: &str, sealed: &Sealed) -> usize {
    token.len() + sealed.bytes() + OVERHEAD
}
