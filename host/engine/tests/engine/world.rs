//! Plugins, contexts and documents for the tests.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use witgate_engine::{
    Action, Channel, Claim, Context, Document, Engine, EngineOptions, Grant, Grants, Limits, LoadError, Plugin,
    Segment, Source, Span,
};

/// Long enough that a busy machine does not reach it by accident.
pub(crate) const PATIENT: Duration = Duration::from_secs(10);
pub(crate) const MEMORY: usize = 16 << 20;

/// The compiled test plugin of a name.
pub(crate) fn wasm(name: &str) -> Vec<u8> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| std::env::var_os("WITGATE_TEST_PLUGINS").map_or_else(built, PathBuf::from));
    let file = folder.join(format!("witgate_test_{name}.wasm"));
    std::fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

fn built() -> PathBuf {
    let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
    let root = package.ancestors().nth(2).unwrap();
    // This program is TARGET/PROFILE/deps/NAME.
    let program = std::env::current_exe().unwrap();
    let target = program.ancestors().nth(3).unwrap().join("wasm-plugins");
    let built = Command::new("sh")
        .arg(root.join("scripts/build-plugin.sh"))
        .arg(root.join("Cargo.toml"))
        .arg(&target)
        .args(["witgate-test-hostile", "witgate-test-counter", "witgate-test-noop"])
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    target.join("wasm32-unknown-unknown/release")
}

pub(crate) fn engine() -> Engine {
    Engine::new(&EngineOptions { cache_dir: None, loader: None, sandboxes: 64 }).unwrap()
}

pub(crate) fn all_grants() -> Grants {
    Grant::ALL.iter().map(|(_, grant)| *grant).collect()
}

pub(crate) fn without(grant: Grant) -> Grants {
    Grant::ALL.iter().map(|(_, g)| *g).filter(|g| *g != grant).collect()
}

pub(crate) fn limits(deadline: Duration) -> Limits {
    Limits { memory: MEMORY, deadline }
}

pub(crate) fn config(at: &str, deed: &str) -> String {
    serde_json::json!({"at": at, "do": deed}).to_string()
}

/// The hostile plugin with all grants and a patient deadline.
pub(crate) fn hostile(engine: &Engine, at: &str, deed: &str) -> Result<Plugin, LoadError> {
    load(engine, "hostile", &config(at, deed), limits(PATIENT), all_grants())
}

pub(crate) fn counter(engine: &Engine) -> Plugin {
    load(engine, "counter", "{}", limits(PATIENT), Grants::default()).unwrap()
}

/// A test plugin; its name is its id.
pub(crate) fn load(
    engine: &Engine,
    name: &str,
    config: &str,
    limits: Limits,
    grants: Grants,
) -> Result<Plugin, LoadError> {
    engine.load(&Source { id: name, bytes: &wasm(name), config, limits, grants })
}

pub(crate) fn context() -> Context {
    caller("anonymous")
}

pub(crate) fn caller(principal: &str) -> Context {
    Context {
        exchange: "00000000-0000-7000-8000-000000000000".into(),
        tenant: "default".into(),
        principal: Claim { value: principal.into(), proven: false },
        owner: None,
        clearance: None,
        classification: None,
        intent: None,
        dialect: "openai-chat".into(),
        model: Some("m".into()),
        labels: vec![],
    }
}

pub(crate) fn document(text: &str) -> Document {
    let at = Span { start: 0, end: text.len() as u64 };
    let segment =
        Segment { role: "user".into(), kind: "text".into(), name: None, pointer: "/messages/0/content".into(), at };
    Document { text: text.into(), segments: vec![segment] }
}

pub(crate) fn action() -> Action {
    Action { kind: "tool_use".into(), target: "get_weather".into(), arguments: document("Berlin"), hints: vec![] }
}

pub(crate) fn channel() -> Channel {
    Channel { index: 0, kind: "content".into(), name: None }
}
