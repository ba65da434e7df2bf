//! `witgate plugin keygen`: a key to sign plugins with.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;
use witgate_policy::trust::SecretKey;

use super::error::PluginError;
use super::{Format, OK, key_file};

/// Writes a new key to `file` and its public half beside it, and prints the public half.
pub(super) fn run(file: &Path, name: Option<&str>, format: Format, out: &mut dyn Write) -> Result<u8, PluginError> {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let key = SecretKey::generate(name.unwrap_or(stem));
    let key = key.map_err(|error| PluginError::Key { path: file.to_owned(), error })?;
    let public_file = public_file(file);
    key_file::write(&key, file, &public_file)?;
    let public = key.public();
    match format {
        Format::Json => {
            let told = json!({
                "key": public.id().to_string(),
                "name": public.name(),
                "public": public.to_string(),
                "secret_file": file.display().to_string(),
                "public_file": public_file.display().to_string(),
            });
            writeln!(out, "{told}")?;
        }
        Format::Human => {
            writeln!(out, "{public}")?;
            writeln!(out, "  {}  secret: signs plugins; keep it, and keep it to yourself", file.display())?;
            writeln!(
                out,
                "  {}  public, id {}: name it under policies.trusted_keys",
                public_file.display(),
                public.id()
            )?;
        }
    }
    Ok(OK)
}

/// The file's name with `.pub` at its end.
fn public_file(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}
