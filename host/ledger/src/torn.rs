//! Tells an interrupted write from a changed record.
//!
//! Where the last segment stops making sense, two things may have happened. A crash may have torn what was not yet on
//! disk, in any order of pages: then nothing that was acknowledged is touched and the rest may be cut. Or somebody changed
//! a record that had long been written. Every entry says which records were on disk for certain when it was
//! written, so the two can be told apart: a whole entry further on that counts the broken one among those is proof of a change.

use std::io;

use crate::chain::{Chain, FRAME_HEAD, FRAME_OVERHEAD, MAC_LEN};
use crate::fixed_bytes::Mac;
use crate::record::{MAX_PAYLOAD, looks_like_payload};
use crate::segment_reader::{Entry, Next, SegmentReader, split};

/// How much is searched at once.
const CHUNK: usize = 1 << 20;
/// How many places that look like an entry are tried; far more than a batch of real ones.
const MAX_TRIES: usize = 1 << 20;

/// Whether a later entry proves that record `seq`, broken at `offset`, had been on disk.
pub(crate) fn was_durable(
    reader: &mut SegmentReader,
    chain: &Chain,
    offset: u64,
    seq: u64,
    previous: &Mac,
) -> io::Result<bool> {
    // The broken entry's own MAC may be what was changed: then the next entry fits the MAC it should have.
    reader.seek(offset);
    let after = match reader.next()? {
        Next::Entry(entry) => Some((entry.end(), chain.entry_mac(previous, &entry.hash()))),
        Next::End | Next::BadLength(_) | Next::Truncated | Next::Damaged => None,
    };
    if let Some((end, mac)) = after {
        reader.seek(end);
        if let Next::Entry(entry) = reader.next()?
            && entry.fits(chain, &mac)
            && entry.synced() >= seq
        {
            return Ok(true);
        }
    }
    search(reader, chain, offset, seq)
}

/// Looks for any entry that fits the MAC in front of it.
fn search(reader: &mut SegmentReader, chain: &Chain, offset: u64, seq: u64) -> io::Result<bool> {
    /// From where an entry begins to where its payload can be recognised.
    const SIGHT: usize = FRAME_HEAD + 3;
    let mut chunk = vec![0; CHUNK];
    // An entry needs a MAC in front of it, so it begins at least that far in.
    let mut at = offset.saturating_add(MAC_LEN as u64);
    let mut tries = 0;
    loop {
        let read = reader.fill(&mut chunk, at)?;
        let bytes = chunk.get(..read).unwrap_or_default();
        if read < SIGHT {
            return Ok(false);
        }
        for (index, sight) in bytes.windows(SIGHT).enumerate() {
            if !sight.get(FRAME_HEAD..).is_some_and(looks_like_payload) {
                continue;
            }
            tries += 1;
            if tries > MAX_TRIES {
                return Ok(false);
            }
            let place = at + index as u64;
            if let Some(bytes) = candidate(reader, place, sight)?
                && let Some((before, entry)) = bytes.split_first_chunk::<MAC_LEN>()
                && let Some(entry) = split(entry, place)
                && proves(&entry, chain, &Mac(*before), seq)
            {
                return Ok(true);
            }
        }
        at += (read - SIGHT + 1) as u64;
    }
}

fn proves(entry: &Entry<'_>, chain: &Chain, previous: &Mac, seq: u64) -> bool {
    entry.synced() >= seq && entry.fits(chain, previous)
}

/// The bytes of what may be an entry at `place`, with the MAC in front of it.
fn candidate(reader: &mut SegmentReader, place: u64, sight: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let Some(length) = sight.first_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes)) else {
        return Ok(None);
    };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length == 0 || length > MAX_PAYLOAD {
        return Ok(None);
    }
    let mut bytes = vec![0; MAC_LEN + length + FRAME_OVERHEAD];
    let read = reader.fill(&mut bytes, place - MAC_LEN as u64)?;
    Ok((read == bytes.len()).then_some(bytes))
}
