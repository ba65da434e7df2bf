//! What a name says of its value: that it is a password, a secret, perhaps a key, or surely none.

use crate::lexicon::NAMES;

/// How much a name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Clue {
    /// Something else: a hash, an identifier, a public key.
    Veto,
    Nothing,
    /// `key`, `access`, `auth`: many things are called so.
    Weak,
    /// As weak, of something that is named: `ticket_key`.
    Named,
    /// `secret`, `api_key`, `token`.
    Strong,
    Password,
}

/// A name, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) clue: Clue,
    /// A service of the lexicon is named.
    pub(crate) service: bool,
}

const MOST: usize = 64;

/// What may stand behind the word that says it.
const TAILS: &[&str] = &[
    "value",
    "val",
    "string",
    "str",
    "text",
    "base64",
    "b64",
    "raw",
    "plain",
    "prod",
    "production",
    "test",
    "dev",
    "live",
    "staging",
    "default",
    "env",
    "var",
    "header",
    "param",
];

/// Endings of names whose values are no secrets, whatever stands before.
const VETOES: &[&str] = &[
    "id",
    "ids",
    "name",
    "names",
    "url",
    "uri",
    "urls",
    "file",
    "path",
    "dir",
    "type",
    "length",
    "len",
    "size",
    "count",
    "version",
    "hash",
    "sha",
    "sha1",
    "sha256",
    "sha512",
    "md5",
    "checksum",
    "chksum",
    "digest",
    "commit",
    "rev",
    "revision",
    "srcrev",
    "etag",
    "integrity",
    "uuid",
    "guid",
    "tokens",
    "keyword",
    "keywords",
    "keyboard",
    "field",
    "format",
    "index",
    "cursor",
    "signature",
    "fingerprint",
    "thumbprint",
    "nonce",
    "salt",
    "publickey",
    "pubkey",
    "primarykey",
    "foreignkey",
    "sortkey",
    "partitionkey",
    "cachekey",
    "hashkey",
    "rangekey",
    "idempotencykey",
    "registrykey",
    "hotkey",
    "shortcutkey",
    "sequencekey",
    "nextpagetoken",
    "schemakey",
    "monkey",
    "turkey",
    "donkey",
    "whiskey",
    "hockey",
    "jockey",
    "csrftoken",
    "xsrftoken",
    "csrf",
    "xsrf",
    "authenticitytoken",
    "publictoken",
    "continuationtoken",
    "synctoken",
    "nextpagetoken",
    "eostoken",
    "bostoken",
    "padtoken",
    "unktoken",
    "bypass",
    "compass",
    "author",
    "authors",
    "sitekey",
    "keyid",
    "image",
    "tag",
    "ref",
    "branch",
    "date",
    "time",
    "timestamp",
    "expires",
    "expiry",
    "ttl",
    "endpoint",
    "host",
    "region",
    "message",
    "label",
    "title",
    "description",
    "hint",
    "error",
    "policy",
    "model",
    "package",
    "issuer",
    "audience",
    "subject",
    "scope",
    "scopes",
];

const PASSWORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "passwort",
    "kennwort",
    "contrasena",
    "motdepasse",
    "senha",
    "pwd",
    "passwrd",
    "userpass",
    "dbpass",
    "pgpassword",
    "mysqlpwd",
    "sshpass",
    "psw",
    "securestring",
];

const STRONG: &[&str] = &[
    "secret",
    "token",
    "credential",
    "credentials",
    "creds",
    "bearer",
    "authorization",
    "jwt",
    "apikey",
    "apitoken",
    "userauth",
    "xamzsignature",
    "xgoogsignature",
    "xamzsecuritytoken",
    "secretsauce",
    "tokeny",
    "clientsrt",
    "apicode",
    "accesscode",
    "authcode",
];

/// Before `key`: what makes it a secret.
const KEYED: &[&str] = &[
    "api",
    "access",
    "secret",
    "private",
    "priv",
    "auth",
    "app",
    "application",
    "client",
    "master",
    "encrypt",
    "encryption",
    "signing",
    "account",
    "storage",
    "subscription",
    "admin",
    "service",
    "license",
    "ssh",
    "deploy",
    "shared",
    "webhook",
    "integration",
    "server",
    "write",
    "read",
    "ingest",
    "consumer",
    "developer",
    "session",
    "cipher",
    "crypto",
    "hmac",
    "aes",
    "rest",
    "sdk",
    "live",
    "art",
];

const WEAK: &[&str] =
    &["key", "access", "private", "auth", "login", "pat", "pin", "sid", "api", "license", "pass", "sig", "artapi"];

/// Names that say nothing as a whole; longer ones that end so may.
const PLAIN: &[&str] = &["pagetoken", "nexttoken", "bucketkey", "objectkey", "rowkey", "eachkey"];

/// What an ending says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ending {
    Password,
    Veto,
    Strong,
    Weak,
    Tail,
}

/// The names of the lexicon, sorted, and the endings by their last letter.
#[derive(Debug)]
pub(crate) struct Names {
    services: Vec<&'static str>,
    endings: Vec<(u8, Ending, &'static str)>,
}

impl Names {
    pub(crate) fn new() -> Self {
        let mut services: Vec<&'static str> = NAMES.split_whitespace().collect();
        services.sort_unstable();
        let lists = [
            (Ending::Password, PASSWORDS),
            (Ending::Veto, VETOES),
            (Ending::Strong, STRONG),
            (Ending::Weak, WEAK),
            (Ending::Tail, TAILS),
        ];
        let mut endings: Vec<(u8, Ending, &'static str)> = lists
            .into_iter()
            .flat_map(|(ending, words)| words.iter().map(move |word| (word.bytes().last().unwrap_or(0), ending, *word)))
            .collect();
        // The first that fits is the one that counts: by what it says, then the longest.
        endings.sort_unstable_by_key(|(last, ending, word)| (*last, *ending, usize::MAX - word.len()));
        Self { services, endings }
    }

    /// What the end of a plain name says, and what stands before it.
    fn ending<'a>(&self, name: &'a [u8]) -> Option<(Ending, &'a [u8])> {
        let last = *name.last()?;
        let first = self.endings.partition_point(|(b, ..)| *b < last);
        let all = self.endings.get(first..).unwrap_or_default().iter().take_while(|(b, ..)| *b == last);
        all.filter_map(|(_, ending, word)| Some((*ending, name.strip_suffix(word.as_bytes())?))).next()
    }

    fn has(&self, name: &[u8]) -> bool {
        self.services.binary_search_by(|probe| probe.as_bytes().cmp(name)).is_ok()
    }

    /// Reads a name as code, settings or a sentence write it.
    pub(crate) fn read(&self, name: &[u8]) -> Read {
        let mut plain = [0u8; MOST];
        let mut len = 0;
        // The end of a long name counts.
        for b in
            name.get(name.len().saturating_sub(MOST)..).unwrap_or(name).iter().filter(|b| b.is_ascii_alphanumeric())
        {
            if let Some(place) = plain.get_mut(len) {
                *place = b.to_ascii_lowercase();
                len += 1;
            }
        }
        let whole = plain.get(..len).unwrap_or_default();
        let (clue, rest) = self.clue(whole);
        Read { clue, service: self.is_service(rest) || self.is_service(whole) }
    }

    /// Whether it is a service's name, with or without `api`, `app` and the like behind it.
    fn is_service(&self, mut name: &[u8]) -> bool {
        for _ in 0..4 {
            if name.len() < 3 {
                return false;
            }
            if self.has(name) {
                return true;
            }
            let tails: [&[u8]; 14] = [
                b"api",
                b"app",
                b"key",
                b"token",
                b"secret",
                b"access",
                b"private",
                b"auth",
                b"client",
                b"user",
                b"prod",
                b"test",
                b"personal",
                b"io",
            ];
            match tails.iter().find_map(|tail| name.strip_suffix(*tail)) {
                Some(shorter) => name = shorter,
                None => return false,
            }
        }
        false
    }

    /// What a plain name says, and what of it stands before the word that says so.
    fn clue<'a>(&self, whole: &'a [u8]) -> (Clue, &'a [u8]) {
        if PLAIN.iter().any(|plain| plain.as_bytes() == whole) {
            return (Clue::Veto, b"");
        }
        if whole == b"pass" || whole == b"pw" {
            return (Clue::Password, b"");
        }
        let mut name = whole;
        loop {
            match self.ending(name) {
                Some((Ending::Password, rest)) => return (Clue::Password, rest),
                Some((Ending::Veto, _)) => return (Clue::Veto, b""),
                Some((Ending::Strong, rest)) => return (Clue::Strong, rest),
                Some((Ending::Weak, rest)) => {
                    let is_key = name.ends_with(b"key") && KEYED.iter().any(|word| rest.ends_with(word.as_bytes()));
                    return match rest.len() {
                        _ if is_key => (Clue::Strong, rest),
                        0..=2 => (Clue::Weak, rest),
                        _ => (Clue::Named, rest),
                    };
                }
                Some((Ending::Tail, rest)) if !rest.is_empty() => name = rest,
                _ => match name {
                    [rest @ .., last] if last.is_ascii_digit() && rest.len() >= 3 => name = rest,
                    _ => return (Clue::Nothing, name),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests;
