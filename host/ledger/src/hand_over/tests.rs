#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

fn to(command: &[&str]) -> HandOver {
    HandOver {
        folder: None,
        command: command.iter().map(|word| (*word).to_owned()).collect(),
        timeout: Duration::from_secs(20),
    }
}

#[test]
fn a_file_is_copied_once_and_never_replaced() {
    let (from, into) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = from.path().join("segment");
    fs::write(&path, b"one").unwrap();
    let over = HandOver { folder: Some(into.path().to_owned()), ..HandOver::default() };
    for _ in 0..2 {
        over.file(&path, &Stop::default()).unwrap();
        assert_eq!(fs::read(into.path().join("segment")).unwrap(), b"one");
    }
    fs::write(&path, b"two").unwrap();
    let refused = over.file(&path, &Stop::default()).unwrap_err();
    assert!(refused.contains("not replaced"), "{refused}");
    assert_eq!(fs::read(into.path().join("segment")).unwrap(), b"one");
    fs::remove_dir_all(into.path()).unwrap();
    over.file(&path, &Stop::default()).unwrap_err();
}

#[test]
fn a_program_gets_the_path_as_one_word_and_its_failure_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a name; with $(touch x) 'quotes'");
    fs::write(&path, b"bytes").unwrap();
    let copied = dir.path().join("copied");
    let over = to(&["cp", "-t", dir.path().to_str().unwrap(), "--"]);
    // The same file: cp refuses, and says so.
    let said = over.file(&path, &Stop::default()).unwrap_err();
    assert!(said.starts_with("cp: exit status: 1: ") && said.contains("same file"), "{said}");
    let script = "printf %s \"$2\" > \"$1\"";
    to(&["sh", "-c", script, "sh", copied.to_str().unwrap()]).file(&path, &Stop::default()).unwrap();
    assert_eq!(fs::read_to_string(&copied).unwrap(), path.to_str().unwrap());
    let none = to(&["/nonexistent/program"]).file(&path, &Stop::default()).unwrap_err();
    assert!(none.starts_with("/nonexistent/program: "), "{none}");
}

#[test]
fn a_program_that_takes_too_long_is_killed_with_what_it_started() {
    let dir = tempfile::tempdir().unwrap();
    let mark = dir.path().join("mark");
    let script = "(sleep 2; touch \"$1\") & sleep 60; exit 0";
    let over =
        HandOver { timeout: Duration::from_millis(100), ..to(&["sh", "-c", script, "sh", mark.to_str().unwrap()]) };
    let begun = Instant::now();
    let said = over.file(dir.path(), &Stop::default()).unwrap_err();
    assert!(said.contains("too long"), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(10));
    thread::sleep(Duration::from_millis(2500).saturating_sub(begun.elapsed()));
    assert!(!mark.exists());
}

#[test]
fn what_a_program_says_is_bounded_and_never_stops_it() {
    let dir = tempfile::tempdir().unwrap();
    let said = to(&["sh", "-c", "yes out; exit 0 >/dev/null & head -c 500000 /dev/zero | tr '\\0' x >&2; exit 3"]);
    let said = HandOver {
        command: vec![said.command[0].clone(), "-c".into(), "head -c 500000 /dev/zero | tr '\\0' x >&2; exit 3".into()],
        ..said
    };
    let said = said.file(dir.path(), &Stop::default()).unwrap_err();
    assert!(said.contains("exit status: 3") && said.len() < 700, "{said}");
}
