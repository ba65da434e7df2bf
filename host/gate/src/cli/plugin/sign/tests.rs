#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use super::super::{COULD_NOT, FAILED, PluginCommand, run as run_command};
use super::*;

/// A folder with a plugin, and a command's way into it.
struct Bench(tempfile::TempDir);

impl Bench {
    fn new() -> Self {
        let bench = Self(tempfile::tempdir().unwrap());
        fs::write(bench.path("pii.wasm"), crate::builtin::bytes("pii").unwrap()).unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn keygen(&self, name: &str) -> (u8, String, String) {
        run_it(&PluginCommand::Keygen { out: self.path(name), name: None, format: Format::Json })
    }

    fn sign(&self, file: &str, key: &str) -> (u8, String, String) {
        let (file, key) = (self.path(file), self.path(key));
        run_it(&PluginCommand::Sign { file, key, out: None, format: Format::Json })
    }

    fn verify(&self, file: &str, key: &str) -> (u8, Value) {
        let (file, key) = (self.path(file), self.path(key).display().to_string());
        let (code, out, err) = run_it(&PluginCommand::Verify { file, key, signature: None, format: Format::Json });
        (code, serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}")))
    }
}

/// The exit code, and what went to the two streams.
fn run_it(command: &PluginCommand) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run_command(command, false, &mut out, &mut err).unwrap();
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

#[test]
fn a_key_a_signature_and_its_check() {
    let bench = Bench::new();
    let (code, out, err) = bench.keygen("team.key");
    assert_eq!((code, err.as_str()), (OK, ""));
    let made: Value = serde_json::from_str(&out).unwrap();
    let mode = |name: &str| fs::metadata(bench.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("team.key"), mode("team.key.pub")), (0o600, 0o644));
    let public = fs::read_to_string(bench.path("team.key.pub")).unwrap();
    assert_eq!(public.trim_end(), made["public"]);
    assert!(!public.contains("secret") && made["name"] == "team");

    let (code, out, err) = bench.sign("pii.wasm", "team.key");
    assert_eq!((code, err.as_str()), (OK, ""));
    let signed: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&signed["key"], &signed["id"]), (&made["key"], &"pii".into()));
    assert!(bench.path("pii.wasm.sig").is_file());
    assert_eq!(fs::read_dir(bench.0.path()).unwrap().count(), 4, "nothing is left lying about");

    let (code, told) = bench.verify("pii.wasm", "team.key.pub");
    assert_eq!(
        (code, &told["verified"], &told["key"], &told["name"]),
        (OK, &true.into(), &made["key"], &"team".into())
    );
    // The line itself does as well as the file.
    let line =
        PluginCommand::Verify { file: bench.path("pii.wasm"), key: public, signature: None, format: Format::Human };
    let (code, out, _) = run_it(&line);
    assert!(code == OK && out.starts_with("verified  ") && out.contains("(team)"), "{out}");
}

#[test]
fn what_does_not_verify_is_told_by_code() {
    let bench = Bench::new();
    bench.keygen("a.key");
    bench.keygen("b.key");
    let refused = |file: &str, key: &str| {
        let (code, told) = bench.verify(file, key);
        assert_eq!((code, &told["verified"]), (FAILED, &false.into()), "{told}");
        told["error"]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(refused("pii.wasm", "a.key.pub"), "plugin_unsigned");
    bench.sign("pii.wasm", "a.key");
    assert_eq!(refused("pii.wasm", "b.key.pub"), "plugin_signer_unknown");
    // The signature of one plugin beside another.
    fs::write(bench.path("other.wasm"), crate::builtin::bytes("injection").unwrap()).unwrap();
    fs::copy(bench.path("pii.wasm.sig"), bench.path("other.wasm.sig")).unwrap();
    assert_eq!(refused("other.wasm", "a.key.pub"), "plugin_signature_stale");
    let text = fs::read_to_string(bench.path("pii.wasm.sig")).unwrap();
    fs::write(bench.path("pii.wasm.sig"), text.replace("plugin: pii", "plugin: pia")).unwrap();
    assert_eq!(refused("pii.wasm", "a.key.pub"), "plugin_signature_invalid");
    fs::write(bench.path("pii.wasm.sig"), "x".repeat(5000)).unwrap();
    assert_eq!(refused("pii.wasm", "a.key.pub"), "plugin_signature_malformed");
    // Signing again puts it right.
    bench.sign("pii.wasm", "a.key");
    assert_eq!(bench.verify("pii.wasm", "a.key.pub").0, OK);
}

#[test]
fn a_key_is_never_overwritten_and_a_loose_one_not_used() {
    let bench = Bench::new();
    bench.keygen("a.key");
    let before = fs::read(bench.path("a.key")).unwrap();
    let (code, _, err) = bench.keygen("a.key");
    assert!(code == COULD_NOT && err.starts_with("error[plugin_key_exists]") && err.contains("--out"), "{err}");
    assert_eq!(fs::read(bench.path("a.key")).unwrap(), before);
    // A public half that is in the way leaves no secret one behind.
    fs::write(bench.path("c.key.pub"), "mine").unwrap();
    assert_eq!(bench.keygen("c.key").0, COULD_NOT);
    assert!(!bench.path("c.key").exists() && fs::read_to_string(bench.path("c.key.pub")).unwrap() == "mine");

    let refused = |key: &str| bench.sign("pii.wasm", key).2;
    std::os::unix::fs::symlink(bench.path("a.key"), bench.path("link.key")).unwrap();
    assert!(refused("link.key").starts_with("error[plugin_key_unsafe]"));
    fs::set_permissions(bench.path("a.key"), fs::Permissions::from_mode(0o640)).unwrap();
    assert!(refused("a.key").starts_with("error[plugin_key_unsafe]") && refused("a.key").contains("chmod 600"));
    assert!(refused("a.key.pub").starts_with("error[plugin_key_unsafe]"), "a public key is no secret one");
    assert!(refused("none.key").starts_with("error[plugin_unreadable]"));
    fs::set_permissions(bench.path("a.key.pub"), fs::Permissions::from_mode(0o600)).unwrap();
    assert!(refused("a.key.pub").starts_with("error[plugin_key_content]"));
    assert!(!bench.path("pii.wasm.sig").exists());
}

#[test]
fn what_is_no_plugin_is_not_signed() {
    let bench = Bench::new();
    bench.keygen("a.key");
    fs::write(bench.path("junk.wasm"), "junk").unwrap();
    let (code, _, err) = bench.sign("junk.wasm", "a.key");
    assert!(code == FAILED && err.starts_with("error[plugin_not_a_component]"), "{err}");
    assert!(!bench.path("junk.wasm.sig").exists());
}

#[test]
fn inspect_tells_whose_signature_lies_beside() {
    let bench = Bench::new();
    let made: Value = serde_json::from_str(&bench.keygen("a.key").1).unwrap();
    let inspect = || {
        let plugin = super::super::Target::Path(bench.path("pii.wasm"));
        let (code, out, _) = run_it(&PluginCommand::Inspect { plugin, config: None, format: Format::Json });
        (code, serde_json::from_str::<Value>(&out).unwrap()["signature"].clone())
    };
    assert_eq!(inspect(), (OK, Value::Null));
    bench.sign("pii.wasm", "a.key");
    let (code, told) = inspect();
    assert_eq!((code, &told["key"], &told["fits"]), (OK, &made["key"], &true.into()));
    fs::write(bench.path("pii.wasm.sig"), "junk").unwrap();
    let (code, told) = inspect();
    assert_eq!((code, &told["fits"]), (FAILED, &false.into()));
    assert_eq!(told["error"]["code"], "plugin_signature_malformed");
}
