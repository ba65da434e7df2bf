//! What keeps a plugin from being built, looked into, tested or timed.

use std::io;
use std::path::PathBuf;

use witgate_engine::{Fault, LoadError};

use super::{COULD_NOT, FAILED, plain};
use crate::config::{BUILTINS, ConfigErrors};

/// `code` is stable; the message says what and where, `help` what to do.
#[derive(Debug, thiserror::Error)]
pub(super) enum PluginError {
    /// A file or folder.
    #[error("{path}: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// More bytes than any plugin has.
    #[error("{0} is larger than {max} MiB: no plugin is", max = super::target::MAX_BYTES >> 20)]
    TooLarge(PathBuf),
    /// A name after `builtin:` that is none.
    #[error("there is no built-in plugin `{}`", plain(.0))]
    NoBuiltin(String),
    /// A folder where a file is needed.
    #[error("{0} is a folder")]
    Folder(PathBuf),
    /// A tool that is not there, or cannot be started.
    #[error("`{tool}` cannot be started: {source}")]
    Tool {
        /// Its name.
        tool: &'static str,
        /// Why.
        source: io::Error,
    },
    /// Not a crate that a plugin can be made of.
    #[error("{path}: {what}")]
    NotAPluginCrate {
        /// Its Cargo.toml.
        path: PathBuf,
        /// Why not.
        what: String,
    },
    /// The compiler said no, and why.
    #[error("the crate does not compile; the compiler's words stand above")]
    Compile,
    /// No compiler for the target.
    #[error("there is no way to compile for wasm32-unknown-unknown here; what was tried stands above")]
    NoCompiler,
    /// It would not load.
    #[error("{name} would not load: {error}")]
    Load {
        /// The plugin, as it was named.
        name: String,
        /// Why.
        error: LoadError,
    },
    /// A call gave no decision.
    #[error("{name}: {fault}")]
    Fault {
        /// The plugin, as it was named.
        name: String,
        /// Why.
        fault: Fault,
    },
    /// A file of cases or a configuration with mistakes.
    #[error("{0}")]
    Mistakes(ConfigErrors),
    /// Nothing to run.
    #[error("{name} has no cases: {looked}")]
    NoCases {
        /// The plugin, as it was named.
        name: String,
        /// Where they were looked for.
        looked: String,
    },
    /// No case has a name like that.
    #[error("no case's name contains `{}`", plain(.0))]
    NoMatch(String),
    /// No sandbox on this machine.
    #[error("the sandbox engine cannot start: {0}")]
    Engine(io::Error),
    /// The outcome could not be told.
    #[error("the outcome could not be printed: {0}")]
    Print(#[from] io::Error),
}

impl PluginError {
    /// The stable code.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "plugin_unreadable",
            Self::TooLarge(_) => "plugin_too_large",
            Self::NoBuiltin(_) => "plugin_unknown_builtin",
            Self::Folder(_) => "plugin_is_a_folder",
            Self::Tool { .. } => "plugin_tool",
            Self::NotAPluginCrate { .. } => "plugin_not_a_crate",
            Self::Compile => "plugin_crate_compile",
            Self::NoCompiler => "plugin_no_compiler",
            Self::Load { error, .. } => error.code(),
            Self::Fault { fault, .. } => fault.code(),
            Self::Mistakes(_) => "plugin_mistakes",
            Self::NoCases { .. } => "plugin_no_cases",
            Self::NoMatch(_) => "plugin_no_match",
            Self::Engine(_) => "plugin_engine",
            Self::Print(_) => "plugin_print",
        }
    }

    /// Whether the plugin is at fault, or the check could not be made.
    pub(super) fn exit(&self) -> u8 {
        match self {
            Self::Load { .. } | Self::Fault { .. } | Self::Compile | Self::NotAPluginCrate { .. } => FAILED,
            _ => COULD_NOT,
        }
    }

    /// As it is shown: code, message, and what to do.
    pub(super) fn rendered(&self) -> String {
        if let Self::Mistakes(mistakes) = self {
            return mistakes.to_string();
        }
        let error = format!("error[{}]: {}", self.code(), plain(&self.to_string()));
        match self.help() {
            Some(help) => format!("{error}\n = help: {help}"),
            None => error,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Self::NoBuiltin(_) => format!("the built-in plugins are {}", BUILTINS.join(", ")),
            Self::Folder(path) => format!("build it first: witgate plugin build {}", path.display()),
            Self::Tool { tool: "cargo", .. } => "install Rust (https://rustup.rs), or put cargo on the PATH".to_owned(),
            Self::NoCases { .. } => "write a cases.yaml, and name it with --cases where it is elsewhere".to_owned(),
            _ => return None,
        };
        Some(help)
    }
}
