//! What a request was made from, as its client declares it: earlier exchanges, each found in this gate's own ledger before anything
//! leaves, and the labels that come with them.
//!
//! Whatever is not as declared refuses the request. Of a record that is not the caller's own, nothing is told but that the caller
//! has no such record.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use hyper::header::HeaderMap;
use sfv::{BareItem, Item, List, ListEntry, Parser};
use witgate_ledger::{Digest, Earlier, End, Inherited, ReadError, Reference, Referenced, Use};
use witgate_policy::engine::{AttributedLabel, Claim};

use crate::gate::Gate;
use crate::record;
use crate::refusal::Refusal;

/// The header: a list (RFC 9651) of `"DIGEST";at=POSITION;use=governance|execution`.
const HEADER: &str = "x-witgate-references";
/// Members of it.
const MOST: usize = 16;
/// Bytes of it, all its lines together.
const BYTES: usize = 4096;
/// The end of an exchange is written right behind the last byte of its answer; a client may be faster. So often it is looked for
/// again, after 2 ms, 4, 8 …
const LOOKS: u32 = 9;

/// What a request was made from.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Made {
    /// The exchanges, as they were found.
    pub(super) references: Vec<Reference>,
    /// What their labels say, those that count.
    pub(super) inherited: Vec<Inherited>,
}

impl Made {
    /// The labels, as policies see them.
    pub(super) fn labels(&self) -> Vec<AttributedLabel> {
        let label = |Inherited { source, key, value }: Inherited| AttributedLabel { source, key, value };
        self.inherited.iter().cloned().map(label).collect()
    }
}

/// One member.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Declared {
    digest: Digest,
    seq: u64,
    used: Use,
}

/// Reads the header, and finds every exchange it names.
///
/// # Errors
/// The refusal, where anything is not as declared.
pub(super) async fn resolve(gate: &Arc<Gate>, headers: &HeaderMap, caller: &Claim) -> Result<Made, Refusal> {
    let mut made = Made::default();
    for (index, declared) in declared(headers)?.into_iter().enumerate() {
        let number = index + 1;
        let refuse = |code: &str, what: &str| refusal(code, format!("member {number}: {what}"));
        let Declared { digest, seq, used } = declared;
        let mut earlier = found(gate, digest, seq, caller).await?.map_err(|(code, what)| refuse(code, what))?;
        let exchange = earlier.exchange.clone();
        if used == Use::Governance {
            earlier = ended(gate, earlier).await?.map_err(|(code, what)| {
                let refusal = refuse(code, what);
                if code == OPEN { Refusal { status: StatusCode::CONFLICT, ..refusal.retry_after(1) } } else { refusal }
            })?;
            if !earlier.add_labels(&mut made.inherited) {
                let what = "it brings more labels than an exchange may inherit; name fewer exchanges";
                return Err(refuse("reference_labels", what));
            }
        }
        made.references.push(Reference { seq, digest, exchange, used });
    }
    Ok(made)
}

/// A code, and what is wrong.
type Wrong = (&'static str, &'static str);

const OPEN: &str = "reference_open";

/// The exchange whose admission DECISION stands at `seq` with that digest, where it is the caller's own.
async fn found(
    gate: &Arc<Gate>,
    digest: Digest,
    seq: u64,
    caller: &Claim,
) -> Result<Result<Box<Earlier>, Wrong>, Refusal> {
    const UNKNOWN: Wrong = ("reference_unknown", "you have no record at that position of this gate's ledger");
    // Its digest is told to nobody before it is on disk.
    if seq > gate.ledger.head().seq {
        return Ok(Err(UNKNOWN));
    }
    let read = read(gate, move |directory| Referenced::at(&directory, seq)).await?;
    Ok(match read {
        Referenced::Admission(earlier) => {
            let own = earlier.intent.principal == record::claim(caller) && earlier.intent.tenant == gate.config.tenant;
            match own {
                true if earlier.digest == digest => Ok(earlier),
                true => Err(("reference_mismatch", "your record at that position has another digest")),
                false => Err(UNKNOWN),
            }
        }
        // Whoever knows its digest has seen it.
        Referenced::Other(is) if is == digest => {
            Err(("reference_kind", "only an admission DECISION can be named, as `X-Witgate-Record` of an answer does"))
        }
        Referenced::Other(_) | Referenced::Missing => Err(UNKNOWN),
        Referenced::LetGo => {
            Err(("reference_let_go", "records up to there were let go by the operator's rule (`ledger.retention`)"))
        }
    })
}

/// Reads on to the end of an exchange: only then all that was decided of its answer is there.
async fn ended(gate: &Arc<Gate>, mut earlier: Box<Earlier>) -> Result<Result<Box<Earlier>, Wrong>, Refusal> {
    for look in 0..=LOOKS {
        let (at, end) = read(gate, move |_| {
            let end = earlier.end()?;
            Ok((earlier, end))
        })
        .await?;
        earlier = at;
        match end {
            End::Recorded => return Ok(Ok(earlier)),
            End::Lost => {
                return Ok(Err((
                    "reference_lost",
                    "the gate was killed in that exchange, so not all of it was recorded",
                )));
            }
            End::TooFar => {
                return Ok(Err(("reference_too_far", "that exchange ended too many records behind its beginning")));
            }
            End::Open if look < LOOKS => tokio::time::sleep(Duration::from_millis(2 << look)).await,
            End::Open => {}
        }
    }
    Ok(Err((OPEN, "that exchange has not ended yet; try again when it has")))
}

/// Reads the ledger where it may block.
async fn read<T: Send + 'static>(
    gate: &Arc<Gate>,
    read: impl FnOnce(PathBuf) -> Result<T, ReadError> + Send + 'static,
) -> Result<T, Refusal> {
    let unavailable = |code: &str| {
        let message = "The gate's ledger cannot be read, so what the request refers to cannot be found.";
        Refusal::unavailable(StatusCode::SERVICE_UNAVAILABLE, "ledger_unavailable", code, message).retry_after(1)
    };
    let Ok(_permit) = gate.readings.acquire().await else { return Err(unavailable("ledger_closed")) };
    let directory = gate.config.ledger.directory.clone();
    match tokio::task::spawn_blocking(move || read(directory)).await {
        Ok(Ok(read)) => Ok(read),
        Ok(Err(error)) => {
            tracing::error!(code = error.code(), "a reference cannot be looked up: {error}");
            Err(unavailable(error.code()))
        }
        Err(_) => Err(unavailable("internal")),
    }
}

fn refusal(code: &str, what: impl std::fmt::Display) -> Refusal {
    Refusal::invalid(StatusCode::BAD_REQUEST, code, format!("X-Witgate-References, {what}."))
}

/// The members of the header, in order; none where it is not there.
fn declared(headers: &HeaderMap) -> Result<Vec<Declared>, Refusal> {
    let lines: Vec<&[u8]> = headers.get_all(HEADER).iter().map(|value| value.as_bytes()).collect();
    if lines.is_empty() {
        return Ok(vec![]);
    }
    // Several lines of a list are one list (RFC 9110, section 5.3).
    let text = lines.join(b", ".as_slice());
    let most = || refusal("references_too_many", format!("at most {MOST} members, {BYTES} bytes together"));
    if text.len() > BYTES {
        return Err(most());
    }
    let malformed = |what: String| {
        let form = "each is \"DIGEST\";at=POSITION;use=governance, or use=execution, as RFC 9651 writes a list";
        refusal("references_malformed", format!("{what}; {form}"))
    };
    let list: List = Parser::new(&text).parse().map_err(|error| malformed(error.to_string()))?;
    if list.is_empty() {
        return Err(malformed("no members".into()));
    }
    if list.len() > MOST {
        return Err(most());
    }
    let mut declared: Vec<Declared> = Vec::with_capacity(list.len());
    for (index, entry) in list.iter().enumerate() {
        let one = member(entry).map_err(|what| malformed(format!("member {}: {what}", index + 1)))?;
        if declared.iter().any(|other| other.seq == one.seq) {
            return Err(malformed(format!("member {}: a record is named twice", index + 1)));
        }
        declared.push(one);
    }
    Ok(declared)
}

fn member(entry: &ListEntry) -> Result<Declared, &'static str> {
    let ListEntry::Item(Item { bare_item: BareItem::String(digest), params }) = entry else {
        return Err("it is no string");
    };
    let digest = digest.as_str().parse().map_err(|_| "the digest is not 64 hexadecimal digits")?;
    if params.len() != 2 {
        return Err("the parameters are `at` and `use`");
    }
    let (Some(at), Some(used)) = (params.get("at"), params.get("use")) else {
        return Err("the parameters are `at` and `use`");
    };
    let at = match at {
        BareItem::Integer(at) => u64::try_from(i64::from(*at)).ok().filter(|at| *at > 0),
        _ => None,
    };
    let used = match used {
        BareItem::Token(used) => Use::from(used.as_str()),
        _ => Use::Other(String::new()),
    };
    match (at, used) {
        (None, _) => Err("`at` is a position, from 1 on"),
        (_, Use::Other(_)) => Err("`use` is `governance` or `execution`"),
        (Some(seq), used) => Ok(Declared { digest, seq, used }),
    }
}

#[cfg(test)]
mod tests;
