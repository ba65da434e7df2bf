//! What the host answers to guests, written down so that the same answers can be given again.

use std::collections::VecDeque;

use crate::contract::witgate::policy::state::{AdmissionRate, StateError};

/// What the host answered to a guest: a decision may depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostAnswer {
    /// `clock`, `get`, `set`, `add` or `take`.
    pub service: &'static str,
    /// The answer, as text: a number; `none`, `some:` and the bytes; `ok`; `ok:` and a number; `taken:` or `wait_ms:` and a
    /// number; `error:` and a name.
    pub value: Vec<u8>,
}

impl HostAnswer {
    /// An answer as the ledger keeps it; `None` for a service that is none.
    #[must_use]
    pub fn new(service: &str, value: Vec<u8>) -> Option<Self> {
        let service = ["clock", "get", "set", "add", "take"].into_iter().find(|name| *name == service)?;
        Some(Self { service, value })
    }
}

/// Answers of an earlier run of the same calls.
#[derive(Debug, Clone, Default)]
pub struct Playback {
    /// In the order in which they were given. What is asked beyond them is answered anew.
    pub answers: VecDeque<HostAnswer>,
    /// What the clock says where it is asked anew, in ms since 1970; `None`: the time it is.
    pub now_ms: Option<u64>,
}

impl Playback {
    /// The next answer, where it is one of this service.
    pub(crate) fn next<T: Answered>(&mut self, service: &str) -> Option<T> {
        let answer = self.answers.front().filter(|answer| answer.service == service)?;
        let read = T::read(&answer.value);
        self.answers.pop_front();
        read
    }
}

/// An answer that can be written down and read again.
pub(crate) trait Answered: Sized {
    fn written(&self) -> Vec<u8>;
    /// `None` for what no host wrote.
    fn read(written: &[u8]) -> Option<Self>;
}

impl Answered for u64 {
    fn written(&self) -> Vec<u8> {
        self.to_string().into_bytes()
    }

    fn read(written: &[u8]) -> Option<Self> {
        std::str::from_utf8(written).ok()?.parse().ok()
    }
}

impl Answered for Result<Option<Vec<u8>>, StateError> {
    fn written(&self) -> Vec<u8> {
        match self {
            Ok(Some(value)) => [b"some:", value.as_slice()].concat(),
            Ok(None) => b"none".to_vec(),
            Err(error) => error_written(error),
        }
    }

    fn read(written: &[u8]) -> Option<Self> {
        match written.strip_prefix(b"some:") {
            Some(value) => Some(Ok(Some(value.to_vec()))),
            None if written == b"none" => Some(Ok(None)),
            None => error_read(written).map(Err),
        }
    }
}

impl Answered for Result<(), StateError> {
    fn written(&self) -> Vec<u8> {
        match self {
            Ok(()) => b"ok".to_vec(),
            Err(error) => error_written(error),
        }
    }

    fn read(written: &[u8]) -> Option<Self> {
        if written == b"ok" { Some(Ok(())) } else { error_read(written).map(Err) }
    }
}

impl Answered for Result<i64, StateError> {
    fn written(&self) -> Vec<u8> {
        match self {
            Ok(value) => format!("ok:{value}").into_bytes(),
            Err(error) => error_written(error),
        }
    }

    fn read(written: &[u8]) -> Option<Self> {
        match number(written, "ok:") {
            Some(value) => Some(Ok(value)),
            None => error_read(written).map(Err),
        }
    }
}

impl Answered for Result<AdmissionRate, StateError> {
    fn written(&self) -> Vec<u8> {
        match self {
            Ok(AdmissionRate::Taken(left)) => format!("taken:{left}").into_bytes(),
            Ok(AdmissionRate::WaitMs(wait)) => format!("wait_ms:{wait}").into_bytes(),
            Err(error) => error_written(error),
        }
    }

    fn read(written: &[u8]) -> Option<Self> {
        let taken = number(written, "taken:").map(AdmissionRate::Taken);
        match taken.or_else(|| number(written, "wait_ms:").map(AdmissionRate::WaitMs)) {
            Some(rate) => Some(Ok(rate)),
            None => error_read(written).map(Err),
        }
    }
}

fn number<T: std::str::FromStr>(written: &[u8], prefix: &str) -> Option<T> {
    std::str::from_utf8(written).ok()?.strip_prefix(prefix)?.parse().ok()
}

fn error_written(error: &StateError) -> Vec<u8> {
    let name = match error {
        StateError::Full => "full",
        StateError::TooLarge => "too_large",
        StateError::Unavailable => "unavailable",
    };
    format!("error:{name}").into_bytes()
}

fn error_read(written: &[u8]) -> Option<StateError> {
    match written {
        b"error:full" => Some(StateError::Full),
        b"error:too_large" => Some(StateError::TooLarge),
        b"error:unavailable" => Some(StateError::Unavailable),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
