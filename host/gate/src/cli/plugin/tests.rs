#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::path::Path;

use serde_json::Value;

use super::*;

fn target(name: &str) -> Target {
    name.parse().unwrap()
}

/// A folder of the repository.
fn repository(path: &str) -> Target {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    Target::Path(Path::new(&package).join("../..").join(path))
}

/// The exit code, and what went to the two streams.
fn run_it(command: &PluginCommand) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(command, false, &mut out, &mut err).unwrap();
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

fn inspect(plugin: Target, config: Option<&Path>, format: Format) -> (u8, String, String) {
    run_it(&PluginCommand::Inspect { plugin, config: config.map(Path::to_path_buf), format })
}

fn test(plugin: Target, cases: Option<&Path>, format: Format, filter: Option<&str>) -> (u8, String, String) {
    let (cases, filter) = (cases.map(Path::to_path_buf), filter.map(str::to_owned));
    let format = if format == Format::Json { TestFormat::Json } else { TestFormat::Human };
    run_it(&PluginCommand::Test { plugin, cases, splits: Splits::Every, format, filter })
}

/// Cases in a file of their own.
fn cases(yaml: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, yaml).unwrap();
    file
}

#[test]
fn the_built_in_plugins_meet_their_cases() {
    for name in crate::config::BUILTINS {
        let (code, out, err) = test(target(&format!("builtin:{name}")), None, Format::Human, None);
        assert_eq!((code, err.as_str()), (OK, ""), "{out}");
        assert!(out.contains("✓ ") && out.contains(" 0 failed"), "{out}");
    }
}

#[test]
fn a_built_in_plugin_is_told_in_full() {
    let (code, out, _) = inspect(target("builtin:pii"), None, Format::Json);
    assert_eq!(code, OK, "{out}");
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&told["id"], &told["loads"], &told["start"]), (&"pii".into(), &true.into(), &"snapshot".into()));
    assert_eq!((&told["form"], &told["contract"]), (&"module".into(), &"witgate:policy@0.1.0".into()));
    assert_eq!(told["stages"], serde_json::json!(["admission", "inspection", "commitment"]));
    assert_eq!(told["grants"], serde_json::json!(["edit"]));
    assert_eq!(told["sha256"].as_str().unwrap().len(), 64);
    assert!(told["producers"].as_array().unwrap().iter().any(|tool| tool["name"] == "rustc"), "{told}");
    let email = told["config"].as_array().unwrap().iter().find(|member| member["member"] == "kinds.email").unwrap();
    assert_eq!((&email["type"], &email["default"]), (&"token|mask|hash|block|label|off".into(), &"token".into()));

    let (_, out, _) = inspect(target("builtin:pii"), None, Format::Human);
    for part in [told["sha256"].as_str().unwrap(), "kinds.email", "starts from a snapshot", "rustc", "200 ms"] {
        assert!(out.contains(part), "{part} is not in:\n{out}");
    }
}

#[test]
fn what_is_not_there_or_no_plugin_is_told_by_code() {
    let (code, _, err) = inspect(target("builtin:spam"), None, Format::Human);
    assert_eq!(code, COULD_NOT);
    assert!(err.starts_with("error[plugin_unknown_builtin]") && err.contains("pii, secrets, injection"), "{err}");

    let (code, _, err) = inspect(target("/nowhere/a.wasm"), None, Format::Human);
    assert_eq!(code, COULD_NOT);
    assert!(err.starts_with("error[plugin_unreadable]: /nowhere/a.wasm"), "{err}");

    let folder = tempfile::tempdir().unwrap();
    let (code, _, err) = inspect(Target::Path(folder.path().to_owned()), None, Format::Human);
    assert!(code == COULD_NOT && err.starts_with("error[plugin_is_a_folder]") && err.contains("plugin build"), "{err}");

    let file = cases("not a plugin");
    let (code, _, err) = inspect(Target::Path(file.path().to_owned()), None, Format::Human);
    assert!(code == FAILED && err.starts_with("error[plugin_not_a_component]"), "{err}");
    let (code, out, err) = inspect(Target::Path(file.path().to_owned()), None, Format::Json);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, err.as_str(), &told["loads"]), (FAILED, "", &false.into()));
    assert_eq!(told["error"]["code"], "plugin_not_a_component");
}

#[test]
fn a_configuration_that_does_not_fit_is_told() {
    let file = cases("kinds: { email: shred }");
    let (code, out, _) = inspect(target("builtin:pii"), Some(file.path()), Format::Json);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &told["error"]["code"]), (FAILED, &"plugin_config_invalid".into()));
    assert!(told["error"]["message"].as_str().unwrap().contains("/kinds/email"), "{told}");
}

#[test]
fn an_unmet_case_shows_what_was_expected_and_what_came() {
    let file = cases(
        "- name: one\n  stage: admission\n  text: write to jo@example.org\n  expect: { verdict: allow, text: write to nobody, findings: [] }\n\
         - name: two\n  stage: admission\n  text: hello\n  expect: { verdict: deny, code: pii_email }\n\
         - name: three\n  stage: admission\n  text: hello\n  expect: { verdict: allow }\n",
    );
    let (code, out, _) = test(target("builtin:pii"), Some(file.path()), Format::Human, None);
    assert_eq!(code, FAILED);
    for part in [
        "✗ one",
        "✗ two",
        "✓ three",
        "- write to nobody",
        "+ write to <token:email>",
        "expected  none",
        "got       email",
        "expected  deny",
        "got       allow",
        "3 cases, 1 passed, 2 failed",
    ] {
        assert!(out.contains(part), "{part} is not in:\n{out}");
    }
    assert!(out.contains(&format!("--> {}:5", file.path().display())) && !out.contains('\x1b'), "{out}");

    let (code, out, _) = test(target("builtin:pii"), Some(file.path()), Format::Json, None);
    let told: Value = serde_json::from_str(&out).unwrap();
    let passed: Vec<_> =
        told["cases"].as_array().unwrap().iter().map(|case| case["passed"].as_bool().unwrap()).collect();
    assert_eq!((code, passed), (FAILED, vec![false, false, true]));
    assert_eq!((&told["passed"], &told["failed"]), (&1.into(), &2.into()));
    let text = &told["cases"][0]["differences"][0];
    assert_eq!((&text["what"], &text["got"]), (&"text".into(), &"write to <token:email>".into()));

    let (code, out, _) = test(target("builtin:pii"), Some(file.path()), Format::Human, Some("thr"));
    assert!(code == OK && out.contains("1 case, 1 passed, 0 failed"), "{out}");
    let (code, _, err) = test(target("builtin:pii"), Some(file.path()), Format::Human, Some("four"));
    assert!(code == COULD_NOT && err.starts_with("error[plugin_no_match]"), "{err}");
}

#[test]
fn cases_that_are_none_are_told() {
    let (code, _, err) = test(target("builtin:pii"), Some(cases("").path()), Format::Human, None);
    assert!(code == COULD_NOT && err.starts_with("error[plugin_no_cases]"), "{err}");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.wasm");
    std::fs::write(&file, crate::builtin::bytes("pii").unwrap()).unwrap();
    let (code, _, err) = test(Target::Path(file.clone()), None, Format::Human, None);
    assert!(code == COULD_NOT && err.contains("cases.yaml") && err.contains("--cases"), "{err}");
    // Beside the file they are found.
    std::fs::write(
        folder.path().join("cases.yaml"),
        "- { name: n, stage: admission, text: a, expect: { verdict: allow } }",
    )
    .unwrap();
    assert_eq!(test(Target::Path(file), None, Format::Human, None).0, OK);

    let wrong = cases("- name: n\n  stage: admission\n  texts: a\n  expect: { verdict: allow }\n");
    let (code, _, err) = test(target("builtin:pii"), Some(wrong.path()), Format::Human, None);
    assert!(
        code == COULD_NOT && err.contains("/0/texts") && err.contains(":3 ") && err.contains("did you mean `text`?"),
        "{err}"
    );
}

#[test]
fn a_crate_is_built_and_its_misdeeds_are_seen() {
    let file = cases(
        r##"
- { name: pieces, config: { at: inspection, do: edit }, stage: inspection, text: abc, expect: { verdict: allow, text: "#bc" } }
- { name: back, config: { at: inspection, do: settle_back }, stage: inspection, text: abc, expect: { verdict: allow } }
- { name: boundary, config: { at: inspection, do: span_off_boundary }, stage: inspection, text: aé, expect: { verdict: allow } }
- { name: trap, config: { at: commitment, do: trap }, stage: commitment, tool: t, expect: { verdict: allow } }
- { name: refused, config: { at: configure, do: fault }, stage: commitment, tool: t, expect: { verdict: allow } }
- { name: key, config: { at: commitment, do: edit }, stage: commitment, tool: t, arguments: { k: v }, expect: { verdict: allow } }
- { name: state, config: { at: admission, do: state_add }, stage: admission, text: a, expect: { verdict: allow, labels: [{ key: calls, value: "1" }] } }
- { name: state again, config: { at: admission, do: state_add }, stage: admission, text: a, expect: { verdict: allow, labels: [{ key: calls, value: "1" }] } }
- { name: escalated, config: { at: admission, do: escalate }, stage: admission, text: a, expect: { verdict: escalate, code: hostile, queue: test, text: a, findings: [hostile] } }
"##,
    );
    let (code, out, err) = test(repository("tests/plugins/hostile"), Some(file.path()), Format::Json, None);
    assert_eq!(code, FAILED, "{out}{err}");
    let told: Value = serde_json::from_str(&out).unwrap();
    let difference = |index: usize| {
        let case = &told["cases"][index];
        let last = case["differences"].as_array().unwrap().last();
        let text = |what: &str| last.map(|d| d[what].as_str().unwrap().to_owned()).unwrap_or_default();
        (case["name"].as_str().unwrap().to_owned(), text("what"), text("got"))
    };
    let got = |index: usize, name: &str, what: &str, part: &str| {
        let (n, w, g) = difference(index);
        assert_eq!((n.as_str(), w.as_str()), (name, what), "{g}");
        assert!(g.contains(part), "{name}: {part} is not in {g}");
    };
    got(0, "pieces", "pieces", "allow, \"#abc\"");
    let split = &told["cases"][0]["differences"][0]["split"];
    assert_eq!((&split["way"], &split["at"]), (&"cut at byte 0".into(), &"‖abc".into()));
    got(1, "back", "pieces", "fault_bad_output");
    got(2, "boundary", "verdict", "off a character boundary");
    got(3, "trap", "verdict", "fault_trap");
    got(4, "refused", "verdict", "plugin_config_refused");
    got(5, "key", "verdict", "edit_of_key");
    for met in 6..9 {
        assert_eq!(told["cases"][met]["passed"], true, "{}", told["cases"][met]);
    }
}

#[test]
fn a_crate_becomes_a_component_that_can_be_inspected() {
    let Target::Path(dir) = repository("tests/plugins/counter") else { panic!("a path") };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("counter.wasm");
    let (code, out, err) = run_it(&PluginCommand::Build { dir, out: Some(file.clone()), format: Format::Human });
    assert_eq!(code, OK, "{out}{err}");
    assert!(out.contains("test-counter 0.1.0") && out.contains("witgate plugin test "), "{out}");
    let (code, out, _) = inspect(Target::Path(file.clone()), None, Format::Json);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &told["form"], &told["stages"]),
        (OK, &"component".into(), &serde_json::json!(["admission", "commitment"]))
    );

    let (code, out, err) = run_it(&PluginCommand::Bench {
        plugin: Target::Path(file.clone()),
        size: vec![1, 2],
        config: None,
        format: Format::Human,
    });
    assert_eq!((code, err.as_str()), (OK, ""));
    assert!(
        out.contains("admission   fresh") && out.contains("commitment  warm") && !out.contains("inspection"),
        "{out}"
    );
    let json = PluginCommand::Bench { plugin: Target::Path(file), size: vec![1], config: None, format: Format::Json };
    let told: Value = serde_json::from_str(&run_it(&json).1).unwrap();
    let fresh = &told["rows"][1];
    assert_eq!(
        (&fresh["stage"], &fresh["sandbox"], &fresh["bytes"]),
        (&"admission".into(), &"fresh".into(), &1024.into())
    );
    assert!(fresh["p50_us"].as_f64().unwrap() > 0.0 && fresh["bytes_per_second"].as_f64().unwrap() > 0.0, "{fresh}");
    assert!(fresh["memory_bytes"].as_u64().unwrap() >= 64 << 10, "{fresh}");
}

fn check(plugin: Target, cases: Option<&Path>, strict: bool) -> (u8, Value, String) {
    let cases = cases.map(Path::to_path_buf);
    let (code, out, err) = run_it(&PluginCommand::Check { plugin, config: None, cases, strict, format: Format::Json });
    (code, serde_json::from_str(&out).unwrap_or_default(), err)
}

#[test]
fn the_built_in_plugins_may_be_put_in_force() {
    for name in crate::config::BUILTINS {
        let (code, told, err) = check(target(&format!("builtin:{name}")), None, false);
        assert_eq!((code, err.as_str(), &told["passed"]), (OK, "", &true.into()), "{told}");
        assert_eq!((&told["behaviour"]["deterministic"], &told["start"]), (&true.into(), &"snapshot".into()), "{told}");
        assert!(
            told["behaviour"]["inputs"].as_u64().unwrap() > 8 && told["memory_bytes"].as_u64().unwrap() > 0,
            "{told}"
        );
    }
}

#[test]
fn what_must_not_be_put_in_force_is_said_by_code() {
    let codes = |told: &Value| -> Vec<String> {
        told["findings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
    };
    let trap = cases(
        "- { name: t, config: { at: admission, do: trap }, stage: admission, text: a, expect: { verdict: allow } }",
    );
    let (code, told, err) = check(repository("tests/plugins/hostile"), Some(trap.path()), false);
    assert_eq!((code, &told["passed"]), (FAILED, &false.into()), "{told}{err}");
    assert!(codes(&told).iter().any(|code| code == "check_fault"), "{told}");
    // A plugin without any case passes, unless warnings count.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.wasm");
    std::fs::write(&file, crate::builtin::bytes("pii").unwrap()).unwrap();
    let (code, told, _) = check(Target::Path(file.clone()), None, false);
    assert_eq!((code, codes(&told)), (OK, vec!["check_no_cases".to_owned()]), "{told}");
    assert_eq!(check(Target::Path(file), None, true).0, FAILED);
    assert_eq!(check(target("/nowhere/a.wasm"), None, false).0, COULD_NOT);
}

#[test]
fn one_input_is_asked_about_and_its_verdict_is_the_exit_code() {
    let ask = |stage: Option<CaseStage>, format: Format, input: &str| {
        let wanted = run::Wanted {
            stage,
            role: None,
            kind: None,
            channel: None,
            tool: "delete_user",
            config: None,
            format,
            paint: Paint(false),
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let name = if stage == Some(CaseStage::Commitment) { "builtin:tool-tiers" } else { "builtin:pii" };
        let code = run::run(&target(name), &wanted, &mut input.as_bytes(), &mut out, &mut err);
        (code.map_err(|error| error.code()), String::from_utf8(out).unwrap())
    };
    let (code, out) = ask(None, Format::Human, "hello\nwrite to jo@example.org\n");
    assert_eq!(code, Ok(OK), "{out}");
    for part in
        ["allow  admission", "2 | write to jo@example.org", "|          ~~~~~~~~~~~~~~ email", "write to <token:email>"]
    {
        assert!(out.contains(part), "{part} is not in:\n{out}");
    }
    let (code, out) = ask(None, Format::Json, "write to jo@example.org");
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &told["verdict"], &told["text"]), (Ok(OK), &"allow".into(), &"write to <token:email>".into()));
    assert_eq!((&told["findings"][0]["at"]["start"], &told["edits"][0]["token"]), (&9.into(), &"email".into()));
    let (code, out) = ask(Some(CaseStage::Commitment), Format::Human, "{\"id\": 7}");
    assert_eq!(code, Ok(FAILED), "{out}");
    assert!(out.contains("escalate tool_irreversible") && out.contains("the caller is told:"), "{out}");
    assert_eq!(ask(Some(CaseStage::Commitment), Format::Json, "[1]").0, Err("plugin_input"));
}

#[test]
fn a_plugin_that_needs_a_configuration_says_how_to_give_one() {
    let plugin = repository("tests/plugins/hostile");
    let bench = PluginCommand::Bench { plugin: plugin.clone(), size: vec![1], config: None, format: Format::Human };
    let (code, _, err) = run_it(&bench);
    assert_eq!(code, COULD_NOT, "{err}");
    assert!(err.contains("error[plugin_needs_config]") && err.contains("--config FILE"), "{err}");
    let check = PluginCommand::Check { plugin, config: None, cases: None, strict: false, format: Format::Human };
    let (code, _, err) = run_it(&check);
    assert!(code == COULD_NOT && err.contains("error[plugin_needs_config]"), "{err}");
}

#[test]
fn junit_names_every_case_and_what_failed() {
    let file = cases(
        "- { name: \"one <&>\", stage: admission, text: hello, expect: { verdict: deny } }\n\
         - { name: two, stage: inspection, text: hello, expect: { verdict: allow } }\n",
    );
    let (code, out, err) = run_it(&PluginCommand::Test {
        plugin: target("builtin:pii"),
        cases: Some(file.path().to_owned()),
        splits: Splits::Pairs,
        format: TestFormat::Junit,
        filter: None,
    });
    assert_eq!((code, err.as_str()), (FAILED, ""));
    for part in [
        "<?xml version=\"1.0\"",
        "tests=\"2\" failures=\"1\"",
        "<testcase name=\"one &lt;&amp;&gt;\" classname=\"pii.admission\"",
        "<failure type=\"verdict\"",
        "<testcase name=\"two\" classname=\"pii.inspection\"",
        "</testsuites>",
    ] {
        assert!(out.contains(part), "{part} is not in:\n{out}");
    }
}

#[test]
fn a_folder_that_is_no_project_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let build = PluginCommand::Build { dir: folder.path().to_owned(), out: None, format: Format::Human };
    let (code, _, err) = run_it(&build);
    assert!(code == COULD_NOT && err.starts_with("error[plugin_no_project]") && err.contains("plugin new"), "{err}");
    let watch = PluginCommand::Watch { dir: folder.path().to_owned(), rounds: Some(1), format: Format::Json };
    let (code, out, _) = run_it(&watch);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &told["error"]["code"]), (COULD_NOT, &"plugin_no_project".into()));
}

#[test]
fn what_a_plugin_says_cannot_act_on_a_terminal() {
    assert_eq!(plain("a\x1b[2Jb\r\nc"), "a [2Jb  c");
    assert_eq!(plain(&"x".repeat(3000)).chars().count(), 2001);
}
