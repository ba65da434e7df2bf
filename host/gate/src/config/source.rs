//! The file a configuration was read from, kept to tell where a mistake found later stands.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::document::{self, Lines, MAX_BYTES};
use super::mistake::{ConfigErrors, Mistake, UNREADABLE};
use super::schema::render_schema_errors;

/// A configuration file's text, its value and the lines of its members.
#[derive(Debug)]
pub(crate) struct Source {
    /// The file as it was named.
    pub(crate) file: PathBuf,
    /// The folder that its paths are taken from; absolute.
    pub(crate) folder: PathBuf,
    pub(super) value: Value,
    text: String,
    lines: Lines,
    /// Whether anybody on the machine may write the file.
    world_writable: bool,
}

impl Source {
    pub(super) fn read(path: &Path) -> Result<Self, ConfigErrors> {
        let fail = |mistake: Mistake, text: &str| ConfigErrors::new(path, text, &Lines::default(), vec![mistake]);
        let unreadable = |error: std::io::Error| {
            let help = "`witgate init DIR` writes one to begin with";
            fail(Mistake::new(UNREADABLE, "", format!("{}: {error}", path.display())).help(help), "")
        };
        let file = File::open(path).map_err(unreadable)?;
        let stat = file.metadata().map_err(unreadable)?;
        let mut bytes = Vec::new();
        // One byte more than is taken, so that a longer file is seen to be longer.
        let bound = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        file.take(bound).read_to_end(&mut bytes).map_err(unreadable)?;
        let folder = std::path::absolute(path)
            .map_err(unreadable)?
            .parent()
            .map_or_else(|| PathBuf::from("/"), Path::to_path_buf);
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
                let line = String::from_utf8_lossy(valid).matches('\n').count().saturating_add(1);
                return Err(fail(
                    Mistake::new("config_encoding", "", "the file is not UTF-8")
                        .help("save it as UTF-8")
                        .at_line(Some(line)),
                    "",
                ));
            }
        };
        let (value, lines) = document::parse(&text).map_err(|mistake| fail(mistake, &text))?;
        Ok(Self { file: path.to_owned(), folder, value, text, lines, world_writable: stat.mode() & 0o002 != 0 })
    }

    /// What the schema and the file itself have to say.
    pub(super) fn schema_mistakes(&self) -> Vec<Mistake> {
        let mut mistakes = render_schema_errors(&self.value, &super::config_schema(), "");
        if self.world_writable {
            let help = format!("chmod o-w {}", self.file.display());
            mistakes
                .push(Mistake::new("config_writable", "", "everybody on this machine may change this file").help(help));
        }
        mistakes
    }

    /// Mistakes found in this file, now or later, with their lines. A plugin's configuration is checked once its manifest is
    /// known: see [`render_schema_errors`].
    pub(crate) fn errors(&self, mistakes: Vec<Mistake>) -> ConfigErrors {
        ConfigErrors::new(&self.file, &self.text, &self.lines, mistakes)
    }
}
