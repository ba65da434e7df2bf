#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

fn project(yaml: &str) -> Result<Project, PluginError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE), yaml).unwrap();
    std::fs::write(folder.path().join("manifest.json"), "{}").unwrap();
    Project::of(folder.path())
}

#[test]
fn a_project_says_what_it_is_made_of() {
    let read = project("language: python\nsource: app.py\nworld: content-policy\n").unwrap();
    assert_eq!(
        (read.language, read.source.to_str(), read.world.as_str()),
        (Language::Python, Some("app.py"), "content-policy")
    );
    assert!(project("language: python\nsource: src/app.py\nworld: w\n").is_ok());
    for language in ["python", "javascript", "c"] {
        let read = project(&format!("language: {language}\nsource: a.x\nworld: w\n")).unwrap();
        assert_eq!(read.language.name(), language);
    }
}

#[test]
fn what_it_cannot_say_is_told_with_its_line() {
    for yaml in [
        "language: perl\nsource: a\nworld: w\n",
        "language: javascript\nsource: ../a\nworld: w\n",
        "language: javascript\nsource: a/../../b\nworld: w\n",
        "language: javascript\nsource: /etc/passwd\nworld: w\n",
        "language: javascript\nsource: --help\nworld: w\n",
        "language: javascript\nsource: a\nworld: w\nmore: 1\n",
        "language: javascript\n",
        "[",
    ] {
        let error = project(yaml).unwrap_err();
        assert_eq!(error.code(), "plugin_mistakes", "{yaml}");
        assert!(error.rendered().contains("plugin.yaml"), "{}", error.rendered());
    }
    let folder = tempfile::tempdir().unwrap();
    let error = Project::of(folder.path()).unwrap_err();
    assert_eq!(error.code(), "plugin_no_project");
    assert!(error.rendered().contains("witgate plugin new"), "{}", error.rendered());
}

#[test]
fn a_tool_of_the_project_comes_before_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let project = Project {
        dir: folder.path().to_owned(),
        language: Language::Javascript,
        source: "a".into(),
        world: "w".into(),
        manifest: String::new(),
    };
    assert_eq!(project.tool("no-such-tool-anywhere", &["bin"]), None);
    let of_path = project.tool("sh", &["bin"]).unwrap();
    std::fs::create_dir(folder.path().join("bin")).unwrap();
    std::fs::write(folder.path().join("bin/sh"), "").unwrap();
    let own = project.tool("sh", &["bin"]).unwrap();
    assert!(own.starts_with(folder.path()) && own != of_path && own.is_absolute());
}
