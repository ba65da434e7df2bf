#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::*;

/// A folder as `witgate init` leaves it, for configurations that differ in what each test is about.
pub(super) struct Folder(tempfile::TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for directory in ["keys", "policies"] {
            fs::create_dir(folder.path(directory)).unwrap();
            folder.mode(directory, 0o700);
        }
        for (file, mode) in [
            ("keys/ledger.key", 0o600),
            ("keys/receipt.key", 0o600),
            ("keys/openai.key", 0o600),
            ("keys/clients", 0o644),
        ] {
            folder.write(file, &format!("# a key\n{}\n", "0123456789abcdef".repeat(4)), mode);
        }
        folder.write("policies/mine.wasm", "\0asm", 0o644);
        folder.write("ca.pem", "-----BEGIN CERTIFICATE-----\n", 0o644);
        folder
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    pub(super) fn write(&self, name: &str, text: &str, mode: u32) {
        fs::write(self.path(name), text).unwrap();
        self.mode(name, mode);
    }

    pub(super) fn load(&self, yaml: &str) -> Result<Config, ConfigErrors> {
        self.write("witgate.yaml", yaml, 0o644);
        Config::load(&self.path("witgate.yaml"))
    }

    /// The codes, pointers and lines of the mistakes.
    pub(super) fn mistakes(&self, yaml: &str) -> Vec<(&'static str, String, Option<usize>)> {
        let errors = self.load(yaml).unwrap_err();
        errors.mistakes.into_iter().map(|one| (one.code, one.pointer, one.line)).collect()
    }
}

const SMALLEST: &str = "\
version: 1
upstreams: [{ name: openai, path: /v1, url: 'https://api.openai.com/v1' }]
policies: { set: [{ id: pii, plugin: 'builtin:pii' }] }
ledger: { directory: ledger }
";

#[test]
fn the_smallest_has_every_default() {
    let folder = Folder::new();
    let config = folder.load(SMALLEST).unwrap();
    assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.admin.listen, "127.0.0.1:9090".parse().unwrap());
    assert_eq!(config.tenant, "default");
    assert_eq!(config.clients, None);
    assert_eq!(config.ledger.directory, folder.path("ledger"));
    let LedgerKeys::Files { hmac, receipt, previous } = config.ledger.keys else { panic!("keys come from files") };
    assert_eq!((hmac, receipt), (Some(folder.path("keys/ledger.key")), folder.path("keys/receipt.key")));
    assert_eq!(previous, None);
    let [upstream] = config.upstreams.as_slice() else { panic!("one upstream") };
    assert_eq!((upstream.path.as_str(), &upstream.proxy), ("/v1", &Proxy::Env));
    assert_eq!(config.policies.set, [PolicyEntry::builtin("pii")]);
    assert_eq!(config.limits.body_bytes(), 4 << 20);
    assert_eq!(config.timeouts.headers().as_secs(), 10);
    assert!(config.source.is_some());
}

#[test]
fn everything_said() {
    let folder = Folder::new();
    let config = folder
        .load(
            "\
version: 1
listen: 0.0.0.0:0
tenant: acme
admin: { listen: '[::1]:9000' }
upstreams:
  - { name: openai, path: /v1, url: https://api.openai.com/v1/, key_file: keys/openai.key, ca_file: ./ca.pem, proxy: 'http://proxy:3128' }
  - { name: local, path: /local/v1, url: 'http://[::1]:11434/v1', proxy: none }
clients: { keys_file: keys/clients }
policies:
  directory: policies
  set:
    - id: mine
      plugin: mine.wasm
      sha256: '0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef'
      mode: monitor
      on_fault: allow
      grants: [edit, state-global]
      limits: { memory_mib: 8, deadline_ms: 5 }
      config: { words: [a, b] }
ledger: { directory: /var/tmp/x/ledger, segment_mib: 8 }
stream: { on_deny: error, receipt_comment: false }
hold: { max_kib: 8 }
tokens: { sessions: 5, idle_ms: 1000, restore: [{ tool: send_email, kinds: [email] }] }
limits: { body_kib: 1, exchanges: 7 }
timeouts: { drain_ms: 1 }
disclose: nothing
log: { format: json, level: debug }
cache_dir: cache
",
        )
        .unwrap();
    let [openai, local] = config.upstreams.as_slice() else { panic!("two upstreams") };
    assert_eq!(openai.url, "https://api.openai.com/v1");
    assert_eq!(openai.key_file, Some(folder.path("keys/openai.key")));
    assert_eq!(openai.ca_file, Some(folder.path("ca.pem")));
    assert_eq!(openai.proxy, Proxy::Url("http://proxy:3128".parse().unwrap()));
    assert_eq!((local.url.host(), &local.proxy), (Some("[::1]"), &Proxy::None));
    let [mine] = config.policies.set.as_slice() else { panic!("one policy") };
    assert_eq!(mine.source, PluginSource::File(folder.path("policies/mine.wasm")));
    assert_eq!(mine.sha256.as_deref(), Some("0123456789abcdef".repeat(4).as_str()));
    assert_eq!(
        (mine.mode, mine.on_fault, mine.memory_mib, mine.deadline_ms),
        (Mode::Monitor, OnFault::Allow, Some(8), Some(5))
    );
    assert_eq!(mine.grants.as_deref(), Some(["edit".to_owned(), "state-global".to_owned()].as_slice()));
    assert_eq!(mine.config, json!({"words": ["a", "b"]}));
    assert_eq!(
        config.stream,
        StreamConfig { on_deny: OnDeny::Error, receipt_comment: false, ..StreamConfig::default() }
    );
    assert_eq!((config.limits.body_kib, config.limits.headers, config.limits.exchanges()), (1, 100, 7));
    assert_eq!((config.tokens.sessions, config.tokens.entries, config.tokens.idle_ms), (5, 4096, 1000));
    assert!(config.tokens.restores().names("send_email") && !config.tokens.restores().names("send"));
    assert_eq!(config.disclose, Disclose::Nothing);
    assert_eq!(config.log, LogConfig { format: LogFormat::Json, level: LogLevel::Debug });
    assert_eq!(config.cache_dir, folder.path("cache"));
}

#[test]
fn every_mistake_at_once_with_its_line() {
    let folder = Folder::new();
    let found = folder.mistakes(
        "\
version: 2
listn: 127.0.0.1:1
admin: { listen: 0.0.0.0:9090 }
upstreams:
  - name: a
    path: v1
    url: http://example.com
  - name: a
    path: /v1
    url: https://h/v1?x
policies:
  directory: nowhere
  set:
    - id: pii
      plugin: builtin:pi
      mode: enforced
    - plugin: other.wasm
      grants: [edit, fly]
limits:
  body_kb: 1
  depth: 4
  nodes: many
",
    );
    let expected = [
        ("missing_member", "", 1),
        ("not_one_of", "/version", 1),
        ("unknown_member", "/listn", 2),
        ("admin_not_loopback", "/admin/listen", 3),
        ("path_form", "/upstreams/0/path", 6),
        ("url_not_https", "/upstreams/0/url", 7),
        ("duplicate_upstream_name", "/upstreams/1/name", 8),
        ("url_form", "/upstreams/1/url", 10),
        ("directory_missing", "/policies/directory", 12),
        ("unknown_builtin", "/policies/set/0/plugin", 15),
        ("not_one_of", "/policies/set/0/mode", 16),
        ("missing_member", "/policies/set/1", 17),
        ("not_one_of", "/policies/set/1/grants/1", 18),
        ("unknown_member", "/limits/body_kb", 20),
        ("out_of_range", "/limits/depth", 21),
        ("wrong_type", "/limits/nodes", 22),
    ];
    let mut expected: Vec<_> = expected.map(|(code, pointer, line)| (code, pointer.to_owned(), Some(line))).to_vec();
    let mut found = found;
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn no_policies_no_ledger_no_keys_is_refused() {
    let folder = Folder::new();
    let no_policies = SMALLEST.replace("[{ id: pii, plugin: 'builtin:pii' }]", "[]");
    assert_eq!(folder.mistakes(&no_policies), [("too_few", "/policies/set".to_owned(), Some(3))]);
    let no_ledger = SMALLEST.replace("ledger: { directory: ledger }\n", "");
    assert_eq!(folder.mistakes(&no_ledger), [("missing_member", String::new(), Some(1))]);
    fs::remove_file(folder.path("keys/receipt.key")).unwrap();
    assert_eq!(folder.mistakes(SMALLEST), [("file_missing", "/ledger/receipt_key_file".to_owned(), Some(4))]);
}

#[test]
fn a_key_of_the_gates_own_beyond_loopback_needs_clients() {
    let folder = Folder::new();
    let held = SMALLEST.replace("/v1' }", "/v1', key_file: keys/openai.key }");
    folder.load(&held).unwrap();
    let open = format!("{held}listen: 0.0.0.0:8080\n");
    assert_eq!(folder.mistakes(&open), [("open_relay", "/upstreams/0/key_file".to_owned(), Some(2))]);
    folder.load(&format!("{open}clients: {{ keys_file: keys/clients }}\n")).unwrap();
    folder.load(&format!("{SMALLEST}listen: 0.0.0.0:8080\n")).unwrap();
}

#[test]
fn a_key_file_that_holds_no_key() {
    let folder = Folder::new();
    folder.write("keys/ledger.key", "not a key\n", 0o600);
    assert_eq!(folder.mistakes(SMALLEST), [("key_content", "/ledger/hmac_key_file".to_owned(), Some(4))]);
}

#[test]
fn addresses() {
    let folder = Folder::new();
    for text in ["8080", "localhost:8080", "127.0.0.1", "127.0.0.1:99999", "''"] {
        let found = folder.mistakes(&format!("{SMALLEST}listen: {text}\n"));
        assert!(
            matches!(found.as_slice(), [("address_form" | "wrong_type", at, Some(5))] if at == "/listen"),
            "{text}: {found:?}"
        );
    }
    let twice = format!("{SMALLEST}listen: 127.0.0.1:9090\n");
    assert_eq!(folder.mistakes(&twice), [("listen_twice", "/admin/listen".to_owned(), Some(1))]);
}

#[test]
fn a_whole_number_written_with_a_point_is_told() {
    let folder = Folder::new();
    let found = folder.mistakes(&format!("{SMALLEST}limits: {{ depth: 64.0 }}\n"));
    assert_eq!(found, [("wrong_type", "/limits".to_owned(), Some(5))]);
}

#[test]
fn a_file_that_cannot_be_read_and_one_that_is_not_text() {
    let folder = Folder::new();
    let errors = Config::load(&folder.path("missing.yaml")).unwrap_err();
    assert!(errors.unreadable());
    fs::write(folder.path("binary.yaml"), b"version: 1\nname: \xff\n").unwrap();
    let errors = Config::load(&folder.path("binary.yaml")).unwrap_err();
    assert!(!errors.unreadable());
    let [mistake] = errors.mistakes.as_slice() else { panic!("one mistake") };
    assert_eq!((mistake.code, mistake.line), ("config_encoding", Some(2)));
}

#[test]
fn a_file_everybody_may_change_is_refused() {
    let folder = Folder::new();
    folder.write("witgate.yaml", SMALLEST, 0o666);
    let errors = Config::load(&folder.path("witgate.yaml")).unwrap_err();
    assert_eq!(errors.mistakes.first().map(|one| one.code), Some("config_writable"));
}

/// The defaults that the schema tells are those in force.
#[test]
fn the_schemas_defaults_are_those_of_the_types() {
    fn with_defaults(schema: &Value) -> Value {
        let members = schema["properties"].as_object().unwrap();
        Value::Object(
            members.iter().filter_map(|(name, member)| Some((name.clone(), member.get("default")?.clone()))).collect(),
        )
    }
    let schema = config_schema();
    let of = |name: &str| with_defaults(&schema["properties"][name]);
    assert_eq!(serde_json::from_value::<Limits>(of("limits")).unwrap(), Limits::default());
    assert_eq!(of("limits").as_object().unwrap().len(), 11);
    assert_eq!(serde_json::from_value::<Timeouts>(of("timeouts")).unwrap(), Timeouts::default());
    assert_eq!(of("timeouts").as_object().unwrap().len(), 8);
    assert_eq!(serde_json::from_value::<Tokens>(of("tokens")).unwrap(), Tokens::default());
    assert_eq!(of("tokens").as_object().unwrap().len(), 6);
    assert_eq!(Tokens::default().limits(), witgate_policy::TokenLimits::default());
    assert_eq!(serde_json::from_value::<Hold>(of("hold")).unwrap(), Hold::default());
    assert_eq!(serde_json::from_value::<StreamConfig>(of("stream")).unwrap(), StreamConfig::default());
    assert_eq!(serde_json::from_value::<LogConfig>(of("log")).unwrap(), LogConfig::default());
    let root = with_defaults(&schema);
    assert_eq!(root["listen"], LISTEN);
    assert_eq!(of("admin")["listen"], ADMIN_LISTEN);
    assert_eq!(root["cache_dir"], CACHE_DIR);
    assert_eq!(serde_json::from_value::<Disclose>(root["disclose"].clone()).unwrap(), Disclose::default());
    assert_eq!(root["allow"], serde_json::json!([]));
    assert_eq!(of("ledger")["segment_mib"], ledger::SEGMENT_MIB);
    assert_eq!(of("ledger")["checkpoint_records"], ledger::CHECKPOINT_RECORDS);
    assert_eq!(of("ledger")["checkpoint_seconds"], ledger::CHECKPOINT_SECONDS);
}

/// What the schema lets through, the engine and the policy set take.
#[test]
fn the_schemas_bounds_are_those_of_the_sandbox() {
    let schema = config_schema();
    let limits = &schema["properties"]["policies"]["properties"]["set"]["items"]["properties"]["limits"]["properties"];
    assert_eq!(limits["memory_mib"]["maximum"], witgate_policy::engine::Limits::MAX_MEMORY >> 20);
    assert_eq!(limits["deadline_ms"]["maximum"], witgate_policy::MAX_DEADLINE_MS);
    for member in ["memory_mib", "deadline_ms"] {
        assert_eq!(limits[member]["minimum"], 1);
    }
}

#[test]
fn dev_needs_no_file() {
    let listen = "0.0.0.0:8080".parse().unwrap();
    let admin = "127.0.0.1:0".parse().unwrap();
    let config = Config::dev("http://127.0.0.1:9/v1", listen, admin, None).unwrap();
    let ids: Vec<&str> = config.policies.set.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids, super::USUAL);
    assert_eq!(config.ledger.keys, LedgerKeys::Ephemeral);
    assert!(config.ledger.directory.is_absolute() && !config.ledger.directory.exists());
    let other = Config::dev("http://127.0.0.1:9/v1", listen, admin, None).unwrap();
    assert_ne!(config.ledger.directory, other.ledger.directory);
    assert_eq!(Config::dev("http://example.com", listen, admin, None).unwrap_err().code, "url_not_https");
    assert_eq!(Config::dev("https://example.com", listen, listen, None).unwrap_err().code, "admin_not_loopback");
}
