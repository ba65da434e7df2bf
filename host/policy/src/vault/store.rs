//! The vaults of all sessions, within bounds.
//!
//! Nothing here is written to disk, and no key but the process's own is kept: those of a scope are derived when an exchange
//! needs them. Where there is no room, the principal that takes most of it makes place, with the session it has not used for
//! longest: one client that fills the gate ends its own sessions, not those of others.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::keys::{self, Key, Keys};
use super::session::Session;
use super::{Degraded, KeySource, Vault};

/// Bounds of all vaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenLimits {
    /// Sessions at once. With none of them every exchange is a scope of its own.
    pub sessions: usize,
    /// Values of one scope.
    pub entries: usize,
    /// Bytes of all scopes.
    pub bytes: usize,
    /// After how long without an exchange a session ends.
    pub idle: Duration,
    /// After how long it ends in any case.
    pub age: Duration,
}

impl Default for TokenLimits {
    fn default() -> Self {
        Self {
            sessions: 10_000,
            entries: 4096,
            bytes: 64 << 20,
            idle: Duration::from_secs(3600),
            age: Duration::from_secs(86_400),
        }
    }
}

/// Why a session ended.
#[derive(Debug, Clone, Copy)]
enum Why {
    Idle,
    Age,
    Sessions,
    Bytes,
}

/// What the vaults hold now, and what came of their bounds since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VaultStats {
    /// Sessions.
    pub sessions: usize,
    /// Values, those of single exchanges included.
    pub entries: usize,
    /// Bytes they take.
    pub bytes: usize,
    /// Sessions that ended: unused, too old, for want of a session's place, for want of bytes.
    pub evicted: [(&'static str, u64); 4],
    /// Exchanges in which a mask or a token stands where something better should, by reason.
    pub degraded: [(&'static str, u64); Degraded::ALL.len()],
}

/// The room for values, counted.
#[derive(Debug)]
pub(super) struct Room {
    most_bytes: usize,
    most_entries: usize,
    bytes: AtomicUsize,
    pub(super) entries_held: AtomicUsize,
    degraded: [AtomicU64; Degraded::ALL.len()],
    /// Who may make place; nobody for an exchange that shares nothing.
    vaults: Weak<Vaults>,
}

impl Room {
    pub(super) fn new(limits: &TokenLimits, vaults: Weak<Vaults>) -> Self {
        Self {
            most_bytes: limits.bytes,
            most_entries: limits.entries,
            bytes: AtomicUsize::new(0),
            entries_held: AtomicUsize::new(0),
            degraded: Default::default(),
            vaults,
        }
    }

    /// Values that one scope may hold.
    pub(super) fn entries(&self) -> usize {
        self.most_entries
    }

    /// Takes bytes, if there are any, or sessions that can end for them.
    pub(super) fn take(&self, bytes: usize) -> bool {
        if self.try_take(bytes) {
            return true;
        }
        self.vaults.upgrade().is_some_and(|vaults| vaults.make_room(bytes)) && self.try_take(bytes)
    }

    fn try_take(&self, bytes: usize) -> bool {
        let more = |held: usize| held.checked_add(bytes).filter(|all| *all <= self.most_bytes);
        self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    pub(super) fn give_back(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(super) fn count(&self, why: Degraded) {
        if let Some(count) = Degraded::ALL.iter().zip(&self.degraded).find(|(one, _)| **one == why) {
            count.1.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Names a session without telling what it is called.
type Id = [u8; 32];

#[derive(Debug)]
struct Seat {
    session: Arc<Session>,
    principal: String,
    /// Its place in the principal's order of use.
    order: u64,
    used: Instant,
    begun: Instant,
}

/// What one principal has.
#[derive(Debug, Default)]
struct Owner {
    /// Its sessions, the one that was not used for longest first.
    order: BTreeMap<u64, Id>,
    bytes: Arc<AtomicUsize>,
}

#[derive(Debug, Default)]
struct Seats {
    all: HashMap<Id, Seat>,
    owners: HashMap<String, Owner>,
    next: u64,
    evicted: [u64; 4],
}

/// All vaults of a gate.
pub struct Vaults {
    root: Key,
    limits: TokenLimits,
    room: Arc<Room>,
    seats: Mutex<Seats>,
}

impl std::fmt::Debug for Vaults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vaults").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Vaults {
    /// None yet, under a key that is made now and ends with the process; `None` where the system gives no randomness.
    #[must_use]
    pub fn new(limits: TokenLimits) -> Option<Arc<Self>> {
        let root = keys::random()?;
        Some(Arc::new_cyclic(|vaults| {
            let room = Arc::new(Room::new(&limits, Weak::clone(vaults)));
            Self { root, limits, room, seats: Mutex::default() }
        }))
    }

    /// The vault of one exchange alone. `exchange` is never used twice.
    #[must_use]
    pub fn of_exchange(self: &Arc<Self>, exchange: &str) -> Vault {
        let session = Arc::new(Session::new(Arc::clone(&self.room), None));
        let scope = keys::parts(&[b"exchange", exchange.as_bytes()]);
        Vault::new(Arc::clone(&self.room), session, KeySource::Of(Arc::clone(self), scope))
    }

    /// The vault that the exchanges of a principal share which name the same session. The principal must be proven.
    #[must_use]
    pub fn of_session(self: &Arc<Self>, tenant: &str, principal: &str, session: &str) -> Vault {
        let scope = keys::parts(&[b"session", tenant.as_bytes(), principal.as_bytes(), session.as_bytes()]);
        let id = keys::prf(&self.root, &[b"witgate vault v1", b"id", &scope]);
        let session = self.seat(id, principal, Instant::now());
        Vault::new(Arc::clone(&self.room), session, KeySource::Of(Arc::clone(self), scope))
    }

    /// Whether exchanges can share a vault at all.
    #[must_use]
    pub fn has_sessions(&self) -> bool {
        self.limits.sessions > 0
    }

    pub(super) fn keys(&self, scope: &[u8]) -> Keys {
        Keys::derive(&self.root, scope)
    }

    /// Ends the sessions whose time is over. Called from time to time, so that values go though nobody asks.
    pub fn sweep(&self) {
        self.sweep_at(Instant::now());
    }

    pub(super) fn sweep_at(&self, now: Instant) {
        let mut seats = self.lock();
        let over: Vec<(Id, Why)> =
            seats.all.iter().filter_map(|(id, seat)| Some((*id, self.over(seat, now)?))).collect();
        let ended: Vec<Arc<Session>> = over.into_iter().filter_map(|(id, why)| seats.end(&id, why)).collect();
        drop(seats);
        // Freed outside the lock.
        drop(ended);
    }

    /// What is held, and what came of the bounds.
    #[must_use]
    pub fn stats(&self) -> VaultStats {
        let seats = self.lock();
        let [idle, age, sessions, bytes] = seats.evicted;
        let counts = self.room.degraded.each_ref().map(|count| count.load(Ordering::Relaxed));
        let mut degraded = Degraded::ALL.map(|why| (why.code(), 0));
        degraded.iter_mut().zip(counts).for_each(|(one, count)| one.1 = count);
        VaultStats {
            sessions: seats.all.len(),
            entries: self.room.entries_held.load(Ordering::Relaxed),
            bytes: self.room.bytes.load(Ordering::Relaxed),
            evicted: [("idle", idle), ("age", age), ("sessions", sessions), ("bytes", bytes)],
            degraded,
        }
    }

    /// The session of this id, begun if it is not there or its time is over.
    pub(super) fn seat(&self, id: Id, principal: &str, now: Instant) -> Arc<Session> {
        let mut ended = Vec::new();
        let mut seats = self.lock();
        if let Some(why) = seats.all.get(&id).and_then(|seat| self.over(seat, now)) {
            ended.extend(seats.end(&id, why));
        }
        if let Some(session) = seats.touch(&id, now) {
            return session;
        }
        while seats.all.len() >= self.limits.sessions.max(1) {
            let Some(oldest) = seats.place_of(principal, |owner| owner.order.len(), false) else { break };
            ended.extend(seats.end(&oldest, Why::Sessions));
        }
        let session = seats.begin(id, principal, now, &self.room);
        drop(seats);
        drop(ended);
        session
    }

    /// Ends sessions until so many bytes are free, or none is left that could end.
    fn make_room(&self, bytes: usize) -> bool {
        let free = || self.room.most_bytes.saturating_sub(self.room.bytes.load(Ordering::Relaxed)) >= bytes;
        while !free() {
            let mut seats = self.lock();
            let bytes = |owner: &Owner| owner.bytes.load(Ordering::Relaxed);
            let Some(oldest) = seats.place_of("", bytes, true) else { return false };
            let ended = seats.end(&oldest, Why::Bytes);
            drop(seats);
            drop(ended);
        }
        true
    }

    fn over(&self, seat: &Seat, now: Instant) -> Option<Why> {
        if now.saturating_duration_since(seat.begun) >= self.limits.age {
            return Some(Why::Age);
        }
        // An exchange that still runs uses it.
        let unused = Arc::strong_count(&seat.session) == 1;
        (unused && now.saturating_duration_since(seat.used) >= self.limits.idle).then_some(Why::Idle)
    }

    fn lock(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seats {
    /// A session that is there, as the one used last.
    fn touch(&mut self, id: &Id, now: Instant) -> Option<Arc<Session>> {
        let seat = self.all.get_mut(id)?;
        let owner = self.owners.get_mut(&seat.principal)?;
        owner.order.remove(&seat.order);
        owner.order.insert(self.next, *id);
        (seat.order, seat.used) = (self.next, now);
        self.next = self.next.wrapping_add(1);
        Some(Arc::clone(&seat.session))
    }

    fn begin(&mut self, id: Id, principal: &str, now: Instant, room: &Arc<Room>) -> Arc<Session> {
        let owner = self.owners.entry(principal.to_owned()).or_default();
        let session = Arc::new(Session::new(Arc::clone(room), Some(Arc::clone(&owner.bytes))));
        owner.order.insert(self.next, id);
        let seat = Seat {
            session: Arc::clone(&session),
            principal: principal.to_owned(),
            order: self.next,
            used: now,
            begun: now,
        };
        self.all.insert(id, seat);
        self.next = self.next.wrapping_add(1);
        session
    }

    fn end(&mut self, id: &Id, why: Why) -> Option<Arc<Session>> {
        let seat = self.all.remove(id)?;
        if let Some(owner) = self.owners.get_mut(&seat.principal) {
            owner.order.remove(&seat.order);
            if owner.order.is_empty() {
                self.owners.remove(&seat.principal);
            }
        }
        let [idle, age, sessions, bytes] = &mut self.evicted;
        let count = match why {
            Why::Idle => idle,
            Why::Age => age,
            Why::Sessions => sessions,
            Why::Bytes => bytes,
        };
        *count = count.saturating_add(1);
        Some(seat.session)
    }

    /// Whose place is taken: of the principal that has most (`asking` itself among equals) the session that was not used for
    /// longest and is used by no exchange now. If all are, only where `unused` is not asked for, one that is: its exchanges
    /// keep it to their end. There are as many principals as clients in the keys file.
    fn place_of(&self, asking: &str, has: impl Fn(&Owner) -> usize, unused: bool) -> Option<Id> {
        let greatest = self.owners.iter().max_by_key(|(name, owner)| (has(owner), name.as_str() == asking));
        let (_, greatest) = greatest.filter(|(_, owner)| has(owner) > 0)?;
        let free = |id: &&Id| self.all.get(*id).is_some_and(|seat| Arc::strong_count(&seat.session) == 1);
        let any = || greatest.order.values().next().filter(|_| !unused);
        greatest.order.values().find(free).or_else(any).copied()
    }
}

#[cfg(test)]
mod tests;
