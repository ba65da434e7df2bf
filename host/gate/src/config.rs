//! `witgate.yaml`: read whole, every mistake named at once, typed from there on.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use witgate_policy::trust::Trust;

mod bounds;
mod changes;
mod clients;
mod document;
mod files;
mod ledger;
mod mistake;
mod outside;
mod policy;
mod reader;
mod schema;
mod service;
mod settings;
mod source;
mod tls;
mod tokens;
mod trust;
mod upstream;
mod watched;

pub(crate) use bounds::{Hold, Limits, OnOld, Timeouts};
pub(crate) use changes::waiting;
pub(crate) use clients::{ClientCertificates, Clients};
pub(crate) use document::parse as parse_yaml;
pub(crate) use ledger::{KeepingConfig, LedgerConfig, LedgerKeys};
pub(crate) use mistake::{ConfigErrors, Mistake};
pub(crate) use outside::Cosigner;
pub(crate) use policy::{BUILTINS, Mode, OnFault, PluginSource, Policies, PolicyEntry, USUAL};
pub(crate) use schema::{CONFIG_SCHEMA, render_schema_errors};
pub(crate) use service::Service;
pub(crate) use settings::{Admin, Allowed, Disclose, LogConfig, LogFormat, LogLevel, OnDeny, StreamConfig};
pub(crate) use source::Source;
pub(crate) use tokens::Tokens;
pub(crate) use trust::signature_of;
pub(crate) use upstream::{Proxy, Sign, Upstream};
pub(crate) use watched::Watched;

use crate::tls::TlsFiles;
use files::Kind;
use reader::Reader;

const LISTEN: &str = "127.0.0.1:8080";
const ADMIN_LISTEN: &str = "127.0.0.1:9090";
const CACHE_DIR: &str = "~/.cache/witgate";

/// A configuration in which every path is absolute and every rule of the format holds.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The address clients connect to.
    pub(crate) listen: SocketAddr,
    /// What clients are shown there; `None`: no TLS.
    pub(crate) tls: Option<TlsFiles>,
    /// Whose data and limits these are.
    pub(crate) tenant: String,
    /// The listener of operators.
    pub(crate) admin: Admin,
    /// The model APIs behind the gate; at least one.
    pub(crate) upstreams: Vec<Upstream>,
    /// Who may call; `None`: whoever can connect.
    pub(crate) clients: Option<Clients>,
    /// The plugins in force.
    pub(crate) policies: Policies,
    /// Where every decision is recorded.
    pub(crate) ledger: LedgerConfig,
    /// How streamed answers end.
    pub(crate) stream: StreamConfig,
    /// How much text may be held back.
    pub(crate) hold: Hold,
    /// How tokens are kept, and where values come back.
    pub(crate) tokens: Tokens,
    /// Bounds on size and number.
    pub(crate) limits: Limits,
    /// Bounds on time.
    pub(crate) timeouts: Timeouts,
    /// What a refusal tells the caller.
    pub(crate) disclose: Disclose,
    /// What passes although no policy can read it.
    pub(crate) allow: Vec<Allowed>,
    /// The gate's own log.
    pub(crate) log: LogConfig,
    /// The folder of compiled plugins; may not be there yet.
    pub(crate) cache_dir: PathBuf,
    /// The file all this was read from; `None` with `--dev`.
    pub(crate) source: Option<Arc<Source>>,
}

impl Config {
    /// Reads the file and checks it with all it names.
    ///
    /// # Errors
    /// Every mistake found, each with its pointer and line.
    pub(crate) fn load(path: &Path) -> Result<Self, ConfigErrors> {
        let source = Source::read(path)?;
        let mistakes = match Self::read(&source) {
            Ok(mut config) => {
                config.source = Some(Arc::new(source));
                return Ok(config);
            }
            Err(mistakes) => mistakes,
        };
        Err(source.errors(mistakes))
    }

    /// What a client without a proof of who it is is told.
    pub(crate) fn proofs(&self) -> &'static str {
        let clients = self.clients.as_ref();
        let (keys, certificates) = (clients.map(|c| c.keys_file.is_some()), clients.map(|c| c.certificates.is_some()));
        match (keys.unwrap_or_default(), certificates.unwrap_or_default()) {
            (false, true) => "This gate wants a client certificate.",
            (true, true) => {
                "This gate wants a client certificate, or a key of its own in `Authorization: Bearer` or `x-api-key`."
            }
            _ => "This gate wants a client key of its own in `Authorization: Bearer` or `x-api-key`.",
        }
    }

    /// The policies of a file alone, for tools that run where its keys are not. What else is wrong in it is not told.
    ///
    /// # Errors
    /// Every mistake found in `policies`, or that there are none.
    pub(crate) fn policies_of(path: &Path) -> Result<Policies, ConfigErrors> {
        let source = Source::read(path)?;
        let mut reader = Reader::new(&source.value, &source.folder, home(), source.schema_mistakes());
        let policies = policy::read(&mut reader);
        let mut mistakes = reader.finish();
        mistakes.retain(|mistake| mistake.pointer.starts_with("/policies"));
        match policies {
            Some(policies) if mistakes.is_empty() => return Ok(policies),
            None if mistakes.is_empty() => {
                let message = "there are no policies: list at least one plugin under `policies.set`";
                mistakes.push(Mistake::new("policies_missing", "", message));
            }
            _ => {}
        }
        Err(source.errors(mistakes))
    }

    /// What `serve --dev` runs on: all built-ins at their defaults, keys of its own beside the ledger, and, when no folder is
    /// named, that ledger in a fresh folder of the system's temporary one.
    ///
    /// # Errors
    /// When the URL is not one a gate may send to, or the admin address is not a loopback one.
    pub(crate) fn dev(
        url: &str,
        listen: SocketAddr,
        admin: SocketAddr,
        ledger: Option<PathBuf>,
    ) -> Result<Self, Mistake> {
        let url = upstream::base_url(url)
            .map_err(|(code, message, help)| Mistake::new(code, "/upstreams/0/url", message).help(help))?;
        if !admin.ip().is_loopback() {
            return Err(admin_not_loopback(admin));
        }
        let temporary = || std::env::temp_dir().join(format!("witgate-dev-{}", uuid::Uuid::now_v7()));
        let directory = ledger.unwrap_or_else(temporary);
        let directory = std::path::absolute(&directory).map_err(|error| {
            Mistake::new("path_form", "/ledger/directory", format!("{}: {error}", directory.display()))
        })?;
        let cache_dir = match home() {
            Some(home) => home.join(CACHE_DIR.trim_start_matches("~/")),
            None => directory.join("cache"),
        };
        Ok(Self {
            listen,
            tls: None,
            tenant: "default".to_owned(),
            admin: Admin { listen: admin },
            upstreams: vec![Upstream {
                name: "upstream".to_owned(),
                path: upstream::USUAL_PATH.to_owned(),
                url,
                key_file: None,
                ca_file: None,
                certificate: None,
                proxy: Proxy::Env,
                sign: None,
            }],
            clients: None,
            policies: Policies {
                directory: None,
                trust: Trust::default(),
                set: USUAL.map(PolicyEntry::builtin).to_vec(),
            },
            ledger: LedgerConfig {
                directory,
                keys: LedgerKeys::Ephemeral,
                segment_mib: ledger::SEGMENT_MIB,
                checkpoint_records: ledger::CHECKPOINT_RECORDS,
                checkpoint_seconds: ledger::CHECKPOINT_SECONDS,
                bodies: None,
                keeping: ledger::KeepingConfig::default(),
            },
            stream: StreamConfig::default(),
            hold: Hold::default(),
            tokens: Tokens::default(),
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            disclose: Disclose::default(),
            allow: Vec::new(),
            log: LogConfig::default(),
            cache_dir,
            source: None,
        })
    }

    fn read(source: &Source) -> Result<Self, Vec<Mistake>> {
        let mut reader = Reader::new(&source.value, &source.folder, home(), source.schema_mistakes());
        let config = Self::take(&mut reader);
        let mut mistakes = reader.finish();
        match config {
            Some(config) if mistakes.is_empty() => Ok(config),
            _ => {
                if mistakes.is_empty() {
                    mistakes.push(Mistake::new(
                        "config_incomplete",
                        "",
                        "a part of the configuration could not be taken",
                    ));
                }
                Err(mistakes)
            }
        }
    }

    fn take(reader: &mut Reader<'_>) -> Option<Self> {
        let listen = address(reader, "/listen", LISTEN);
        let tls = tls::read(reader);
        let admin = address(reader, "/admin/listen", ADMIN_LISTEN);
        let upstreams = upstream::read(reader);
        let clients = clients::read(reader);
        let policies = policy::read(reader);
        let ledger = ledger::read(reader);
        let stream = reader.block("", "stream");
        let hold = reader.block("", "hold");
        let tokens = reader.block("", "tokens");
        reader.unique("/tokens/restore", "tool", "duplicate_tool");
        let limits = reader.block("", "limits");
        let timeouts = reader.block("", "timeouts");
        let disclose = reader.block("", "disclose");
        let allow = reader.block("", "allow");
        let log = reader.block("", "log");
        let cache_dir = reader.text("", "cache_dir").unwrap_or(CACHE_DIR);
        let cache_dir = reader
            .resolve("/cache_dir", cache_dir)
            .and_then(|path| reader.check_file("/cache_dir", path, Kind::CacheDirectory));
        listeners(reader, listen, admin);
        Some(Self {
            listen: listen?,
            tls: tls?,
            tenant: reader.text("", "tenant").unwrap_or("default").to_owned(),
            admin: Admin { listen: admin? },
            upstreams: upstreams?,
            clients: clients?,
            policies: policies?,
            ledger: ledger?,
            stream: stream?,
            hold: hold?,
            tokens: tokens?,
            limits: limits?,
            timeouts: timeouts?,
            disclose: disclose?,
            allow: allow?,
            log: log?,
            cache_dir: cache_dir?,
            source: None,
        })
    }
}

fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute())
}

fn address(reader: &mut Reader<'_>, pointer: &str, usual: &str) -> Option<SocketAddr> {
    let text = match reader.at(pointer) {
        None => usual,
        Some(value) => value.as_str()?,
    };
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let help = match text.strip_prefix("localhost:") {
        Some(port) => format!("did you mean 127.0.0.1:{}?", schema::cut(port)),
        None => format!("write ADDRESS:PORT, such as {usual} or [::1]:8080; names are not looked up"),
    };
    reader.mistake("address_form", pointer, format!("`{}` is not an address with a port", schema::cut(text)), help);
    None
}

/// Rules about who can reach what.
fn listeners(reader: &mut Reader<'_>, listen: Option<SocketAddr>, admin: Option<SocketAddr>) {
    if let Some(admin) = admin
        && !admin.ip().is_loopback()
    {
        let Mistake { code, pointer, message, help, .. } = admin_not_loopback(admin);
        reader.mistake(code, &pointer, message, help.unwrap_or_default());
    }
    let Some(listen) = listen else { return };
    if listen.port() != 0 && admin == Some(listen) {
        reader.mistake(
            "listen_twice",
            "/admin/listen",
            format!("{listen} is the address of clients too"),
            "take another port",
        );
    }
    // No open relay: with a key of the gate's own, whoever connects spends it.
    let holds_key = reader.list("/upstreams").iter().position(|upstream| upstream.get("key_file").is_some());
    if let Some(index) = holds_key
        && !listen.ip().is_loopback()
        && reader.at("/clients").is_none()
    {
        let message = format!("the gate would lend its key to whoever reaches {listen}");
        let help = "add `clients:` with a keys_file, listen on 127.0.0.1, or leave key_file out so that clients bring their own key";
        reader.mistake("open_relay", &format!("/upstreams/{index}/key_file"), message, help);
    }
}

fn admin_not_loopback(admin: SocketAddr) -> Mistake {
    Mistake::new("admin_not_loopback", "/admin/listen", format!("{admin} can be reached from other machines"))
        .help("listen on 127.0.0.1 or [::1]; reach it from elsewhere through a tunnel")
}

/// The whole schema as a value.
fn config_schema() -> Value {
    // The text is part of this binary, and a test reads it.
    serde_json::from_str(CONFIG_SCHEMA).unwrap_or(Value::Bool(false))
}

#[cfg(test)]
mod tests;
