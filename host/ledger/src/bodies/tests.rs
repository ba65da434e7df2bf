#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::time::{Duration, SystemTime};

use super::*;

const EXCHANGE: &str = "0190f3a0-0000-7000-8000-000000000001";

fn bodies(dir: &Path) -> Bodies {
    Bodies::new(dir, BodyKey::from_bytes([7; 32]))
}

fn code(result: Result<Vec<u8>, BodyError>) -> &'static str {
    result.unwrap_err().code()
}

#[test]
fn what_was_put_in_comes_out_and_nothing_of_it_can_be_read_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let text = b"the body of a request, the body of a request, the body of a request".repeat(100);
    for body in [&b""[..], b"x", &text] {
        let kept = bodies(dir.path()).put(EXCHANGE, body).unwrap();
        assert_eq!(bodies(dir.path()).get(EXCHANGE, kept).unwrap(), body);
        let file = fs::read(bodies(dir.path()).path(kept.digest)).unwrap();
        assert!(!file.windows(8).any(|w| text.starts_with(w)));
        assert!(file.len() < 400, "compressed before it is encrypted: {}", file.len());
    }
}

#[test]
fn what_is_not_what_the_record_names_is_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let here = bodies(dir.path());
    let kept = here.put(EXCHANGE, b"body").unwrap();
    let path = here.path(kept.digest);
    assert_eq!(code(here.get("another exchange", kept)), "body_unreadable");
    assert_eq!(code(here.get(EXCHANGE, KeptBody { bytes: 3, ..kept })), "body_unreadable");
    assert_eq!(code(Bodies::new(dir.path(), BodyKey::from_bytes([8; 32])).get(EXCHANGE, kept)), "body_wrong_key");
    let good = fs::read(&path).unwrap();
    for at in 0..good.len() {
        let mut changed = good.clone();
        changed[at] ^= 1;
        fs::write(&path, changed).unwrap();
        assert_eq!(code(here.get(EXCHANGE, kept)), "body_changed");
    }
    fs::remove_file(&path).unwrap();
    assert_eq!(code(here.get(EXCHANGE, kept)), "body_erased");
}

#[test]
fn a_file_that_was_changed_under_its_new_name_does_not_open() {
    let dir = tempfile::tempdir().unwrap();
    let here = bodies(dir.path());
    let kept = here.put(EXCHANGE, b"body").unwrap();
    let good = fs::read(here.path(kept.digest)).unwrap();
    for at in 0..good.len() {
        let mut changed = good.clone();
        changed[at] ^= 1;
        let kept = KeptBody { digest: Digest(sha256(&[&changed])), ..kept };
        let path = here.path(kept.digest);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, changed).unwrap();
        assert!(["body_unreadable", "body_wrong_key"].contains(&code(here.get(EXCHANGE, kept))), "byte {at}");
    }
}

#[test]
fn files_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let here = Bodies::new(&dir.path().join("bodies"), BodyKey::from_bytes([7; 32]));
    let path = here.path(here.put(EXCHANGE, b"body").unwrap().digest);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(format!("{:?}", here.key), format!("BodyKey({})", here.key.id()));
}

#[test]
fn what_is_old_is_erased_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let here = bodies(dir.path());
    assert_eq!(here.erase_before(SystemTime::now()).unwrap(), Erased::default(), "an empty folder");
    let [old, new] = [b"old", b"new"].map(|body| here.put(EXCHANGE, body).unwrap());
    let age = |path: &Path, seconds| {
        let then = SystemTime::now() - Duration::from_secs(seconds);
        File::options().append(true).open(path).unwrap().set_modified(then).unwrap();
    };
    // Beside them: what a crash left, and what is none of ours.
    let folder = here.path(old.digest).parent().unwrap().to_owned();
    let (partial, foreign) = (folder.join("0.tmp"), folder.join("notes.txt"));
    let sets = dir.path().join("sets");
    fs::create_dir(&sets).unwrap();
    let set = sets.join("0.wgb");
    for path in [&partial, &foreign, &set] {
        fs::write(path, b"1234").unwrap();
        age(path, 3600);
    }
    age(&here.path(old.digest), 3600);
    let bytes = fs::metadata(here.path(old.digest)).unwrap().len() + 4;

    let erased = here.erase_before(SystemTime::now() - Duration::from_secs(60)).unwrap();
    assert_eq!(erased, Erased { files: 2, bytes });
    assert_eq!(code(here.get(EXCHANGE, old)), "body_erased");
    assert_eq!(here.get(EXCHANGE, new).unwrap(), b"new");
    assert!(!partial.exists() && foreign.exists() && set.exists());
}

#[test]
fn one_that_cannot_be_erased_does_not_keep_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let here = bodies(dir.path());
    let kept = here.put(EXCHANGE, b"body").unwrap();
    // A folder's place is taken by a file.
    let name = kept.digest.to_string();
    let other = if name.starts_with("00") { "01" } else { "00" };
    fs::write(dir.path().join(other), b"").unwrap();
    let refused = here.erase_before(SystemTime::now() + Duration::from_secs(60)).unwrap_err();
    assert_eq!(refused.code(), "body_io");
    assert_eq!(code(here.get(EXCHANGE, kept)), "body_erased");
}
