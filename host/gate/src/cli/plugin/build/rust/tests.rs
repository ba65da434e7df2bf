#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

fn metadata(crate_types: &str) -> Metadata {
    let json = r#"{
        "packages": [
            {"name": "other", "manifest_path": "/w/other/Cargo.toml", "targets": []},
            {"name": "my-policy", "manifest_path": "/w/p/Cargo.toml", "version": "1.0.0",
             "targets": [{"name": "tool", "crate_types": ["bin"]}, {"name": "my_policy", "crate_types": TYPES}]}
        ],
        "target_directory": "/w/target"
    }"#;
    serde_json::from_str(&json.replace("TYPES", crate_types)).unwrap()
}

#[test]
fn the_module_is_found_from_the_crates_folder() {
    let package = Package::among(metadata(r#"["cdylib", "rlib"]"#), "/w/p/Cargo.toml".into()).unwrap();
    assert_eq!((package.name.as_str(), package.module.as_str()), ("my-policy", "my_policy"));
    assert_eq!(package.target_directory, Path::new("/w/target"));
}

#[test]
fn what_makes_no_module_is_told_with_what_to_add() {
    let told = Package::among(metadata(r#"["lib"]"#), "/w/p/Cargo.toml".into()).err().unwrap();
    assert!(told.contains("crate-type"), "{told}");
    let told = Package::among(metadata(r#"["cdylib"]"#), "/w/Cargo.toml".into()).err().unwrap();
    assert!(told.contains("workspace"), "{told}");
}

#[test]
fn a_folder_without_a_crate_is_told() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(component(folder.path()).err().unwrap().code(), "plugin_unreadable");
    std::fs::write(folder.path().join("Cargo.toml"), "not toml").unwrap();
    assert_eq!(component(folder.path()).err().unwrap().code(), "plugin_not_a_crate");
}
