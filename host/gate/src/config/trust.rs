//! `policies.trusted_keys`, `policies.require_signed` and `signature` of an entry: whose plugins may serve.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use witgate_policy::trust::{KeyError, PublicKey, Trust};

use super::document::child;
use super::files::Kind;
use super::policy::PluginSource;
use super::reader::Reader;
use super::schema::cut;

/// A public key's file has one line; more than this is another file.
const MAX_BYTES: u64 = 4096;
const KEYS: &str = "/policies/trusted_keys";

/// Where the signature of a plugin's file is when nothing else is said.
pub(crate) fn signature_of(plugin: &Path) -> PathBuf {
    let mut path = plugin.to_owned().into_os_string();
    path.push(".sig");
    path.into()
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<Trust> {
    let require_signed = reader.block("/policies", "require_signed");
    let mut keys: Vec<PublicKey> = Vec::new();
    let mut all = true;
    for (index, item) in reader.list(KEYS).iter().enumerate() {
        let pointer = format!("{KEYS}/{index}");
        let Some(key) = item.as_str().and_then(|text| key(reader, &pointer, text)) else {
            all = false;
            continue;
        };
        if keys.iter().any(|other| other.id() == key.id()) {
            let message = format!("the key {} stands here twice", key.id());
            reader.mistake("duplicate_trusted_key", &pointer, message, "keep one of the two");
        }
        keys.push(key);
    }
    let trust = Trust { keys, require_signed: require_signed? };
    let files = |reader: &Reader<'_>| {
        let named = |entry: &serde_json::Value| entry["plugin"].as_str().is_some_and(|name| name.ends_with(".wasm"));
        reader.list("/policies/set").iter().any(named)
    };
    if trust.require_signed && all && trust.keys.is_empty() && files(reader) {
        let message = "no key is trusted, so no plugin file can be taken".to_owned();
        let help = "name the public keys of those who sign plugins under `trusted_keys`";
        reader.mistake("no_trusted_keys", "/policies/require_signed", message, help);
    }
    all.then_some(trust)
}

/// A public key: in the line itself, or in the file it names.
fn key(reader: &mut Reader<'_>, pointer: &str, text: &str) -> Option<PublicKey> {
    let help =
        "a public key is what `witgate plugin keygen` wrote beside the secret one, in the file that ends with .pub";
    let parsed = |reader: &mut Reader<'_>, parsed: Result<PublicKey, KeyError>, of: &str| match parsed {
        Ok(key) => Some(key),
        Err(error) => {
            reader.mistake("trusted_key_content", pointer, format!("{of}: {error}"), help);
            None
        }
    };
    if PublicKey::is_inline(text) {
        return parsed(reader, text.parse(), "this line");
    }
    let path = reader.resolve(pointer, text)?;
    let path = reader.check_file(pointer, path, Kind::TrustedKey)?;
    let shown = path.display().to_string();
    let mut held = String::new();
    let read = std::fs::File::open(&path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut held));
    match read {
        Ok(_) => parsed(reader, held.parse(), &shown),
        Err(error) => {
            reader.mistake("path_unreadable", pointer, format!("{shown} cannot be read: {error}"), help);
            None
        }
    }
}

/// The signature that an entry names; the inner `None` where it names none.
pub(super) fn signature(
    reader: &mut Reader<'_>,
    at: &str,
    source: Option<&PluginSource>,
    directory: Option<&PathBuf>,
) -> Option<Option<PathBuf>> {
    let Some(name) = reader.text(at, "signature") else { return Some(None) };
    let pointer = child(at, "signature");
    if matches!(source, Some(PluginSource::Builtin(_))) {
        let help = "remove it: a built-in is part of this binary";
        reader.mistake("signature_of_builtin", &pointer, "a built-in has no file to sign".to_owned(), help);
        return None;
    }
    if name.contains(['/', '\\', '\0']) || name.starts_with('.') || !name.ends_with(".sig") {
        let help = "write the name of a .sig file in the policy directory, without a folder";
        reader.mistake("signature_form", &pointer, format!("`{}` is no signature's file", cut(name)), help);
        return None;
    }
    if reader.list(KEYS).is_empty() {
        let help = "name the signer's public key under `policies.trusted_keys`, or leave `signature` out";
        reader.mistake("no_trusted_keys", &pointer, "no key is trusted that could check it".to_owned(), help);
        return None;
    }
    let path = directory?.join(name);
    reader.check_file(&pointer, path, Kind::Plugin).map(Some)
}

#[cfg(test)]
mod tests;
