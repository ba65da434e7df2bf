//! What must hold for a file or folder that the configuration names.

use std::fs::{self, File, Metadata};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What a path is named for, which says who may read and write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A key: nobody else may read or write it.
    Secret,
    /// A key `witgate init` makes when it is missing.
    LedgerKey,
    /// Public certificates in PEM.
    Certificates,
    /// The list of clients: it decides who is let in, so nobody else may write it.
    ClientKeys,
    /// A plugin, or its signature: code in force, so nobody else may write it.
    Plugin,
    /// A public key whose owner decides what is in force, so nobody else may write it.
    TrustedKey,
    /// The folder of plugins.
    PolicyDirectory,
    /// The folder of the ledger; made when it is missing.
    LedgerDirectory,
    /// The folder of compiled plugins; made when it is missing.
    CacheDirectory,
}

/// What is wrong: a stable code, what, and what to do.
pub(crate) struct Wrong {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) help: String,
}

/// Group and others: read or write, and write.
const ANY_OTHER: u32 = 0o077;
const WRITE_OTHER: u32 = 0o022;
/// A key is a few hundred bytes, a list of certificates less than this.
const MAX_FILE: u64 = 1 << 20;

fn wrong(code: &'static str, message: String, help: impl Into<String>) -> Result<(), Wrong> {
    Err(Wrong { code, message, help: help.into() })
}

/// Checks what stands at `path`, as it is now: whoever opens it later checks again where it matters.
pub(crate) fn check(path: &Path, kind: Kind) -> Result<(), Wrong> {
    let shown = path.display();
    let stat = match fs::metadata(path) {
        Ok(stat) => stat,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return missing(path, kind),
        Err(error) => {
            return wrong(
                "path_unreadable",
                format!("{shown} cannot be looked at: {error}"),
                "check the path and its permissions",
            );
        }
    };
    match kind {
        Kind::PolicyDirectory | Kind::LedgerDirectory | Kind::CacheDirectory => directory(path, kind, &stat),
        _ if !stat.is_file() => wrong("not_a_file", format!("{shown} is not a file"), "name a file"),
        Kind::Secret | Kind::LedgerKey => secret(path, &stat),
        Kind::ClientKeys | Kind::Plugin | Kind::TrustedKey => others_write(path, &stat),
        Kind::Certificates => others_write(path, &stat).and_then(|()| certificates(path)),
    }
}

fn missing(path: &Path, kind: Kind) -> Result<(), Wrong> {
    let shown = path.display();
    match kind {
        Kind::LedgerDirectory | Kind::CacheDirectory => match path.ancestors().skip(1).find(|above| above.exists()) {
            Some(above) if above.is_dir() => Ok(()),
            _ => wrong(
                "not_a_directory",
                format!("{shown} cannot be made: a part of its path is not a folder"),
                "name another folder",
            ),
        },
        Kind::PolicyDirectory => {
            wrong("directory_missing", format!("there is no folder {shown}"), format!("make it: mkdir -m 700 {shown}"))
        }
        Kind::LedgerKey => {
            let help = "`witgate init DIR` makes both keys; never replace the key of a ledger that has records";
            wrong("file_missing", format!("there is no file {shown}"), help)
        }
        _ => wrong("file_missing", format!("there is no file {shown}"), "paths are taken from the folder of this file"),
    }
}

fn directory(path: &Path, kind: Kind, stat: &Metadata) -> Result<(), Wrong> {
    let shown = path.display();
    if !stat.is_dir() {
        return wrong("not_a_directory", format!("{shown} is not a folder"), "name a folder");
    }
    if kind == Kind::LedgerDirectory && stat.mode() & ANY_OTHER != 0 {
        return wrong(
            "directory_loose",
            format!("others may enter {shown} ({})", mode(stat)),
            format!("chmod 700 {shown}"),
        );
    }
    others_write(path, stat)
}

fn secret(path: &Path, stat: &Metadata) -> Result<(), Wrong> {
    let shown = path.display();
    if stat.mode() & ANY_OTHER != 0 {
        return wrong(
            "file_loose",
            format!("others may read or write {shown} ({})", mode(stat)),
            format!("chmod 600 {shown}"),
        );
    }
    owner(path, stat)?;
    if stat.len() == 0 {
        return wrong("file_empty", format!("{shown} is empty"), "put the key into it");
    }
    Ok(())
}

/// Refuses what someone else may write, except on a file system mounted read-only (as a cluster mounts its config maps, with
/// wide permission bits).
fn others_write(path: &Path, stat: &Metadata) -> Result<(), Wrong> {
    if read_only(path) {
        return Ok(());
    }
    let shown = path.display();
    if stat.mode() & WRITE_OTHER != 0 {
        return wrong(
            "path_writable",
            format!("others may write to {shown} ({})", mode(stat)),
            format!("chmod go-w {shown}"),
        );
    }
    owner(path, stat)
}

/// The owner may always change the permissions.
fn owner(path: &Path, stat: &Metadata) -> Result<(), Wrong> {
    let me = rustix::process::geteuid().as_raw();
    if stat.uid() == me || stat.uid() == 0 || read_only(path) {
        return Ok(());
    }
    let shown = path.display();
    let message = format!("{shown} belongs to user {}, not to user {me} who runs this", stat.uid());
    wrong("path_owner", message, format!("chown {me} {shown}"))
}

fn read_only(path: &Path) -> bool {
    rustix::fs::statvfs(path).is_ok_and(|mounted| mounted.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY))
}

fn mode(stat: &Metadata) -> String {
    format!("mode {:04o}", stat.mode() & 0o7777)
}

fn certificates(path: &Path) -> Result<(), Wrong> {
    let shown = path.display();
    let mut pem = Vec::new();
    if let Err(error) = File::open(path).and_then(|file| file.take(MAX_FILE).read_to_end(&mut pem)) {
        return wrong("path_unreadable", format!("{shown} cannot be read: {error}"), "check its permissions");
    }
    let begin = b"-----BEGIN CERTIFICATE-----";
    if !pem.windows(begin.len()).any(|window| window == begin) {
        return wrong(
            "no_certificate",
            format!("{shown} holds no certificate"),
            "name a PEM file: it has -----BEGIN CERTIFICATE-----",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests;
