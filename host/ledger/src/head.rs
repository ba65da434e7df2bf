//! The head of a ledger: its last record's position and MAC.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::fixed_bytes::Mac;

/// Position and MAC of a record; of the last one, when nothing else is said. Written `seq:mac`.
///
/// Whoever noted a head can later tell whether the ledger still contains that record and all before it.
/// The head of a ledger without records is `0:` and 64 zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Head {
    /// The record's position.
    pub seq: u64,
    /// Its MAC.
    pub mac: Mac,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.mac)
    }
}

/// The text is not a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a head is written SEQ:MAC, a number and 64 hexadecimal digits, such as the gate prints it")]
pub struct HeadError;

impl FromStr for Head {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let (seq, mac) = text.trim().split_once(':').ok_or(HeadError)?;
        if !seq.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(HeadError);
        }
        Ok(Self { seq: seq.parse().map_err(|_| HeadError)?, mac: mac.parse().map_err(|_| HeadError)? })
    }
}
