//! `upstreams`: the model APIs behind the gate.

use std::net::IpAddr;
use std::path::PathBuf;

use hyper::Uri;
use serde_json::Value;
use witgate_ledger::ReceiptKey;

use super::document::child;
use super::files::Kind;
use super::reader::Reader;
use super::schema::cut;
use crate::tls::TlsFiles;

/// One model API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Upstream {
    /// Its name in logs and records; unique.
    pub(crate) name: String,
    /// The base path served here: begins with `/`, does not end with one, and no two overlap.
    pub(crate) path: String,
    /// The base URL there, with neither query nor closing `/`; `https`, or `http` to a loopback address.
    pub(crate) url: Uri,
    /// The key the gate sends in place of the client's own.
    pub(crate) key_file: Option<PathBuf>,
    /// Certificates trusted besides the built-in roots (PEM).
    pub(crate) ca_file: Option<PathBuf>,
    /// What the gate shows there; `None`: nothing.
    pub(crate) certificate: Option<TlsFiles>,
    /// The way out.
    pub(crate) proxy: Proxy,
    /// How requests to it are signed, if they are.
    pub(crate) sign: Option<Sign>,
}

/// `sign`: HTTP Message Signatures (RFC 9421) on requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sign {
    /// The key (Ed25519), 0600; `None` for the one that signs receipts.
    pub(crate) key_file: Option<PathBuf>,
    /// Its name in signatures; `None` for its id.
    pub(crate) key_id: Option<String>,
    /// What the signature is for, as its receiver expects it.
    pub(crate) tag: String,
}

/// Through what a connection to an upstream is made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Proxy {
    /// As `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say.
    #[default]
    Env,
    /// Directly.
    None,
    /// Through this one: `http://host:port`.
    Url(Uri),
}

/// The base path of an upstream of which nothing else is said.
pub(crate) const USUAL_PATH: &str = "/v1";
/// Paths of the gate's own.
const OWN_PATH: &str = "/witgate";
/// `sign.tag` when it is not said.
const TAG: &str = "witgate";
/// What the gate shows: the chain, and its key.
pub(super) const CERTIFICATE: [&str; 2] = ["client_certificate_file", "client_key_file"];
/// Members with a value of their own for each upstream.
const UNIQUE: [(&str, &str); 2] = [("name", "duplicate_upstream_name"), ("path", "duplicate_upstream_path")];

pub(super) fn read(reader: &mut Reader<'_>) -> Option<Vec<Upstream>> {
    let list = reader.list("/upstreams");
    for (member, code) in UNIQUE {
        reader.unique("/upstreams", member, code);
    }
    overlaps(reader, list);
    let read: Vec<Option<Upstream>> =
        (0..list.len()).map(|index| one(reader, &format!("/upstreams/{index}"))).collect();
    read.into_iter().collect()
}

fn one(reader: &mut Reader<'_>, at: &str) -> Option<Upstream> {
    let name = reader.text(at, "name").map(str::to_owned);
    let path = reader.text(at, "path").and_then(|path| base_path(reader, &child(at, "path"), path));
    let url = reader.text(at, "url").and_then(|url| match base_url(url) {
        Ok(url) => Some(url),
        Err((code, message, help)) => {
            reader.mistake(code, &child(at, "url"), message, help);
            None
        }
    });
    let key_file = reader.file(at, "key_file", Kind::Secret);
    let ca_file = reader.file(at, "ca_file", Kind::Certificates);
    let certificate = certificate(reader, at);
    let proxy = proxy(reader, at);
    let sign = sign(reader, &child(at, "sign"));
    Some(Upstream {
        name: name?,
        path: path?,
        url: url?,
        key_file,
        ca_file,
        certificate: certificate?,
        proxy: proxy?,
        sign: sign?,
    })
}

/// What the gate shows to an upstream: a certificate and its key, or neither.
fn certificate(reader: &mut Reader<'_>, at: &str) -> Option<Option<TlsFiles>> {
    let [named, key] = CERTIFICATE.map(|member| reader.text(at, member).is_some());
    if !named && !key {
        return Some(None);
    }
    if let Some((missing, _)) = CERTIFICATE.iter().zip([named, key]).find(|(_, is_there)| !is_there) {
        let message = format!("`{missing}` is missing: a certificate and its key go together");
        reader.mistake("missing_member", at, message, format!("add `{missing}:`, or leave out both"));
        return None;
    }
    if reader.text(at, "url").is_some_and(|url| url.starts_with("http:")) {
        let message = "without TLS no certificate is shown".to_owned();
        reader.mistake(
            "certificates_without_tls",
            &child(at, CERTIFICATE[0]),
            message,
            "use an https URL, or leave it out",
        );
        return None;
    }
    let certificate = reader.file(at, CERTIFICATE[0], Kind::Certificates);
    let key = reader.file(at, CERTIFICATE[1], Kind::Secret);
    let files = TlsFiles { certificate: certificate?, key: key? };
    match files.load() {
        Ok(_) => Some(Some(files)),
        Err(error) => {
            let member = CERTIFICATE[usize::from(error.is_of_key(&files))];
            let help = "name a certificate chain and its private key, both in PEM, the gate's own certificate first";
            reader.mistake(error.code(), &child(at, member), error.to_string(), help);
            None
        }
    }
}

fn sign(reader: &mut Reader<'_>, at: &str) -> Option<Option<Sign>> {
    if reader.at(at).is_none() {
        return Some(None);
    }
    let pointer = child(at, "key_file");
    let key_file = match reader.at(&pointer).is_some() {
        false => None,
        true => {
            let path = reader.file(at, "key_file", Kind::Secret)?;
            if let Err(error) = ReceiptKey::load(&path) {
                let help = "32 random bytes make such a key: openssl rand -hex 32";
                reader.mistake(error.code(), &pointer, error.to_string(), help);
                return None;
            }
            Some(path)
        }
    };
    let text = |member| reader.text(at, member).map(str::to_owned);
    Some(Some(Sign { key_file, key_id: text("key_id"), tag: text("tag").unwrap_or_else(|| TAG.to_owned()) }))
}

/// The way out, as `proxy` says it.
pub(super) fn proxy(reader: &mut Reader<'_>, at: &str) -> Option<Proxy> {
    match reader.text(at, "proxy") {
        None | Some("env") => Some(Proxy::Env),
        Some("none") => Some(Proxy::None),
        Some(url) => proxy_url(reader, &child(at, "proxy"), url),
    }
}

fn base_path(reader: &mut Reader<'_>, at: &str, path: &str) -> Option<String> {
    let segments = || path.get(1..).unwrap_or_default().split('/');
    let plain = |segment: &str| {
        !segment.starts_with('.')
            && !segment.is_empty()
            && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"._~-".contains(&b))
    };
    if !path.starts_with('/') || !segments().all(plain) {
        let message = format!("`{}` is not a base path", cut(path));
        let help = "begin with `/`, do not end with one; letters, digits, `-`, `_`, `.` and `~` between, such as /v1";
        reader.mistake("path_form", at, message, help);
        return None;
    }
    if within(path, OWN_PATH) {
        reader.mistake(
            "path_reserved",
            at,
            format!("paths under {OWN_PATH} are the gate's own"),
            "take another, such as /v1",
        );
        return None;
    }
    Some(path.to_owned())
}

/// Whether `path` is `base` or lies under it.
fn within(path: &str, base: &str) -> bool {
    path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn overlaps(reader: &mut Reader<'_>, list: &[Value]) {
    let paths: Vec<(usize, &str)> =
        list.iter().enumerate().filter_map(|(index, one)| Some((index, one["path"].as_str()?))).collect();
    for (position, (index, path)) in paths.iter().enumerate() {
        let before = paths.iter().take(position);
        if let Some((other, base)) =
            before.into_iter().find(|(_, other)| path != other && (within(path, other) || within(other, path)))
        {
            let message = format!("`{}` overlaps `{}` of upstream {other}", cut(path), cut(base));
            reader.mistake(
                "paths_overlap",
                &format!("/upstreams/{index}/path"),
                message,
                "no base path may lie under another one",
            );
        }
    }
}

/// A stable code, what is wrong, and what to do.
pub(super) type Wrong = (&'static str, String, &'static str);

/// A base URL as it is used: parsed, without a closing `/`.
pub(super) fn base_url(text: &str) -> Result<Uri, Wrong> {
    const FORM: &str = "write it as https://host[:port]/path, such as https://api.openai.com/v1";
    let wrong = |what: &str| Err(("url_form", format!("`{}` {what}", cut(text)), FORM));
    let Ok(uri) = text.trim_end_matches('/').parse::<Uri>() else {
        return wrong("is not a URL");
    };
    let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
        return wrong("is not a whole URL");
    };
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        // The text is not repeated here: it holds a password.
        return Err((
            "url_credentials",
            "a URL here takes no user and password".to_owned(),
            "put the key into a file and name it in key_file",
        ));
    }
    if text.contains(['?', '#']) {
        return wrong("has a query or a fragment");
    }
    let path = uri.path();
    if path != "/" && path.split('/').skip(1).any(|segment| segment.is_empty() || segment.starts_with('.')) {
        return wrong("has an empty or dotted segment in its path");
    }
    match scheme {
        "https" => Ok(uri),
        "http" if is_loopback(host) => Ok(uri),
        "http" => Err((
            "url_not_https",
            format!("`{}` would carry prompts and keys unencrypted", cut(text)),
            "use https; plain http is taken for loopback addresses alone",
        )),
        _ => wrong("is neither https nor http"),
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn proxy_url(reader: &mut Reader<'_>, at: &str, text: &str) -> Option<Proxy> {
    let uri = text.trim_end_matches('/').parse::<Uri>().ok();
    let whole = |uri: &Uri| {
        uri.scheme_str() == Some("http")
            && uri.host().is_some()
            && uri.port_u16().is_some()
            && matches!(uri.path(), "" | "/")
    };
    match uri.filter(whole).filter(|_| !text.contains(['@', '?', '#'])) {
        Some(uri) => Some(Proxy::Url(uri)),
        None => {
            let help = "write env, none, or http://host:port; a proxy with a password is taken from the environment";
            reader.mistake("proxy_form", at, "this is not a proxy".to_owned(), help);
            None
        }
    }
}

#[cfg(test)]
mod tests;
