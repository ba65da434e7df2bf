//! Why a plugin could not be loaded.

use thiserror::Error;

use crate::contract::Issue;

/// A plugin that cannot serve. The policy set in force stays.
#[derive(Debug, Error)]
pub enum LoadError {
    /// Neither a component nor a core module that carries a component type.
    #[error("not a WebAssembly component, nor a module with a component type: {0}")]
    NotAComponent(String),
    /// The custom section `witgate:manifest` is missing or unreadable.
    #[error("the manifest (custom section `witgate:manifest`): {0}")]
    Manifest(String),
    /// An import that the contract does not have.
    #[error(
        "imports `{0}`, which the host does not offer; the host offers log, metrics, clock and state of witgate:policy@0.1.0"
    )]
    UnknownImport(String),
    /// An import that the operator has not granted.
    #[error("imports `{import}`, which needs the grant `{grant}`; add it to this plugin's `grants` if you agree")]
    MissingGrant {
        /// The interface.
        import: String,
        /// The grant's name, as the configuration writes it.
        grant: &'static str,
        /// The other imports that lack a grant, each with its own.
        more: Vec<(String, &'static str)>,
    },
    /// The component exports no stage.
    #[error("exports no stage: one of admission, inspection, commitment, recording is needed")]
    NoStage,
    /// The exports have other types than the contract.
    #[error("its exports do not fit witgate:policy@0.1.0: {0}")]
    Contract(String),
    /// The plugin refused its configuration.
    #[error("it refuses its configuration: {}", list(.0))]
    Configure(Vec<Issue>),
    /// `configure` trapped, ran out of time or memory, or called a host service other than log.
    #[error("`configure` failed: {0}")]
    ConfigureFault(String),
    /// The compiler refused it.
    #[error("it does not compile: {0}")]
    Compile(String),
    /// A test that it carries itself fails.
    #[error("test {index} of its own manifest fails: {why}")]
    SelfTest {
        /// The test's place in `tests`.
        index: usize,
        /// What happened instead.
        why: String,
    },
    /// The process that configures and compiles it ended without a result.
    #[error("it could not be loaded within the bounds of a load: {0}")]
    Loader(String),
    /// The sha256 is another than the one pinned.
    #[error("its sha256 is {found}, but {pinned} is pinned")]
    Pin {
        /// What was configured.
        pinned: String,
        /// What was read.
        found: String,
    },
    /// More memory than the host gives to a plugin.
    #[error("a memory limit of {0} bytes is beyond the host's maximum of {max}", max = crate::Limits::MAX_MEMORY)]
    MemoryLimit(usize),
}

impl LoadError {
    /// Stable code, for records, metrics and scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAComponent(_) => "plugin_not_a_component",
            Self::Manifest(_) => "plugin_manifest",
            Self::UnknownImport(_) => "plugin_unknown_import",
            Self::MissingGrant { .. } => "plugin_missing_grant",
            Self::NoStage => "plugin_no_stage",
            Self::Contract(_) => "plugin_contract",
            Self::Configure(_) => "plugin_config_refused",
            Self::ConfigureFault(_) => "plugin_configure_fault",
            Self::Compile(_) => "plugin_compile",
            Self::SelfTest { .. } => "plugin_self_test",
            Self::Loader(_) => "plugin_load_limit",
            Self::Pin { .. } => "plugin_pin",
            Self::MemoryLimit(_) => "plugin_memory_limit",
        }
    }
}

fn list(issues: &[Issue]) -> String {
    let mut out = String::new();
    for issue in issues.iter().take(8) {
        if !out.is_empty() {
            out.push_str("; ");
        }
        let at = if issue.pointer.is_empty() { "/" } else { &issue.pointer };
        out.push_str(&format!("{at}: {}", issue.message));
    }
    out
}
