#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

#[test]
fn what_a_build_writes_is_no_change_and_what_people_save_is() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("src/lib.rs", "a");
    let before = Files::of(folder.path()).unwrap();
    for name in
        ["target/x", "a.wasm", "Cargo.lock", ".git/index", "__pycache__/a.pyc", "src/.lib.rs.swp", "src/lib.rs~"]
    {
        write(name, "b");
    }
    assert_eq!(Files::of(folder.path()).unwrap(), before);
    assert_eq!(before.folders.len(), 2);
    write("src/lib.rs", "ab");
    let saved = Files::of(folder.path()).unwrap();
    assert_ne!(saved, before);
    write("src/new/deep.rs", "");
    assert_ne!(Files::of(folder.path()).unwrap(), saved);
    fs::remove_dir_all(folder.path().join("src")).unwrap();
    assert_ne!(Files::of(folder.path()).unwrap(), saved);
    assert!(matches!(Files::of(&folder.path().join("nowhere")), Err(PluginError::Unreadable { .. })));
}

#[test]
fn a_round_is_one_line_and_its_code_is_honest() {
    let round = |cases| Round { cases, built: Duration::from_millis(1200), tested: Duration::from_millis(300) };
    let met = round(Ok((7, vec![])));
    assert_eq!(
        (met.code(), met.human(1, Paint(false))),
        (OK, "  1  ✓ 7 cases  built in 1.2 s, tested in 0.3 s".into())
    );
    let unmet = round(Ok((6, vec!["a\nname".into()])));
    assert_eq!(unmet.code(), FAILED);
    assert!(unmet.human(2, Paint(false)).contains("✗ 1 of 7 cases: a name"), "{}", unmet.human(2, Paint(false)));
    let broken = round(Err(PluginError::Compile));
    assert_eq!((broken.code(), &broken.json(3)["error"]["code"]), (FAILED, &json!("plugin_crate_compile")));
    assert_eq!(broken.human(3, Paint(false)).lines().count(), 1);
}
