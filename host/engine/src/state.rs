//! Host-kept state: what a plugin may remember beyond one exchange.
//!
//! In memory, bounded, expiring, atomic. Keys belong to a plugin; two plugins never see each other's.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::contract::witgate::policy::state::{AdmissionRate, StateError};

/// Live keys of one plugin over all scopes. Full is an error, never an eviction.
const KEYS: usize = 10_000;
const KEY_BYTES: usize = 256;
const VALUE_BYTES: usize = 64 << 10;
/// Bytes of keys and values of one plugin over all scopes. Full is an error here, too.
const TOTAL_BYTES: usize = 16 << 20;
/// What an entry counts for beside its key and value.
const ENTRY_BYTES: usize = 128;
/// No value outlives this: one day.
const MAX_TTL_MS: u64 = 24 * 60 * 60 * 1000;

/// Whose value it is: plugin, scope with its subject (such as `tenant` and its name), key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) scope: &'static str,
    pub(crate) subject: String,
    pub(crate) key: String,
}

#[derive(Debug)]
struct Entry {
    value: Value,
    expires_ms: u64,
}

#[derive(Debug)]
enum Value {
    Bytes(Vec<u8>),
    Number(i64),
    /// Theoretical arrival time of a generic cell rate algorithm (ITU-T I.371), in ms.
    Arrival(u64),
}

/// The embedded store. Shared by all exchanges and policy generations, so that a reload loses nothing.
#[derive(Debug)]
pub struct StateStore {
    start: Instant,
    plugins: Mutex<HashMap<String, Kept>>,
}

/// What one plugin keeps.
#[derive(Debug, Default)]
struct Kept {
    entries: HashMap<Key, Entry>,
    bytes: usize,
    /// No entry expires before this: until then there is nothing to gain by looking for some that have.
    earliest_ms: u64,
}

impl Kept {
    fn get(&self, key: &Key) -> Option<&Entry> {
        self.entries.get(key)
    }

    fn get_mut(&mut self, key: &Key) -> Option<&mut Entry> {
        self.entries.get_mut(key)
    }

    fn remove(&mut self, key: &Key) -> Option<Entry> {
        let entry = self.entries.remove(key)?;
        self.bytes = self.bytes.saturating_sub(cost(key, &entry.value));
        Some(entry)
    }

    fn insert(&mut self, key: Key, entry: Entry) {
        let before = if self.entries.is_empty() { u64::MAX } else { self.earliest_ms };
        self.earliest_ms = before.min(entry.expires_ms);
        self.bytes = self.bytes.saturating_add(cost(&key, &entry.value));
        self.entries.insert(key, entry);
    }

    /// Whether one more entry of `bytes` has room, once what expired is gone.
    fn has_room(&mut self, bytes: usize, now: u64) -> bool {
        let full = |kept: &Self| kept.entries.len() >= KEYS || kept.bytes.saturating_add(bytes) > TOTAL_BYTES;
        if full(self) && self.earliest_ms <= now {
            self.entries.retain(|_, entry| entry.expires_ms > now);
            self.bytes = self.entries.iter().map(|(key, entry)| cost(key, &entry.value)).sum();
            self.earliest_ms = self.entries.values().map(|entry| entry.expires_ms).min().unwrap_or(u64::MAX);
        }
        !full(self)
    }
}

fn cost(key: &Key, value: &Value) -> usize {
    let value = match value {
        Value::Bytes(bytes) => bytes.len(),
        Value::Number(_) | Value::Arrival(_) => 0,
    };
    ENTRY_BYTES + key.subject.len() + key.key.len() + value
}

impl Default for StateStore {
    fn default() -> Self {
        Self { start: Instant::now(), plugins: Mutex::default() }
    }
}

impl StateStore {
    fn now_ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        self.plugins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, plugin: &str, key: &Key) -> Result<Option<Vec<u8>>, StateError> {
        check(key)?;
        let now = self.now_ms();
        let plugins = self.lock();
        let entry = plugins.get(plugin).and_then(|m| m.get(key)).filter(|e| e.expires_ms > now);
        Ok(entry.map(|e| match &e.value {
            Value::Bytes(bytes) => bytes.clone(),
            Value::Number(n) => n.to_string().into_bytes(),
            Value::Arrival(at) => at.to_string().into_bytes(),
        }))
    }

    pub(crate) fn set(&self, plugin: &str, key: Key, value: Vec<u8>, ttl_ms: u64) -> Result<(), StateError> {
        if value.len() > VALUE_BYTES {
            return Err(StateError::TooLarge);
        }
        let bytes = value.len();
        self.change(plugin, key, bytes, ttl_ms.min(MAX_TTL_MS), |entry, _| {
            *entry = Some(Value::Bytes(value));
        })
    }

    pub(crate) fn add(&self, plugin: &str, key: Key, by: i64, ttl_ms: u64) -> Result<i64, StateError> {
        self.change(plugin, key, 0, ttl_ms.min(MAX_TTL_MS), |entry, _| {
            let before = match entry {
                Some(Value::Number(n)) => *n,
                _ => 0,
            };
            let after = before.saturating_add(by);
            *entry = Some(Value::Number(after));
            after
        })
    }

    pub(crate) fn take(
        &self,
        plugin: &str,
        key: Key,
        cost: u32,
        burst: u32,
        per_ms: u64,
    ) -> Result<AdmissionRate, StateError> {
        let per_ms = per_ms.max(1);
        let burst_ms = u64::from(burst).saturating_mul(per_ms);
        let cost_ms = u64::from(cost).saturating_mul(per_ms);
        // Until it is full again it is kept, however long that takes.
        self.change(plugin, key, 0, burst_ms, |entry, now| {
            let arrival = match entry {
                Some(Value::Arrival(at)) => (*at).max(now),
                _ => now,
            };
            let next = arrival.saturating_add(cost_ms);
            let limit = now.saturating_add(burst_ms);
            if next > limit {
                if entry.is_none() {
                    *entry = Some(Value::Arrival(arrival));
                }
                return AdmissionRate::WaitMs(next - limit);
            }
            *entry = Some(Value::Arrival(next));
            AdmissionRate::Taken(u32::try_from((limit - next) / per_ms).unwrap_or(u32::MAX))
        })
    }

    /// Takes back what a refused exchange added, if it is still there. Nothing comes to be by it: a value that ran out
    /// in between must not return as a negative one, and one that was set to bytes is another value.
    pub(crate) fn unadd(&self, plugin: &str, key: &Key, by: i64) {
        let now = self.now_ms();
        let mut plugins = self.lock();
        if let Some(entry) = plugins.get_mut(plugin).and_then(|m| m.get_mut(key)).filter(|e| e.expires_ms > now)
            && let Value::Number(n) = &mut entry.value
        {
            *n = n.saturating_sub(by);
        }
    }

    /// Forgets everything, so that one run of a plugin under test cannot lean on another.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Takes back what a refused exchange took from a bucket.
    pub(crate) fn untake(&self, plugin: &str, key: &Key, cost: u32, per_ms: u64) {
        let mut plugins = self.lock();
        if let Some(entry) = plugins.get_mut(plugin).and_then(|m| m.get_mut(key))
            && let Value::Arrival(at) = &mut entry.value
        {
            *at = at.saturating_sub(u64::from(cost).saturating_mul(per_ms.max(1)));
        }
    }

    fn change<T>(
        &self,
        plugin: &str,
        key: Key,
        bytes: usize,
        ttl_ms: u64,
        change: impl FnOnce(&mut Option<Value>, u64) -> T,
    ) -> Result<T, StateError> {
        check(&key)?;
        let now = self.now_ms();
        let mut plugins = self.lock();
        let map = plugins.entry(plugin.to_owned()).or_default();
        let before = map.remove(&key);
        if !map.has_room(ENTRY_BYTES + key.subject.len() + key.key.len() + bytes, now) {
            // What was there stays.
            if let Some(before) = before {
                map.insert(key, before);
            }
            return Err(StateError::Full);
        }
        let mut value = before.filter(|e| e.expires_ms > now).map(|e| e.value);
        let answer = change(&mut value, now);
        if let Some(value) = value {
            let expires_ms = now.saturating_add(ttl_ms.max(1));
            map.insert(key, Entry { value, expires_ms });
        }
        Ok(answer)
    }
}

fn check(key: &Key) -> Result<(), StateError> {
    match key.key.len() {
        1..=KEY_BYTES => Ok(()),
        _ => Err(StateError::TooLarge),
    }
}

#[cfg(test)]
mod tests;
