//! What keeps a plugin from being built, looked into, tested or timed.

use std::io;
use std::path::PathBuf;

use witgate_engine::{Fault, LoadError};
use witgate_policy::trust::{KeyError, TrustError};

use super::eval::rows::RowMistakes;
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
    /// Labelled rows with mistakes.
    #[error("{0}")]
    Rows(RowMistakes),
    /// A file of rows without any.
    #[error("{0} has no rows")]
    NoRows(PathBuf),
    /// A bound on a share of no rows.
    #[error("{bound} cannot be told: there is no {label} row")]
    NoSuchRows {
        /// The option.
        bound: &'static str,
        /// What the rows would have to be.
        label: &'static str,
    },
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
    /// A name that no plugin can have.
    #[error("`{name}` cannot be the name of a plugin: {why}")]
    Name {
        /// As it was given.
        name: String,
        /// Why not.
        why: &'static str,
    },
    /// A folder that holds something already; nothing was written.
    #[error("nothing was written: {0} is there already and is not empty")]
    NotEmpty(PathBuf),
    /// No project that can be built.
    #[error("{0} is no plugin's project: it has neither a Cargo.toml nor a plugin.yaml")]
    NoProject(PathBuf),
    /// A compiler that is not there.
    #[error("`{tool}` is needed to build this, and is not there")]
    NoTool {
        /// Its name.
        tool: &'static str,
        /// How to come by it.
        install: &'static str,
    },
    /// A configuration that does not meet the manifest's schema.
    #[error("{name} {}: {}", if *given { "does not take this configuration" } else { "needs a configuration" }, mistakes.join("; "))]
    Config {
        /// The plugin, as it was named.
        name: String,
        /// Whether there was one.
        given: bool,
        /// What is wrong with it.
        mistakes: Vec<String>,
    },
    /// A stage that the plugin does not serve.
    #[error("{name} is not asked {}; its stages are: {there}", wanted.map_or_else(|| "about inputs".to_owned(), |stage| format!("at {stage}")))]
    Stage {
        /// The plugin, as it was named.
        name: String,
        /// The stage that was wanted.
        wanted: Option<&'static str>,
        /// Those it has.
        there: String,
    },
    /// An input that cannot be asked about.
    #[error("the input on stdin: {0}")]
    Input(String),
    /// Files cannot be watched.
    #[error("the files cannot be watched: {0}")]
    Watch(String),
    /// No sandbox on this machine.
    #[error("the sandbox engine cannot start: {0}")]
    Engine(io::Error),
    /// A file that cannot be written.
    #[error("{path}: {source}")]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A key that would be overwritten; nothing was written.
    #[error("{0} is there already, and a key is never overwritten")]
    KeyExists(PathBuf),
    /// A secret key that others can have.
    #[error("{path}: {what}")]
    KeyUnsafe {
        /// Its file.
        path: PathBuf,
        /// Why.
        what: &'static str,
    },
    /// No key, or nothing that can be signed with one.
    #[error("{path}: {error}")]
    Key {
        /// Where.
        path: PathBuf,
        /// Why.
        error: KeyError,
    },
    /// A signature that does not make a plugin trusted.
    #[error("{path}: {error}")]
    Trust {
        /// The signature's file, there or not.
        path: PathBuf,
        /// Why.
        error: TrustError,
    },
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
            Self::Rows(_) => "plugin_rows",
            Self::NoRows(_) => "plugin_no_rows",
            Self::NoSuchRows { .. } => "plugin_no_such_rows",
            Self::NoCases { .. } => "plugin_no_cases",
            Self::NoMatch(_) => "plugin_no_match",
            Self::Name { .. } => "plugin_name",
            Self::NotEmpty(_) => "plugin_not_empty",
            Self::NoProject(_) => "plugin_no_project",
            Self::NoTool { .. } => "plugin_no_tool",
            Self::Config { given: false, .. } => "plugin_needs_config",
            Self::Config { given: true, .. } => "plugin_config_invalid",
            Self::Stage { .. } => "plugin_no_such_stage",
            Self::Input(_) => "plugin_input",
            Self::Watch(_) => "plugin_watch",
            Self::Engine(_) => "plugin_engine",
            Self::Unwritable { .. } => "plugin_unwritable",
            Self::KeyExists(_) => "plugin_key_exists",
            Self::KeyUnsafe { .. } => "plugin_key_unsafe",
            Self::Key { error, .. } => error.code(),
            Self::Trust { error, .. } => error.code(),
            Self::Print(_) => "plugin_print",
        }
    }

    /// Whether the plugin is at fault, or the check could not be made.
    pub(super) fn exit(&self) -> u8 {
        match self {
            Self::Trust { .. }
            | Self::Load { .. }
            | Self::Fault { .. }
            | Self::Compile
            | Self::NotAPluginCrate { .. } => FAILED,
            _ => COULD_NOT,
        }
    }

    /// As it is shown: code, message, and what to do.
    pub(super) fn rendered(&self) -> String {
        if let Self::Mistakes(mistakes) = self {
            return mistakes.to_string();
        }
        if let Self::Rows(mistakes) = self {
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
            Self::KeyExists(_) => "name another file with --out".to_owned(),
            Self::NoRows(_) => {
                r#"write one JSON object a line, such as {"text": "Hello.", "label": "benign"}"#.to_owned()
            }
            Self::NoSuchRows { bound, .. } => format!("leave {bound} out, or name data with such rows"),
            Self::NoProject(_) => "begin one with: witgate plugin new NAME".to_owned(),
            Self::NoTool { install, .. } => format!("install it: {install}"),
            Self::Config { given: false, .. } => "name a file with one: --config FILE (YAML or JSON)".to_owned(),
            Self::Config { given: true, name, .. } => {
                format!("what it can be configured to: witgate plugin inspect {name}")
            }
            Self::NotEmpty(_) => "name another folder with --dir".to_owned(),
            Self::NoCases { .. } => "write a cases.yaml, and name it with --cases where it is elsewhere".to_owned(),
            _ => return None,
        };
        Some(help)
    }
}
