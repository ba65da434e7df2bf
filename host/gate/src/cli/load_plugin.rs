//! `witgate load-plugin`: what the gate starts of itself to configure and compile one plugin.

use std::sync::atomic::{AtomicBool, Ordering};

use witgate_engine::Loader;

use crate::config::{LogConfig, LogFormat};

/// Whether this process came up through the command line, so that starting it again leads here.
pub(super) static IS_POSSIBLE: AtomicBool = AtomicBool::new(false);

/// How the engine starts its loader; `None` where this process is no `witgate`, as in tests of parts of it.
pub(crate) fn loader(log: LogFormat) -> Option<Loader> {
    let log = match log {
        LogFormat::Text => "text",
        LogFormat::Json => "json",
    };
    IS_POSSIBLE.load(Ordering::Relaxed).then(|| Loader {
        // The very program that runs, even when another was put in its place since.
        program: "/proc/self/exe".into(),
        args: ["load-plugin", "--log", log].map(str::to_owned).to_vec(),
    })
}

/// The loader's half.
pub(super) fn run(log: LogFormat) -> anyhow::Result<u8> {
    super::serve::log(&LogConfig { format: log, ..LogConfig::default() });
    witgate_engine::serve_loader(std::io::stdin().lock(), std::io::stdout().lock())?;
    Ok(0)
}
