//! Which plugin: a file, a folder, or one of those in the binary.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::fs::File;
use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde_json::Value;
use witgate_engine::{Engine, EngineOptions};

use super::build;
use super::error::PluginError;
use crate::config::{ConfigErrors, parse_yaml};

mod kept;

/// Interpreters inside a component take tens of MiB; nothing takes more than this.
pub(super) const MAX_BYTES: u64 = 128 << 20;
/// Sandboxes alive at once in these tools; the engine takes no fewer.
const SANDBOXES: u32 = 64;

/// A plugin as the command line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// `builtin:NAME`.
    Builtin(String),
    /// A file or a folder.
    Path(PathBuf),
}

impl FromStr for Target {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.strip_prefix("builtin:") {
            Some(name) => Self::Builtin(name.to_owned()),
            None => Self::Path(text.into()),
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Builtin(name) => write!(f, "builtin:{name}"),
            Self::Path(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A plugin that was found, or built.
pub(super) struct Found {
    /// The component or module.
    pub(super) bytes: Cow<'static, [u8]>,
    /// The folder it lies in; none for one in the binary.
    pub(super) beside: Option<PathBuf>,
}

impl Target {
    /// The plugin; a folder is built first, which `err` is told.
    pub(super) fn found(&self, err: &mut dyn Write) -> Result<Found, PluginError> {
        match self {
            Self::Path(dir) if dir.is_dir() => {
                writeln!(err, "building {self}")?;
                Ok(Found { bytes: Cow::Owned(build::component(dir)?.bytes), beside: Some(dir.clone()) })
            }
            Self::Path(file) => {
                let beside = file.parent().map(Path::to_path_buf).unwrap_or_default();
                Ok(Found { bytes: self.bytes()?, beside: Some(beside) })
            }
            Self::Builtin(_) => Ok(Found { bytes: self.bytes()?, beside: None }),
        }
    }

    /// The plugin's bytes.
    pub(super) fn bytes(&self) -> Result<Cow<'static, [u8]>, PluginError> {
        match self {
            Self::Builtin(name) => {
                let bytes = crate::builtin::bytes(name).ok_or_else(|| PluginError::NoBuiltin(name.clone()))?;
                Ok(Cow::Borrowed(bytes))
            }
            Self::Path(path) if path.is_dir() => Err(PluginError::Folder(path.clone())),
            Self::Path(path) => read(path, MAX_BYTES).map(Cow::Owned),
        }
    }
}

/// A file of at most `most` bytes.
pub(super) fn read(path: &Path, most: u64) -> Result<Vec<u8>, PluginError> {
    let fail = |source| PluginError::Unreadable { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    // One byte more than is taken, so that a longer file is seen to be longer.
    let file = File::open(path).map_err(fail)?;
    let read = file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(fail)?;
    if u64::try_from(read).is_ok_and(|read| read <= most) {
        Ok(bytes)
    } else {
        Err(PluginError::TooLarge(path.to_owned()))
    }
}

/// A plugin's configuration from a file, or the empty one.
pub(super) fn config(file: Option<&Path>) -> Result<Value, PluginError> {
    let Some(file) = file else {
        return Ok(Value::Object(serde_json::Map::new()));
    };
    let text = text(file)?;
    let (value, _) = parse_yaml(&text)
        .map_err(|mistake| PluginError::Mistakes(ConfigErrors::new(file, &text, &Default::default(), vec![mistake])))?;
    Ok(value)
}

/// A file that people write, as text.
pub(super) fn text(file: &Path) -> Result<String, PluginError> {
    const MOST: u64 = 1 << 20;
    let fail = |source| PluginError::Unreadable { path: file.to_owned(), source };
    String::from_utf8(read(file, MOST)?)
        .map_err(|error| fail(std::io::Error::new(std::io::ErrorKind::InvalidData, error)))
}

/// An engine for these tools, for a plugin of so many bytes: few sandboxes, and nothing kept of what compiles in a second. What
/// carries an interpreter takes half a minute, and is asked to load by one command after another.
pub(super) fn engine(bytes: usize) -> Result<Engine, PluginError> {
    const LARGE: usize = 4 << 20;
    let cache_dir = if bytes >= LARGE { kept::folder() } else { None };
    Engine::new(&EngineOptions { cache_dir, loader: None, sandboxes: SANDBOXES }).map_err(PluginError::Engine)
}
