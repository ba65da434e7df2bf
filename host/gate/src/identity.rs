//! Who asks: from the caller's key or certificate where there is one, else from the caller's word, which is recorded as such.

use std::collections::HashMap;
use std::path::Path;

use hyper::header::{AUTHORIZATION, HeaderMap};
use sha2::{Digest as _, Sha256};
use witgate_ledger::ThreadIds;
use witgate_policy::engine::Claim;

use crate::exchange::forward::API_KEY;
use crate::tls::Peer;

/// The headers in which callers state things. Names as in earlier systems, so that their clients keep working.
const OWNER: &str = "x-commit-owner";
const CLEARANCE: &str = "x-caller-clearance";
const CLASSIFICATION: &str = "x-classification";
const INTENT: &str = "x-intent";
/// Which of its sessions a client's exchange belongs to.
const SESSION: &str = "x-witgate-session";
/// How a client says what its exchange belongs to, in the order of [`ThreadIds::NAMES`].
const THREAD: [&str; 4] =
    ["x-witgate-thread-id", "x-witgate-turn-id", "x-witgate-parent-turn-id", "x-witgate-correlation-id"];
/// Bytes of one stated value; a longer one is not taken.
const VALUE_BYTES: usize = 256;

/// A known client.
#[derive(Debug, Clone)]
struct Client {
    name: String,
    clearance: Option<String>,
    owner: Option<String>,
}

/// In place of a hash: the client shows a certificate with its name.
const CERTIFICATE: &str = "certificate";

/// The clients that may call.
#[derive(Debug)]
pub(crate) struct KnownClients {
    /// By the sha256 of their key.
    keys: HashMap<String, Client>,
    /// By the name in their certificate; `None`: whoever has a certificate.
    certificates: Option<HashMap<String, Client>>,
}

impl KnownClients {
    /// Whoever shows a certificate, under the name in it.
    pub(crate) fn by_certificate() -> Self {
        Self { keys: HashMap::new(), certificates: None }
    }

    /// Reads a keys file: `NAME SHA256HEX [clearance=..] [owner=..]`, one client a line, `#` begins a comment. With the word
    /// `certificate` in place of the hash the client shows a certificate with that name.
    ///
    /// # Errors
    /// The file cannot be read, or a line is none of these; the line is named.
    pub(crate) fn load(path: &Path) -> anyhow::Result<Self> {
        let (mut keys, mut certificates) = (HashMap::new(), HashMap::new());
        for (number, line) in std::fs::read_to_string(path)?.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let wrong = |what: &str| {
                let form =
                    "write NAME SHA256HEX [clearance=..] [owner=..], or NAME certificate for one with a certificate";
                anyhow::anyhow!("line {}: {what}; {form}", number + 1)
            };
            let mut words = line.split_whitespace();
            let (Some(name), Some(hash)) = (words.next(), words.next()) else {
                return Err(wrong("a name and a hash are needed"));
            };
            if hash != CERTIFICATE && (hash.len() != 64 || !hash.bytes().all(|b| b.is_ascii_hexdigit())) {
                return Err(wrong("the hash is not 64 hexadecimal digits, the sha256 of the client's key"));
            }
            let mut client = Client { name: name.to_owned(), clearance: None, owner: None };
            for word in words {
                match word.split_once('=') {
                    Some(("clearance", value)) => client.clearance = Some(value.to_owned()),
                    Some(("owner", value)) => client.owner = Some(value.to_owned()),
                    _ => return Err(wrong("only clearance= and owner= may follow")),
                }
            }
            let before = match hash {
                CERTIFICATE => certificates.insert(name.to_owned(), client),
                _ => keys.insert(hash.to_ascii_lowercase(), client),
            };
            if before.is_some() {
                return Err(wrong(match hash {
                    CERTIFICATE => "there is a line for a certificate of this name already",
                    _ => "this key is another client's already",
                }));
            }
        }
        Ok(Self { keys, certificates: Some(certificates) })
    }

    /// The client of a request: of its key, which tells callers of one connection apart, else of the connection's certificate.
    fn of(&self, headers: &HeaderMap, peer: Option<&Peer>) -> Result<Client, NotTaken> {
        if let Some(client) = self.find(headers) {
            return Ok(client.clone());
        }
        let Some(peer) = peer else { return Err(NotTaken::UnknownKey) };
        let name = peer.name.as_deref().ok_or(NotTaken::NamelessCertificate)?;
        match &self.certificates {
            None => Ok(Client { name: name.to_owned(), clearance: None, owner: None }),
            Some(known) => known.get(name).cloned().ok_or(NotTaken::UnknownCertificate),
        }
    }

    fn find(&self, headers: &HeaderMap) -> Option<&Client> {
        let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let bearer = bearer.and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")));
        let key = bearer.or_else(|| headers.get(API_KEY)?.to_str().ok())?.trim();
        // Looked up by hash: no comparison of secrets whose time could tell.
        let hash = Sha256::digest(key.as_bytes());
        let hex: String = hash.iter().map(|b| format!("{b:02x}")).collect();
        self.keys.get(&hex)
    }
}

/// The caller, as far as it is known.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) principal: Claim,
    pub(crate) owner: Option<Claim>,
    pub(crate) clearance: Option<Claim>,
    pub(crate) classification: Option<Claim>,
    pub(crate) intent: Option<Claim>,
    /// The name the caller gives to exchanges that belong together. Another caller's of that name is another session.
    pub(crate) session: Option<String>,
    /// What the exchange belongs to, as the caller says. It is recorded, and goes nowhere else.
    pub(crate) ids: ThreadIds,
}

/// Why a caller is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// Clients are configured, the key is none of theirs, and no certificate was shown.
    UnknownKey,
    /// The certificate has no name of the kind that counts, or several.
    NamelessCertificate,
    /// Clients are configured, and the certificate's name is none of theirs.
    UnknownCertificate,
    /// A header that states something is there twice, empty, too long or no plain text.
    Header(&'static str),
    /// One of the headers that say what an exchange belongs to is there twice, empty, too long or not visible ASCII.
    Id(&'static str),
}

/// Who is calling: as a key in the headers or the connection's certificate proves, or as the headers say.
///
/// # Errors
/// [`NotTaken`], when that is not known or not clear.
pub(crate) fn caller(
    clients: Option<&KnownClients>,
    headers: &HeaderMap,
    peer: Option<&Peer>,
) -> Result<Caller, NotTaken> {
    let proven = |value: &String| Claim { value: value.clone(), proven: true };
    let client = clients.map(|clients| clients.of(headers, peer)).transpose()?;
    let stated = |name| stated(headers, name);
    let (classification, intent) = (stated(CLASSIFICATION)?, stated(INTENT)?);
    let (owner, clearance) = (stated(OWNER)?, stated(CLEARANCE)?);
    let (session, ids) = (session(headers)?, thread_ids(headers)?);
    Ok(match client {
        None => Caller {
            principal: Claim { value: "anonymous".into(), proven: false },
            owner,
            clearance,
            classification,
            intent,
            session,
            ids,
        },
        // What the operator wrote beside a name cannot be raised by a header.
        Some(client) => Caller {
            principal: proven(&client.name),
            owner: client.owner.as_ref().map(proven).or(owner),
            clearance: client.clearance.as_ref().map(proven),
            classification,
            intent,
            session,
            ids,
        },
    })
}

/// The session a header names: visible ASCII without a space, so that no two names differ in what nobody sees.
fn session(headers: &HeaderMap) -> Result<Option<String>, NotTaken> {
    let Some(Claim { value, .. }) = stated(headers, SESSION)? else { return Ok(None) };
    match value.bytes().all(|b| b.is_ascii_graphic()) {
        true => Ok(Some(value)),
        false => Err(NotTaken::Header(SESSION)),
    }
}

/// What a caller says its exchange belongs to.
fn thread_ids(headers: &HeaderMap) -> Result<ThreadIds, NotTaken> {
    let mut ids = ThreadIds::default();
    for (header, name) in THREAD.into_iter().zip(ThreadIds::NAMES) {
        let mut values = headers.get_all(header).iter();
        let Some(first) = values.next() else { continue };
        let value = first.to_str().ok().filter(|value| ThreadIds::is_valid(value) && values.next().is_none());
        if let (Some(value), Some(field)) = (value, ids.field(name)) {
            *field = Some(value.to_owned());
        } else {
            return Err(NotTaken::Id(header));
        }
    }
    Ok(ids)
}

/// What a header states. Two values of one header are none: whoever read the other one would see another caller.
fn stated(headers: &HeaderMap, name: &'static str) -> Result<Option<Claim>, NotTaken> {
    let mut values = headers.get_all(name).iter();
    let Some(first) = values.next() else { return Ok(None) };
    let value = first.to_str().map_err(|_| NotTaken::Header(name))?.trim();
    match values.next().is_none() && (1..=VALUE_BYTES).contains(&value.len()) {
        true => Ok(Some(Claim { value: value.to_owned(), proven: false })),
        false => Err(NotTaken::Header(name)),
    }
}

#[cfg(test)]
mod tests;
