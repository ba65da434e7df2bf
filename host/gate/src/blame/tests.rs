#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use witgate_policy::engine::Issue;
use witgate_policy::trust::TrustError;

use super::*;

fn config() -> Config {
    let (listen, admin) = ("127.0.0.1:0".parse().unwrap(), "127.0.0.1:0".parse().unwrap());
    Config::dev("http://127.0.0.1:9/v1", listen, admin, None).unwrap()
}

/// An error of the built-in `injection`, which is the second entry.
fn load(error: LoadError) -> BuildError {
    BuildError::Load { id: "injection".into(), error }
}

#[test]
fn each_error_points_at_the_member_to_change() {
    let id = || "injection".to_owned();
    let issue = |pointer: &str| Issue { pointer: pointer.into(), message: "no".into() };
    let cases = [
        (load(LoadError::MissingGrant { import: "i".into(), grant: "clock", more: vec![] }), "grants"),
        (load(LoadError::Pin { pinned: "a".into(), found: "b".into() }), "sha256"),
        (load(LoadError::MemoryLimit(1)), "limits/memory_mib"),
        (load(LoadError::ConfigureFault("trap".into())), "config"),
        (load(LoadError::Configure(vec![])), "config"),
        (load(LoadError::Configure(vec![issue("/words/3")])), "config/words/3"),
        (load(LoadError::Configure(vec![issue("nonsense")])), "config"),
        (load(LoadError::NoStage), "plugin"),
        (BuildError::Deadline { id: id(), found: 0 }, "limits/deadline_ms"),
        (BuildError::Trust { id: id(), file: "f".into(), error: TrustError::Unsigned }, "signature"),
    ];
    for (error, member) in cases {
        let found = of_build(&config(), &error);
        let [one] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((one.code, one.pointer.as_str()), (error.code(), format!("/policies/set/1/{member}").as_str()));
        assert!(one.help.is_some() && one.message.contains("`injection`"), "{one:?}");
    }
}

#[test]
fn every_issue_of_a_configure_is_a_mistake_and_they_are_bounded() {
    let issue = |n: usize| Issue { pointer: format!("/{n}"), message: "x\n".repeat(10_000) };
    let error = load(LoadError::Configure((0..1000).map(issue).collect()));
    let found = of_build(&config(), &error);
    assert_eq!((found.len(), found.first().unwrap().code), (32, "plugin_config_refused"));
    assert!(found.iter().all(|one| one.message.len() < 500 && !one.message.contains('\n')));
}

#[test]
fn without_a_file_the_message_stands_alone() {
    let error = ReloadError::Build(load(LoadError::NoStage));
    let told = told(Some(&config()), &error);
    assert_eq!((told.message, told.pointer, told.line), (error.to_string(), None, None));
}
