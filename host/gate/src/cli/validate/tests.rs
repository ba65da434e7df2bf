#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::fs;

use serde_json::Value;

use super::*;
use crate::cli::init::init;

fn run(path: &Path, format: Format, further: &dyn Fn(&Config) -> Vec<Mistake>) -> (u8, String) {
    let mut out = Vec::new();
    let code = validate(path, format, further, &mut out).unwrap();
    (code, String::from_utf8(out).unwrap())
}

fn none(_: &Config) -> Vec<Mistake> {
    Vec::new()
}

#[test]
fn right_wrong_and_unreadable() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), &mut Vec::new()).unwrap();
    let file = folder.path().join("witgate.yaml");
    let (code, text) = run(&file, Format::Human, &none);
    assert_eq!((code, text), (OK, format!("{}: no mistakes (1 upstream, 4 policies)\n", file.display())));

    fs::write(&file, fs::read_to_string(&file).unwrap().replace("disclose: code", "disclose: all")).unwrap();
    let (code, text) = run(&file, Format::Human, &none);
    assert_eq!(code, MISTAKES);
    assert!(
        text.starts_with("error[not_one_of]") && text.ends_with(&format!("1 mistake in {}\n", file.display())),
        "{text}"
    );

    let (code, text) = run(&folder.path().join("other.yaml"), Format::Human, &none);
    assert_eq!(code, UNREADABLE);
    assert!(text.starts_with("error[config_unreadable]"), "{text}");
}

#[test]
fn for_machines() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), &mut Vec::new()).unwrap();
    let file = folder.path().join("witgate.yaml");
    let json = |further: &dyn Fn(&Config) -> Vec<Mistake>| {
        let (code, text) = run(&file, Format::Json, further);
        (code, serde_json::from_str::<Value>(&text).unwrap())
    };
    let (code, outcome) = json(&none);
    assert_eq!((code, &outcome["valid"], &outcome["mistakes"]), (OK, &json!(true), &json!([])));

    // What a plugin's own schema finds has the line of the YAML too.
    let further = |_: &Config| vec![Mistake::new("unknown_member", "/policies/set/1/config/x", "no such member")];
    let (code, outcome) = json(&further);
    assert_eq!((code, &outcome["valid"]), (MISTAKES, &json!(false)));
    let text = fs::read_to_string(&file).unwrap();
    let line = text.lines().position(|line| line.contains("id: injection")).unwrap() + 1;
    assert_eq!(
        outcome["mistakes"],
        json!([{"code": "unknown_member", "pointer": "/policies/set/1/config/x", "line": line, "message": "no such member", "help": null}])
    );
}

#[test]
fn which_configuration_a_pointer_is_in() {
    for (pointer, expected) in [
        ("/policies/set/3/config/a/b", "/policies/set/3/config"),
        ("/policies/set/3/config", "/policies/set/3/config"),
        ("/policies/set", "/policies/set"),
        ("", ""),
    ] {
        assert_eq!(entry(pointer), expected);
    }
}

/// A plugin's own checks run too, and what its schema says is told once.
#[test]
fn plugins_are_asked() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), &mut Vec::new()).unwrap();
    let file = folder.path().join("witgate.yaml");
    let template = fs::read_to_string(&file).unwrap();
    let mistakes = |entry: &str| {
        let yaml = template.replace("plugin: builtin:injection", &format!("plugin: builtin:injection{entry}"));
        fs::write(&file, yaml).unwrap();
        let found = plugins(&Config::load(&file).map_err(|e| e.to_string()).unwrap());
        found.into_iter().map(|one| (one.code, one.pointer)).collect::<Vec<_>>()
    };
    assert_eq!(mistakes(""), []);
    let at = |member: &str| format!("/policies/set/1/{member}");
    assert_eq!(mistakes("\n      config: { colour: red }"), [("unknown_member", at("config/colour"))]);
    let both = mistakes("\n      config: { colour: red }\n      limits: { memory_mib: 1 }");
    assert_eq!(both, [("unknown_member", at("config/colour"))], "it is not run with a configuration it does not take");
}
