//! Finds the end of a ledger when it is opened: the last whole record, what was torn, and which exchanges never ended.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::body::Body;
use crate::chain_state;
use crate::checkpoint::SignedCheckpoint;
use crate::checkpointer::{self, Checkpointer, Checkpoints, Signed};
use crate::directory::{self, SegmentName};
use crate::envelope::Envelope;
use crate::error::OpenError;
use crate::fixed_bytes::{Digest, KeyBytes, KeyId, LedgerId};
use crate::head::Head;
use crate::header::{Header, HeaderError};
use crate::keys::{ChainKey, PublicKey};
use crate::ledger::Unended;
use crate::options::Options;
use crate::ratchet::{Chains, Ratchet};
use crate::record::Record;
use crate::segment_reader::{Entry, Next, SegmentReader};
use crate::sha256::sha256;
use crate::storage::Storage;
use crate::thread_ids::ThreadIds;
use crate::torn;
use crate::tree::Frontier;
use crate::words::Kind;

/// Bytes that were cut because a write was interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// File name of the segment.
    pub segment: String,
    /// From where.
    pub at_offset: u64,
    /// How many, up to the last that was not zero.
    pub bytes: u64,
}

/// The segment to go on with.
#[derive(Debug)]
pub(crate) struct Last {
    pub(crate) path: PathBuf,
    /// Where in it.
    pub(crate) offset: u64,
    /// Digest of its header.
    pub(crate) header: Digest,
}

/// The end of a ledger.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) ledger: LedgerId,
    pub(crate) head: Head,
    pub(crate) last: Last,
    /// The key of that segment.
    pub(crate) ratchet: Ratchet,
    pub(crate) cut: Option<Cut>,
    /// Exchanges with an INTENT and no EXECUTION, in the order they came.
    pub(crate) open: Vec<Unended>,
    /// The tree, when checkpoints are made.
    pub(crate) signed: Option<Signed>,
}

/// For a writer that starts: which exchanges it has to end, and under which names.
struct OpenExchanges {
    by_id: HashMap<String, (u64, ThreadIds)>,
    limit: usize,
}

impl OpenExchanges {
    fn see(&mut self, envelope: &Envelope<'_>, payload: &[u8]) {
        match envelope.kind {
            Kind::Intent if self.by_id.len() < self.limit => {
                self.by_id.insert(envelope.exchange.clone().into_owned(), (envelope.seq, ids(payload)));
            }
            Kind::Execution => {
                self.by_id.remove(&*envelope.exchange);
            }
            _ => {}
        }
    }

    fn in_order(self) -> Vec<Unended> {
        let mut open: Vec<_> = self.by_id.into_iter().collect();
        open.sort_by_key(|(_, (seq, _))| *seq);
        open.into_iter().map(|(exchange, (_, ids))| Unended { exchange, ids }).collect()
    }
}

/// The names in an INTENT. Most have none, and then the rest of it need not be read.
fn ids(payload: &[u8]) -> ThreadIds {
    let field = b"attributes";
    match payload.windows(field.len()).any(|part| part == field) {
        true => {
            Record::decode(payload).map_or_else(|_| ThreadIds::default(), |record| ThreadIds::of(&record.attributes))
        }
        false => ThreadIds::default(),
    }
}

/// Finds the end of the ledger in `dir`; `None` when there is none yet. `key` is its first chain key, `kept` the one in force.
pub(crate) fn find_end(
    dir: &Path,
    key: Option<&ChainKey>,
    kept: Option<Ratchet>,
    options: &Options,
) -> Result<Option<End>, OpenError> {
    let io = |source| OpenError::Io { path: dir.to_owned(), source };
    let listing = directory::list(dir).map_err(io)?;
    if let Some(name) = listing.misnamed {
        return Err(OpenError::Unsafe {
            path: dir.join(name),
            what: "it looks like a segment and is not named like one; move it away",
        });
    }
    for path in &listing.temporary {
        options.storage.remove(path).map_err(|source| OpenError::Io { path: path.clone(), source })?;
    }
    let segments = &listing.segments;
    if segments.is_empty() {
        let emptied =
            |name| Err(OpenError::Cut { dir: dir.to_owned(), what: format!("there is no segment, but `{name}` is") });
        return chain_state::has_traces(dir).map_or(Ok(None), emptied);
    }
    if let Some(last) = segments.last().filter(|last| last.packed) {
        let what = format!("{} is a finished segment, and the one that was being written is gone", last.name);
        return Err(OpenError::Cut { dir: dir.to_owned(), what });
    }
    let kept_step = kept.as_ref().map_or(0, |kept| kept.step);
    let mut recovery = Recovery {
        dir: dir.to_owned(),
        storage: Arc::clone(&options.storage),
        chains: chains(dir, key, kept)?,
        open: OpenExchanges { by_id: HashMap::new(), limit: options.recovery_exchanges },
        tree: None,
        published: None,
    };
    let mut from = segments.len().saturating_sub(options.recovery_segments);
    let mut tree_from = usize::MAX;
    if options.checkpoints.is_some() {
        tree_from = recovery.with_tree(segments)?;
        from = from.min(tree_from);
        recovery.published = published(dir)?;
    }
    let mut end: Option<End> = None;
    for (index, name) in segments.iter().enumerate().skip(from) {
        if index == tree_from {
            recovery.tree = Some(Signed::default());
        }
        end = Some(recovery.segment(name, end.as_ref(), index + 1 == segments.len())?);
    }
    let Some(end) = end else { return Ok(None) };
    let cut = |what| OpenError::Cut { dir: dir.to_owned(), what };
    if end.ratchet.step < kept_step {
        return Err(cut(format!("the key in force is that of a later segment than {}", end.last.path.display())));
    }
    if let Some(published) = recovery.published.as_ref().map(|signed| signed.checkpoint)
        && published.ledger == end.ledger
        && published.size > end.head.seq
        && is_ours(options, recovery.published.as_ref())
    {
        return Err(cut(format!(
            "the file `checkpoint` covers {} records, {} are there",
            published.size, end.head.seq
        )));
    }
    if let Some(tree) = &recovery.tree
        && tree.tree.size() != end.head.seq
    {
        return Err(cut("the tree over its records cannot be built".to_owned()));
    }
    let signed = recovery.tree.map(|tree| Signed { published: recovery.published, ..tree });
    Ok(Some(End { open: recovery.open.in_order(), signed, ..end }))
}

fn open(storage: &dyn Storage, name: &SegmentName) -> Result<SegmentReader, OpenError> {
    let file = storage.reading(&name.path, directory::open_checked(&name.path)?);
    Ok(if name.packed { SegmentReader::packed(file) } else { SegmentReader::new(file) })
}

/// Whether a published checkpoint was signed with a key that the writer was given.
fn is_ours(options: &Options, published: Option<&SignedCheckpoint>) -> bool {
    let (Some(settings), Some(published)) = (&options.checkpoints, published) else { return false };
    [Some(&settings.key), settings.previous.as_ref()]
        .into_iter()
        .flatten()
        .any(|key| published.is_signed(&key.public()))
}

/// The keys of segments: from the first one where it was given, else from the one in force.
fn chains(dir: &Path, key: Option<&ChainKey>, kept: Option<Ratchet>) -> Result<Chains, OpenError> {
    match (key, kept) {
        (Some(key), kept) => {
            let mut chains = Chains::new(Ratchet::first(key));
            if let Some(kept) = kept {
                let found = kept.key.id();
                let given = chains.at(kept.step).map_or(key.id(), |chain| chain.key_id);
                if found != given {
                    return Err(OpenError::WrongKey { segment: chain_state::NAME.to_owned(), found, given: key.id() });
                }
            }
            Ok(chains)
        }
        (None, Some(kept)) => Ok(Chains::new(kept)),
        (None, None) => Err(OpenError::NoKey { dir: dir.to_owned() }),
    }
}

/// The file `checkpoint`; `None` when there is none that makes sense: it is only ever a hint, and a later one replaces it. One that
/// cannot be read may say that the ledger was cut.
fn published(dir: &Path) -> Result<Option<SignedCheckpoint>, OpenError> {
    let path = dir.join(checkpointer::FILE);
    let found = SignedCheckpoint::read(&path).map_err(|source| OpenError::Io { path, source })?;
    Ok(found.and_then(Result::ok))
}

/// What keeps the tree from here on; and what is published already, when that is all there is.
pub(crate) fn checkpointer(
    dir: &Path,
    settings: Checkpoints,
    ledger: LedgerId,
    signed: Signed,
) -> Result<(Checkpointer, Option<Arc<str>>), OpenError> {
    let given = KeyBytes(settings.key.public().to_bytes());
    if let Some(found) = signed.keys.last().filter(|last| **last != given) {
        let previous = settings.previous.as_ref().is_some_and(|previous| previous.public().to_bytes() == found.0);
        if !previous {
            let found = PublicKey::from_bytes(&found.0).map_or(KeyId::default(), |key| key.id());
            return Err(OpenError::SigningKey { dir: dir.to_owned(), found, given: settings.key.id() });
        }
        if signed.keys.len() >= checkpointer::MAX_KEYS {
            return Err(OpenError::Options { what: "a ledger has at most 64 keys in its life; start a new one" });
        }
    }
    let newest = signed.published.as_ref().filter(|published| {
        let stated = published.checkpoint;
        let all = stated.ledger == ledger && stated.size == signed.tree.size() && stated.root == signed.tree.root();
        all && published.is_signed(&settings.key.public())
    });
    let note: Option<Arc<str>> = newest.map(|published| published.to_string().into());
    let covered = newest.map_or(0, |published| published.checkpoint.size);
    Ok((Checkpointer::new(settings, ledger, signed, covered), note))
}

struct Recovery {
    dir: PathBuf,
    storage: Arc<dyn Storage>,
    chains: Chains,
    open: OpenExchanges,
    /// Kept from the segment on that says how it looks.
    tree: Option<Signed>,
    published: Option<SignedCheckpoint>,
}

impl Recovery {
    /// The last segment that begins with a whole CHECKPOINT record, and so says how the tree looks there; else the first.
    fn with_tree(&mut self, segments: &[SegmentName]) -> Result<usize, OpenError> {
        for (index, name) in segments.iter().enumerate().rev() {
            let io = |source| OpenError::Io { path: name.path.clone(), source };
            let mut reader = open(&*self.storage, name)?;
            let header = reader.header().map_err(io)?.and_then(|bytes| Header::decode(&bytes).ok());
            // What is wrong with it is told when it is read.
            let Some(header) = header else { return Ok(index) };
            let chain = self.chains.at(header.step).cloned();
            if let Next::Entry(entry) = reader.next().map_err(io)?
                && chain.is_none_or(|chain| entry.fits(&chain, &header.previous))
                && Envelope::decode(entry.payload).is_ok_and(|envelope| envelope.kind == Kind::Checkpoint)
            {
                return Ok(index);
            }
        }
        Ok(0)
    }

    fn segment(&mut self, name: &SegmentName, before: Option<&End>, last: bool) -> Result<End, OpenError> {
        let io = |source| OpenError::Io { path: name.path.clone(), source };
        let corrupt = |offset, seq, what: &str| OpenError::Corrupt {
            segment: name.name.clone(),
            offset,
            seq,
            what: what.to_owned(),
        };
        let mut reader = open(&*self.storage, name)?;
        let bytes = reader.header().map_err(io)?;
        let bytes = bytes.ok_or_else(|| corrupt(0, name.first_seq, "the file is shorter than a header"))?;
        let refused = |error| match error {
            HeaderError::WrongKey { found, given } => OpenError::WrongKey { segment: name.name.clone(), found, given },
            HeaderError::Version(version) => OpenError::Version { segment: name.name.clone(), version },
            HeaderError::NotALedger | HeaderError::Mac => corrupt(0, name.first_seq, &error.to_string()),
        };
        let header = Header::decode(&bytes).map_err(refused)?;
        let chain = self.chains.at(header.step).cloned();
        if let Some(chain) = &chain {
            header.check(&bytes, chain).map_err(refused)?;
        } else if last {
            return Err(OpenError::WrongKey {
                segment: name.name.clone(),
                found: header.key,
                given: self.chains.first_id(),
            });
        }
        if header.first_seq != name.first_seq || header.first_seq == 0 {
            return Err(corrupt(0, name.first_seq, "the file's name and its header disagree"));
        }
        let header_digest = Digest(sha256(&[&bytes]));
        let mut head = Head { seq: header.first_seq - 1, mac: header.previous };
        if before.is_some_and(|end| {
            let step = end.ratchet.step;
            end.head != head || end.ledger != header.ledger || !(step..=step.saturating_add(1)).contains(&header.step)
        }) {
            return Err(corrupt(0, name.first_seq, "it does not follow the segment before it"));
        }
        // To check a finished segment is `verify`'s part; but what goes into the tree is signed again, and must be what was written.
        if chain.is_none() && self.tree.is_some() {
            let what = format!(
                "no segment behind {} begins with a whole CHECKPOINT record, and the key in force is a later one, which cannot \
                 check what would be signed again; start once with the first key (`ledger.hmac_key_file`)",
                name.name
            );
            return Err(OpenError::Cut { dir: self.dir.clone(), what });
        }
        let checked = chain.as_ref().filter(|_| last || self.tree.is_some());
        reader.look_ahead(checked.cloned(), self.tree.is_some());
        loop {
            let offset = reader.offset();
            let seq = head.seq.saturating_add(1);
            let entry = match reader.next().map_err(io)? {
                Next::Entry(entry) if checked.is_none_or(|chain| entry.fits(chain, &head.mac)) => Some(entry),
                Next::Entry(_) | Next::End | Next::BadLength(_) | Next::Truncated | Next::Damaged => None,
            };
            if let Some(entry) = entry {
                let envelope =
                    Envelope::decode(entry.payload).map_err(|error| corrupt(offset, seq, &error.to_string()))?;
                if envelope.seq != seq {
                    return Err(corrupt(offset, seq, "the record has another position"));
                }
                self.open.see(&envelope, entry.payload);
                if let Some(tree) = &mut self.tree {
                    grow(tree, &entry, &envelope, header.ledger).map_err(|what| corrupt(offset, seq, what))?;
                    tree.segment = Some(header_digest);
                    let published = self.published.as_ref().map(|signed| signed.checkpoint);
                    if let Some(published) = published
                        && (published.ledger, published.size) == (header.ledger, tree.tree.size())
                        && published.root != tree.tree.root()
                    {
                        return Err(corrupt(
                            offset,
                            seq,
                            "the records up to here are not those of the file `checkpoint`",
                        ));
                    }
                }
                head = Head { seq, mac: entry.mac };
                continue;
            }
            reader.seek(offset);
            let cut = match reader.remains().map_err(io)? {
                None => None,
                Some((_, end)) => match &chain {
                    Some(chain)
                        if last && !torn::was_durable(&mut reader, chain, offset, seq, &head.mac).map_err(io)? =>
                    {
                        Some(Cut { segment: name.name.clone(), at_offset: offset, bytes: end.saturating_sub(offset) })
                    }
                    _ if last => {
                        return Err(corrupt(offset, seq, "a record does not fit the chain, and later ones do"));
                    }
                    _ => return Err(corrupt(offset, seq, "a record does not fit the chain")),
                },
            };
            return Ok(End {
                ledger: header.ledger,
                head,
                last: Last { path: name.path.clone(), offset, header: header_digest },
                ratchet: self.chains.current(header.step),
                cut,
                open: Vec::new(),
                signed: None,
            });
        }
    }
}

/// Adds an entry to the tree. One that says how the tree looks before it is checked against that, or is where it begins.
fn grow(signed: &mut Signed, entry: &Entry<'_>, envelope: &Envelope<'_>, ledger: LedgerId) -> Result<(), &'static str> {
    if envelope.kind == Kind::Checkpoint {
        let Ok(Body::Checkpoint(record)) = Record::decode(entry.payload).map(|record| record.body) else {
            return Err("the CHECKPOINT record cannot be read");
        };
        let size = envelope.seq.saturating_sub(1);
        if signed.tree.size() == 0 {
            signed.tree = Frontier::from_parts(size, record.tree).ok_or("the tree it tells has another size")?;
        }
        let note: SignedCheckpoint = record.note.parse().map_err(|_| "its note is not a checkpoint")?;
        let stated = note.checkpoint;
        if (stated.ledger, stated.size, stated.root) != (ledger, size, signed.tree.root()) {
            return Err("its checkpoint is not one of the records before it");
        }
        let signer = record.keys.last().and_then(|key| PublicKey::from_bytes(&key.0).ok());
        if !signer.is_some_and(|key| note.is_signed(&key)) {
            return Err("its checkpoint is not signed by the key it names");
        }
        signed.keys = record.keys;
    } else if signed.tree.size() != envelope.seq.saturating_sub(1) {
        return Err("the records that the tree begins with are missing");
    }
    signed.tree.push(entry.leaf());
    Ok(())
}

#[cfg(test)]
mod tests;
