//! `witgate serve`.

use std::io::{IsTerminal as _, Write as _};

use anyhow::anyhow;
use tracing_subscriber::filter::LevelFilter;
use witgate_policy::engine::Manifest;

use super::{Serve, open_files};
use crate::config::{Config, ConfigErrors, LogConfig, LogFormat, LogLevel, Mistake, render_schema_errors};
use crate::{blame, policies, run};

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
    let exchanges = config.limits.exchanges;
    let runtime = super::runtime()?;
    if let Some((needed, most)) = open_files::too_few_for(exchanges) {
        tracing::warn!(
            needed,
            most,
            "`limits.exchanges` is {exchanges}, for which the system allows too few open files: raise `ulimit -n` or LimitNOFILE"
        );
    }
    runtime.block_on(async {
        let running = run::start(config).await?;
        if dev {
            tracing::warn!(
                ledger = %directory.display(),
                "development mode: the keys lie beside the ledger, clients are not authenticated"
            );
        }
        let scheme = if running.gate.tls.is_some() { "https" } else { "http" };
        for upstream in &running.gate.upstreams {
            tracing::info!(base_url = %format!("{scheme}://{}{}", running.listen, upstream.path), upstream = upstream.name, "serving");
        }
        tracing::info!(admin = %format!("http://{}", running.admin), "operators: /healthz /readyz /metrics /admin/policy /v1/snapshot /v1/tail");
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

/// What plugins' manifests have to say about their part of a configuration. Those of plugins that nobody vouches for are
/// not read.
pub(super) fn plugin_mistakes(config: &Config) -> Vec<Mistake> {
    let mut out = Vec::new();
    let mut codes = Vec::new();
    for (index, entry) in config.policies.set.iter().enumerate() {
        let spec = match policies::spec(entry, &config.policies.trust) {
            Ok(spec) => spec,
            Err(error) => {
                out.extend(blame::mistakes(config, &error));
                continue;
            }
        };
        let unvouched = witgate_policy::vouch(&spec, &config.policies.trust);
        if !unvouched.is_empty() {
            out.extend(unvouched.iter().flat_map(|error| blame::of_build(config, error)));
            continue;
        }
        match Manifest::read(&spec.bytes) {
            Ok(manifest) => {
                let empty = serde_json::json!({ "type": "object", "additionalProperties": false });
                codes.extend(manifest.codes);
                let schema = manifest.config_schema.unwrap_or(empty);
                out.extend(render_schema_errors(&entry.config, &schema, &format!("/policies/set/{index}/config")));
            }
            Err(error) => {
                out.push(Mistake::new(error.code(), format!("/policies/set/{index}/plugin"), error.to_string()));
            }
        }
    }
    // What could not be read may be what knows the kind.
    if out.is_empty() {
        out.extend(config.tokens.unknown_kinds(&codes));
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
