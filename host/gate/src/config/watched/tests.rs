#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::super::tests::Folder;
use super::*;

#[test]
fn what_is_named_is_watched_whatever_else_is_wrong() {
    let folder = Folder::new();
    let yaml = "version: 7\npolicies:\n  directory: elsewhere\n  trusted_keys: [keys/a.pub, 'witgate-plugin-key-v1 AAAA me', 5]\n";
    folder.write("witgate.yaml", yaml, 0o644);
    let watched = Watched::of(&folder.path("witgate.yaml")).unwrap();
    assert_eq!(watched.directory, Some(folder.path("elsewhere")));
    assert_eq!(watched.files, [folder.path("keys/a.pub"), folder.path("witgate.yaml")]);

    folder.write("witgate.yaml", "[1]", 0o644);
    let watched = Watched::of(&folder.path("witgate.yaml")).unwrap();
    assert_eq!(watched, Watched { files: vec![folder.path("witgate.yaml")], directory: None });
    folder.write("witgate.yaml", "a: [", 0o644);
    assert!(Watched::of(&folder.path("witgate.yaml")).is_err());
}
