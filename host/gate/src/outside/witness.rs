//! A witness over HTTP (c2sp.org/tlog-witness): it gets each newest checkpoint with the proof that the ledger goes on from the
//! one it saw before, and cosigns it.

use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::StatusCode;
use witgate_ledger::{Ask, Asking, Digest, WitnessKey, consistency, witnessed};

use super::post::{Answer, Post, Question};
use crate::config::Cosigner;

/// The kind of an answer that says which size the witness saw last.
const SIZE: &str = "text/x.tlog.size";
/// The witness may know another size than the gate: it says which, and is asked once more.
const TRIES: u32 = 3;

#[derive(Debug)]
pub(super) struct Witness {
    post: Post,
    key: WitnessKey,
    /// The size that it cosigned last, as far as the gate knows.
    seen: Mutex<Option<u64>>,
}

impl Witness {
    pub(super) fn new(said: &Cosigner) -> anyhow::Result<Self> {
        Ok(Self { post: Post::new(&said.service)?, key: said.key.clone(), seen: Mutex::default() })
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Option<u64>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ask for Witness {
    fn ask(&self, asking: &Asking<'_>) -> Result<Vec<u8>, String> {
        let stated = asking.signed.checkpoint;
        let kept = || {
            let kept = witnessed(asking.ledger).filter(|kept| kept.checkpoint.ledger == stated.ledger);
            kept.filter(|kept| kept.cosigned(&self.key).is_some()).map(|kept| kept.checkpoint.size)
        };
        let known = *self.seen();
        let mut old = known.or_else(kept).filter(|old| *old <= stated.size).unwrap_or(0);
        for _ in 0..TRIES {
            let proof = consistency(asking.ledger, old, asking.signed).map_err(|error| error.to_string())?;
            let question = Question {
                path: "/add-checkpoint",
                kind: "text/plain; charset=utf-8",
                accepts: "text/plain, text/x.tlog.size",
                body: body(old, &proof, &asking.signed.to_string()),
            };
            let answer = self.post.ask(question, asking)?;
            if answer.status == StatusCode::OK {
                let lines =
                    std::str::from_utf8(&answer.body).map_err(|error| format!("the answer is no text: {error}"))?;
                let cosigned = asking.signed.with_cosignature(lines, &self.key).map_err(|error| error.to_string())?;
                *self.seen() = Some(stated.size);
                return Ok(cosigned.to_string().into_bytes());
            }
            old = other_size(&answer, old, stated.size).map_err(|why| why.unwrap_or_else(|| refused(&answer)))?;
        }
        Err("it says of itself another size each time; is another gate writing the same ledger?".to_owned())
    }
}

/// The request's body: the old size, the proof, an empty line, the checkpoint.
fn body(old: u64, proof: &[Digest], note: &str) -> Vec<u8> {
    let mut body = format!("old {old}\n");
    for hash in proof {
        body.push_str(&STANDARD.encode(hash.0));
        body.push('\n');
    }
    body.push('\n');
    body.push_str(note);
    body.into_bytes()
}

/// The size that the witness saw last, where that is why it refused.
fn other_size(answer: &Answer, old: u64, size: u64) -> Result<u64, Option<String>> {
    if answer.status != StatusCode::CONFLICT || answer.kind != SIZE {
        return Err(None);
    }
    let text = std::str::from_utf8(&answer.body).unwrap_or_default();
    match text.strip_suffix('\n').unwrap_or(text).parse::<u64>() {
        Ok(seen) if seen > size => Err(Some(format!(
            "it cosigned {seen} records of this ledger, which has {size}: records were cut, or another copy of the ledger goes on"
        ))),
        Ok(seen) if seen != old => Ok(seen),
        _ => Err(None),
    }
}

/// Why it did not cosign, as far as its status says.
fn refused(answer: &Answer) -> String {
    let why = match answer.status.as_u16() {
        403 => {
            "it trusts no key that signed the checkpoint: give its operator the ledger's key, as `witgate audit verify` prints it"
        }
        404 => "it does not know this ledger: give its operator the ledger's key, as `witgate audit verify` prints it",
        409 => "it saw another checkpoint of this size: the ledger was written anew, or this is a copy that went on",
        422 => "the ledger does not go on from what it saw: records were changed, or this is a copy that went on",
        _ => return format!("it did not cosign: {}", answer.told()),
    };
    format!("{why} ({})", answer.told())
}

#[cfg(test)]
mod tests;
