//! Compiled code on disk: used when it is sound and ours, else made anew.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use witgate_engine::{Engine, EngineOptions, Plugin, Verdict};

use crate::world::{PATIENT, all_grants, config, context, document, limits, load};

fn engine(dir: &Path) -> Engine {
    Engine::new(&EngineOptions { cache_dir: Some(dir.to_owned()), loader: None, sandboxes: 64 }).unwrap()
}

fn hostile(engine: &Engine, deed: &str) -> Plugin {
    load(engine, "hostile", &config("admission", deed), limits(PATIENT), all_grants()).unwrap()
}

fn denies(plugin: &Plugin) -> bool {
    let ctx = context();
    let said = plugin.open(&ctx).unwrap().admit(&ctx, &document("abc")).unwrap();
    matches!(said.verdict, Verdict::Deny(_))
}

fn files(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn the_second_load_is_cached_and_decides_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("cache");
    let first = hostile(&engine(&dir), "deny");
    assert!(!first.was_cached() && denies(&first));
    assert_eq!(files(&dir).len(), 1);

    // By another engine too: the next start of the gate.
    let engine = engine(&dir);
    let second = hostile(&engine, "deny");
    assert!(second.was_cached() && denies(&second));
    assert_eq!((second.digest(), second.start()), (first.digest(), first.start()));

    let other = hostile(&engine, "slow_but_ok");
    assert!(!other.was_cached(), "another configuration is another snapshot");
    assert!(!denies(&other) && denies(&hostile(&engine, "deny")));
}

#[test]
fn a_damaged_file_is_compiled_anew_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("cache");
    hostile(&engine(&dir), "deny");
    let file = files(&dir).pop().unwrap();
    let sound = fs::read(&file).unwrap();
    let flipped = |at: usize| {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        bytes
    };
    let damaged =
        [flipped(0), flipped(40), flipped(sound.len() / 2), flipped(sound.len() - 1), sound[..100].to_vec(), vec![]];
    for (index, bytes) in damaged.into_iter().enumerate() {
        fs::write(&file, bytes).unwrap();
        let again = hostile(&engine(&dir), "deny");
        assert!(!again.was_cached(), "damage {index} was run");
        assert!(denies(&again));
        assert!(hostile(&engine(&dir), "deny").was_cached(), "damage {index} was not replaced");
    }
}

#[test]
fn a_folder_that_others_may_write_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    for mode in [0o777, 0o770, 0o702] {
        let dir = folder.path().join(format!("{mode:o}"));
        hostile(&engine(&dir), "deny");
        fs::set_permissions(&dir, fs::Permissions::from_mode(mode)).unwrap();
        let plugin = hostile(&engine(&dir), "deny");
        assert!(!plugin.was_cached() && denies(&plugin), "{mode:o}: what lay there was run");
        hostile(&engine(&dir), "slow_but_ok");
        assert_eq!(files(&dir).len(), 1, "{mode:o}: something was put there");
    }
}

#[test]
fn a_link_to_a_folder_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, link) = (folder.path().join("cache"), folder.path().join("link"));
    hostile(&engine(&dir), "deny");
    std::os::unix::fs::symlink(&dir, &link).unwrap();
    assert!(!hostile(&engine(&link), "deny").was_cached());
}

#[test]
fn a_new_folder_and_its_files_are_for_this_user_alone() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("a/cache");
    hostile(&engine(&dir), "deny");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&dir), mode(&files(&dir)[0])), (0o700, 0o600));
}

#[test]
fn loads_of_the_same_plugin_at_once_leave_one_sound_file() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&folder.path().join("cache"));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert!(denies(&hostile(&engine, "deny"))));
        }
    });
    assert_eq!(files(&folder.path().join("cache")).len(), 1);
    assert!(hostile(&engine, "deny").was_cached());
}
