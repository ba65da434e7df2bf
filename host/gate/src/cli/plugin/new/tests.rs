#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::collections::BTreeSet;

use clap::ValueEnum as _;
use witgate_engine::Manifest;

use super::super::cases;
use super::*;

fn text<'a>(files: &'a [(String, String)], path: &str) -> &'a str {
    &files.iter().find(|(name, _)| name == path).unwrap_or_else(|| panic!("no {path}")).1
}

#[test]
fn a_name_is_one_that_manifest_crate_and_file_can_have() {
    for name in ["a", "codename", "no-shouting-2", &"x".repeat(64)] {
        assert!(checked(name).is_ok(), "{name}");
    }
    for name in ["", "A", "a_b", "2a", "-a", "a-", "../a", "a b", "a/b", "é", "test", "std", "match", &"x".repeat(65)]
    {
        let error = checked(name).unwrap_err();
        assert_eq!((error.code(), error.exit()), ("plugin_name", super::super::COULD_NOT), "{name}");
    }
}

#[test]
fn every_language_has_a_whole_project() {
    for language in Language::value_variants() {
        let files = language.files("my-policy");
        for (path, text) in &files {
            assert!(!text.contains("{{") || path.ends_with("plugin.yml"), "{path} has a place that was not filled");
            assert!(!text.trim().is_empty(), "{path} is empty");
        }
        let paths: BTreeSet<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths.len(), files.len(), "a file twice");
        for path in ["README.md", ".gitignore", ".github/workflows/plugin.yml", "wit/types.wit", "wit/worlds.wit"] {
            assert!(paths.contains(path), "{path} is missing in {language:?}");
        }
        assert_eq!(paths.contains("sdk/src/lib.rs"), *language == Language::Rust);
        assert!(!paths.iter().any(|path| path.ends_with("tests.rs")), "the SDK's own tests are of no use there");

        // Its manifest and cases are sound, and fit each other.
        let manifest: Manifest = serde_json::from_str(text(&files, "manifest.json")).unwrap();
        assert_eq!(manifest.id, "my-policy");
        manifest.wanted().unwrap();
        let cases = cases::parse(Path::new("cases.yaml"), text(&files, "cases.yaml"), &manifest).unwrap();
        assert!(cases.len() >= 5);

        // Its CI runs nothing but witgate, and what installs the compiler.
        let ci = text(&files, ".github/workflows/plugin.yml");
        assert!(
            ci.contains("witgate plugin build") && ci.contains("witgate plugin check") && ci.contains("--format junit")
        );
        crate::config::parse_yaml(ci).unwrap();
    }
}

#[test]
fn nothing_that_is_there_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut out = Vec::new();
    let dir = folder.path().join("new/one");
    let run = |out: &mut Vec<u8>| super::run("codename", Language::Rust, Some(&dir), Format::Human, out);
    assert_eq!(run(&mut out).unwrap(), OK);
    let told = String::from_utf8(out.clone()).unwrap();
    assert!(told.contains("witgate plugin build") && told.contains("codename.wasm"), "{told}");
    fs::write(dir.join("src/lib.rs"), "mine").unwrap();
    let again = run(&mut out).unwrap_err();
    assert_eq!((again.code(), again.exit()), ("plugin_not_empty", super::super::COULD_NOT));
    assert_eq!(fs::read_to_string(dir.join("src/lib.rs")).unwrap(), "mine");
    // A file in the way is not taken for a folder.
    fs::write(folder.path().join("file"), "").unwrap();
    let file = super::run("codename", Language::Rust, Some(&folder.path().join("file")), Format::Json, &mut out);
    assert_eq!(file.unwrap_err().code(), "plugin_not_empty");
}
