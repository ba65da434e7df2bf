//! `witgate serve`.

use std::io::{IsTerminal as _, Write as _};

use anyhow::anyhow;
use tracing_subscriber::filter::LevelFilter;
use witgate_policy::engine::Manifest;

use super::Serve;
use crate::config::{
    Config, ConfigErrors, LogConfig, LogFormat, LogLevel, Mistake, PluginSource, render_schema_errors,
};
use crate::{builtin, run};

pub(super) fn serve(args: Serve) -> anyhow::Result<u8> {
    let config = match (args.config, args.upstream) {
        (Some(path), _) => match load(&path) {
            Ok(config) => config,
            Err(errors) => {
                let _ = write!(std::io::stderr(), "{errors}");
                return Ok(super::COULD_NOT_RUN);
            }
        },
        (None, Some(url)) => Config::dev(&url, args.listen, args.admin, args.ledger).map_err(|m| {
            anyhow!("error[{}]: {}{}", m.code, m.message, m.help.map(|h| format!("; {h}")).unwrap_or_default())
        })?,
        (None, None) => return Err(anyhow!("give --config FILE, or --dev with --upstream URL")),
    };
    log(&config.log);
    let dev = config.source.is_none();
    let directory = config.ledger.directory.clone();
    super::runtime()?.block_on(async {
        let running = run::start(config).await?;
        if dev {
            tracing::warn!(
                ledger = %directory.display(),
                "development mode: the receipt key ends with this process, the ledger's key lies beside the ledger, clients are not authenticated"
            );
        }
        for upstream in &running.gate.upstreams {
            tracing::info!(base_url = %format!("http://{}{}", running.listen, upstream.path), upstream = upstream.name, "serving");
        }
        tracing::info!(admin = %format!("http://{}", running.admin), "operators: /healthz /readyz /metrics /admin/policy");
        running.asked_to_stop().await?;
        tracing::info!("stopping: running exchanges may end");
        running.stop().await;
        Ok(0)
    })
}

fn load(path: &std::path::Path) -> Result<Config, ConfigErrors> {
    let config = Config::load(path)?;
    let mistakes = plugin_mistakes(&config);
    match (&config.source, mistakes.is_empty()) {
        (Some(source), false) => Err(source.errors(mistakes)),
        _ => Ok(config),
    }
}

/// What plugins' manifests have to say about their part of a configuration.
pub(super) fn plugin_mistakes(config: &Config) -> Vec<Mistake> {
    let mut out = Vec::new();
    for (index, entry) in config.policies.set.iter().enumerate() {
        let bytes = match &entry.source {
            PluginSource::Builtin(name) => builtin::bytes(name).map(<[u8]>::to_vec),
            PluginSource::File(path) => std::fs::read(path).ok(),
        };
        let manifest = bytes
            .ok_or_else(|| "the file cannot be read".to_owned())
            .and_then(|b| Manifest::read(&b).map_err(|e| e.to_string()));
        match manifest {
            Ok(manifest) => {
                let empty = serde_json::json!({ "type": "object", "additionalProperties": false });
                let schema = manifest.config_schema.unwrap_or(empty);
                out.extend(render_schema_errors(&entry.config, &schema, &format!("/policies/set/{index}/config")));
            }
            Err(why) => out.push(Mistake::new("plugin_manifest", format!("/policies/set/{index}/plugin"), why)),
        }
    }
    out
}

/// Sets up the log, on stderr.
pub(super) fn log(config: &LogConfig) {
    let level = match config.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let builder = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_target(false);
    let builder = builder.with_ansi(std::io::stderr().is_terminal());
    // Set twice in one process only by tests; the first stays.
    let _ = match config.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}
