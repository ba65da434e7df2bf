//! What a configuration names that changes while a gate runs.

use std::path::{Path, PathBuf};

use witgate_policy::trust::PublicKey;

use super::document::child;
use super::mistake::ConfigErrors;
use super::reader::Reader;
use super::source::Source;
use super::upstream::CERTIFICATE;

/// The files and folders whose changes are worth another look. Absolute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Watched {
    /// The configuration itself, each public key it trusts, the certificates that the gate shows to clients and upstreams,
    /// with their keys, and the authorities of clients' certificates.
    pub(crate) files: Vec<PathBuf>,
    /// The policy directory, there or not.
    pub(crate) directory: Option<PathBuf>,
}

impl Watched {
    /// Reads what a configuration names, whatever else is wrong with it: what is missing may be put there, and that has to
    /// be seen.
    ///
    /// # Errors
    /// It cannot be read at all.
    pub(crate) fn of(file: &Path) -> Result<Self, ConfigErrors> {
        let source = Source::read(file)?;
        let mut reader = Reader::new(&source.value, &source.folder, super::home(), vec![]);
        let mut path =
            |at: &str, name: Option<&str>| name.filter(|n| !n.is_empty()).and_then(|n| reader.resolve(at, n));
        let named = |pointer: &str| source.value.pointer(pointer);
        let directory = "/policies/directory";
        let directory = path(directory, named(directory).and_then(serde_json::Value::as_str));
        let tls = ["/tls/certificate_file", "/tls/key_file", "/clients/certificates/ca_file"];
        let tls = tls.map(|at| path(at, named(at).and_then(serde_json::Value::as_str)));
        let upstreams = named("/upstreams").and_then(serde_json::Value::as_array).map_or(0, Vec::len).min(64);
        let shown = (0..upstreams).flat_map(|index| CERTIFICATE.map(|member| format!("/upstreams/{index}/{member}")));
        let shown: Vec<PathBuf> =
            shown.filter_map(|at| path(&at, named(&at).and_then(serde_json::Value::as_str))).collect();
        let keys = "/policies/trusted_keys";
        let texts = named(keys).and_then(serde_json::Value::as_array).into_iter().flatten().filter_map(|k| k.as_str());
        let texts = texts.filter(|text| !PublicKey::is_inline(text));
        let keys = texts.filter_map(|text| path(&child(keys, "-"), Some(text)));
        // Never more than a configuration may name.
        let mut files: Vec<PathBuf> = keys.take(64).collect();
        files.extend(tls.into_iter().flatten());
        files.extend(shown);
        files.extend(file.file_name().map(|name| source.folder.join(name)));
        Ok(Self { files, directory })
    }
}

#[cfg(test)]
mod tests;
