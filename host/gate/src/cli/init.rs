//! `witgate init DIR`: a commented configuration, keys and a folder for policies.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use witgate_ledger::{BodyKey, KeyError, Keys};

const CONFIG: &str = include_str!("init/witgate.yaml");
const POLICIES: &str = include_str!("init/policies.md");

/// What is written, in order, and what for.
const WRITTEN: [(&str, &str); 6] = [
    ("witgate.yaml", "the configuration, with comments"),
    ("keys/ledger.key", "chains the records of the ledger: secret, and needed for as long as the ledger is"),
    ("keys/receipt.key", "signs receipts: secret"),
    ("keys/receipt.pub", "checks receipts: give it to clients and auditors"),
    ("keys/bodies.key", "encrypts bodies, where you have them kept: secret"),
    ("policies/README.md", "where plugins of your own go"),
];

/// A folder could not be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InitError {
    /// Something is there already; nothing was written.
    #[error("nothing was written: {} is there already; choose another folder, or move it away", list(.0))]
    Exists(Vec<PathBuf>),
    /// A folder or file could not be written.
    #[error("{path}: {source}")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A key could not be made or written.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The outcome could not be told.
    #[error("the outcome could not be printed: {0}")]
    Print(io::Error),
}

impl InitError {
    /// The stable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Exists(_) => "init_exists",
            Self::Write { .. } => "init_write",
            Self::Key(error) => error.code(),
            Self::Print(_) => "init_print",
        }
    }
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// Sets up `dir`, which is made when it is missing, and tells on `out` what was written and what to do next.
///
/// # Errors
/// When anything it would write is there already (then nothing is written), or a file cannot be written.
pub(crate) fn init(dir: &Path, out: &mut dyn Write) -> Result<(), InitError> {
    let there = ["witgate.yaml", "keys", "policies", "ledger"].map(|name| dir.join(name)).into_iter();
    let there: Vec<PathBuf> = there.filter(|path| path.symlink_metadata().is_ok()).collect();
    if !there.is_empty() {
        return Err(InitError::Exists(there));
    }
    fs::create_dir_all(dir).map_err(|source| InitError::Write { path: dir.to_owned(), source })?;
    for private in ["keys", "policies"] {
        let path = dir.join(private);
        DirBuilder::new().mode(0o700).create(&path).map_err(|source| InitError::Write { path, source })?;
    }
    let keys = Keys::generate()?;
    keys.chain.save(&dir.join("keys/ledger.key"))?;
    keys.receipt.save(&dir.join("keys/receipt.key"))?;
    keys.receipt.public().save(&dir.join("keys/receipt.pub"))?;
    BodyKey::generate()?.save(&dir.join("keys/bodies.key"))?;
    write_new(&dir.join("policies/README.md"), POLICIES)?;
    // Last, so that a configuration is there only when all it names is.
    write_new(&dir.join("witgate.yaml"), CONFIG)?;
    tell(dir, out).map_err(InitError::Print)
}

/// Writes a file that is not there yet, 0644.
fn write_new(path: &Path, text: &str) -> Result<(), InitError> {
    let file: io::Result<File> = OpenOptions::new().write(true).create_new(true).mode(0o644).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| InitError::Write { path: path.to_owned(), source })
}

fn tell(dir: &Path, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Wrote in {}:", dir.display())?;
    for (name, what) in WRITTEN {
        writeln!(out, "  {name:<20} {what}")?;
    }
    let config = dir.join("witgate.yaml");
    let config = config.display();
    writeln!(out, "\nNext: name your upstream in {config}, then\n")?;
    writeln!(out, "  witgate validate {config}\n  witgate serve --config {config}")
}

#[cfg(test)]
mod tests;
