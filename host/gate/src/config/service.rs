//! Somebody outside who is asked over HTTP, and is no upstream: a witness, a time-stamping authority.

use std::path::PathBuf;
use std::time::Duration;

use hyper::Uri;

use super::document::child;
use super::files::Kind;
use super::reader::Reader;
use super::schema::cut;
use super::upstream::{self, Proxy};

/// Where it is, and how it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Service {
    /// Its URL, with neither query nor closing `/`.
    pub(crate) url: Uri,
    /// Certificates trusted besides the built-in roots (PEM).
    pub(crate) ca_file: Option<PathBuf>,
    /// A token sent as `Authorization: Bearer`; read for each question, so that it can be changed.
    pub(crate) token_file: Option<PathBuf>,
    /// The way out.
    pub(crate) proxy: Proxy,
    /// How long one question may take.
    pub(crate) timeout: Duration,
}

/// Whether a service may be asked without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plain {
    /// On loopback addresses alone.
    Loopback,
    /// Anywhere, as long as no token is sent: what is asked is no secret, and the answer is signed.
    Anywhere,
}

/// The members that say something of a URL only.
const OF_URL: [&str; 3] = ["ca_file", "token_file", "proxy"];

/// The service at `at`; `Some(None)` when no `url` is named there.
pub(super) fn read(reader: &mut Reader<'_>, at: &str, plain: Plain, timeout: Duration) -> Option<Option<Service>> {
    let Some(text) = reader.text(at, "url") else {
        let idle = OF_URL.into_iter().find(|member| reader.at(&child(at, member)).is_some());
        return match idle {
            None => Some(None),
            Some(member) => {
                let message = format!("`{member}` says how a `url` is reached, and there is none");
                reader.mistake("url_missing", &child(at, member), message, "name the url, or remove this");
                None
            }
        };
    };
    let token_file = reader.file(at, "token_file", Kind::Secret);
    let has_token = reader.at(&child(at, "token_file")).is_some();
    let url = match url(text, plain, has_token) {
        Ok(url) => Some(url),
        Err((code, message, help)) => {
            reader.mistake(code, &child(at, "url"), message, help);
            None
        }
    };
    let has_ca = reader.at(&child(at, "ca_file")).is_some();
    let ca_file = reader.file(at, "ca_file", Kind::Certificates);
    let proxy = upstream::proxy(reader, at);
    if has_token && token_file.is_none() || has_ca && ca_file.is_none() {
        return None;
    }
    Some(Some(Service { url: url?, ca_file, token_file, proxy: proxy?, timeout }))
}

fn url(text: &str, plain: Plain, has_token: bool) -> Result<Uri, upstream::Wrong> {
    match upstream::base_url(text) {
        Err(("url_not_https", ..)) if plain == Plain::Anywhere && !has_token => {
            let uri = text.trim_end_matches('/').parse();
            uri.map_err(|_| ("url_form", format!("`{}` is not a URL", cut(text)), "write a whole URL"))
        }
        Err(("url_not_https", ..)) => Err((
            "url_not_https",
            format!("`{}` would be asked unencrypted", cut(text)),
            "use https; plain http is taken for loopback addresses, and for `ledger.timestamp` without a token",
        )),
        read => read,
    }
}

#[cfg(test)]
mod tests;
