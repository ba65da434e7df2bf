//! `witgate plugin verify`: the check that a gate makes of a plugin's signature. And what `inspect` tells of one.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use witgate_engine::{Digest, Manifest};
use witgate_policy::trust::{Origin, Signature, Signer, Trust, TrustError};

use super::error::PluginError;
use super::target::{MAX_BYTES, read};
use super::{FAILED, Format, OK, key_file, plain};
use crate::config::signature_of;

/// Checks the signature of `file`, in `signature` or beside the file, with a public key.
pub(super) fn run(
    file: &Path,
    key: &str,
    signature: Option<&Path>,
    format: Format,
    out: &mut dyn Write,
) -> Result<u8, PluginError> {
    let trust = Trust { keys: vec![key_file::public(key)?], require_signed: true };
    let bytes = read(file, MAX_BYTES)?;
    let signature_file = signature.map_or_else(|| signature_of(file), Path::to_owned);
    let digest = Digest::of(&bytes);
    let verified = verified(file, &bytes, &signature_file, &trust);
    match (verified, format) {
        (Ok((signer, manifest)), Format::Json) => {
            let told = json!({
                "file": file.display().to_string(),
                "signature": signature_file.display().to_string(),
                "verified": true,
                "key": signer.key.to_string(),
                "name": signer.name,
                "id": manifest.id,
                "version": manifest.version,
                "sha256": digest.to_string(),
                "error": null,
            });
            writeln!(out, "{told}")?;
            Ok(OK)
        }
        (Ok((signer, manifest)), Format::Human) => {
            let (id, version) = (plain(&manifest.id), plain(&manifest.version));
            writeln!(out, "verified  {}: {id} {version}, signed by {}", file.display(), who(&signer))?;
            Ok(OK)
        }
        (Err(error), Format::Json) if error.exit() == FAILED => {
            let told = json!({
                "file": file.display().to_string(),
                "signature": signature_file.display().to_string(),
                "verified": false,
                "sha256": digest.to_string(),
                "error": { "code": error.code(), "message": error.to_string() },
            });
            writeln!(out, "{told}")?;
            Ok(FAILED)
        }
        (Err(error), _) => Err(error),
    }
}

/// As at a load: the bytes are vouched for before anything in them is read.
fn verified(
    file: &Path,
    bytes: &[u8],
    signature_file: &Path,
    trust: &Trust,
) -> Result<(Signer, Manifest), PluginError> {
    let refuse = |error| PluginError::Trust { path: signature_file.to_owned(), error };
    let origin = Origin::File { signature: held(signature_file)?, signature_file: signature_file.to_owned() };
    let vouched = trust.check(Digest::of(bytes), &origin).map_err(refuse)?;
    let vouched = vouched.ok_or_else(|| refuse(TrustError::Unsigned))?;
    let manifest =
        Manifest::read(bytes).map_err(|error| PluginError::Load { name: file.display().to_string(), error })?;
    let signer = vouched.names(&manifest).map_err(refuse)?;
    Ok((signer, manifest))
}

fn who(signer: &Signer) -> String {
    match signer.name.as_str() {
        "" => signer.key.to_string(),
        name => format!("{} ({})", signer.key, plain(name)),
    }
}

/// The bytes of a signature's file; `None` when it is not there.
fn held(path: &Path) -> Result<Option<Vec<u8>>, PluginError> {
    match read(path, Signature::MAX_BYTES as u64) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(PluginError::Unreadable { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(PluginError::TooLarge(path)) => {
            Err(PluginError::Trust { path, error: TrustError::Malformed("it is too long".to_owned()) })
        }
        Err(error) => Err(error),
    }
}

/// What lies beside a plugin as its signature. That it fits says somebody signed this plugin, not that they are trusted.
pub(super) struct Beside {
    file: PathBuf,
    signature: Result<Signature, TrustError>,
    fits: Result<(), TrustError>,
}

impl Beside {
    /// Looks beside the plugin's file; `None` when there is nothing.
    pub(super) fn of(plugin: &Path, bytes: &[u8]) -> Result<Option<Self>, PluginError> {
        let file = signature_of(plugin);
        let held = match held(&file) {
            Ok(None) => return Ok(None),
            Ok(Some(held)) => Signature::parse(&held),
            Err(PluginError::Trust { error, .. }) => Err(error),
            Err(error) => return Err(error),
        };
        let fits = match (&held, Manifest::read(bytes)) {
            (Ok(signature), Ok(manifest)) => signature.verify_itself(Digest::of(bytes), &manifest),
            (Err(error), _) => Err(error.clone()),
            // What is no plugin is told elsewhere.
            (Ok(_), Err(_)) => Ok(()),
        };
        Ok(Some(Self { file, signature: held, fits }))
    }

    /// Whether it is right for the plugin.
    pub(super) fn fits(&self) -> bool {
        self.fits.is_ok()
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "file": self.file.display().to_string(),
            "key": self.signature.as_ref().ok().map(|signature| signature.key().to_string()),
            "fits": self.fits(),
            "error": self.fits.as_ref().err().map(|e| json!({ "code": e.code(), "message": e.to_string() })),
        })
    }

    pub(super) fn human(&self) -> String {
        match (&self.signature, &self.fits) {
            (Ok(signature), Ok(())) => {
                format!("by the key {}; whether that key is trusted, the configuration says", signature.key())
            }
            (_, Err(error)) | (Err(error), _) => format!("no: error[{}] {error}", error.code()),
        }
    }
}
