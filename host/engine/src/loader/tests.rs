#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::os::unix::process::ExitStatusExt as _;

use super::*;

fn request(component: &[u8], grants: &[&str]) -> Vec<u8> {
    let request = Request {
        id: "x".into(),
        config: "{}".into(),
        memory: 1 << 20,
        deadline_us: 1000,
        grants: grants.iter().map(|g| (*g).to_owned()).collect(),
        bytes: component.len(),
    };
    let mut out = Vec::new();
    send(&mut out, &request, component).unwrap();
    out
}

fn answered(input: &[u8]) -> Result<(Vec<u8>, Start), LoadError> {
    let mut out = Vec::new();
    answer(input, &mut out).unwrap();
    receive(&out[..]).unwrap()
}

#[test]
fn what_is_no_component_comes_back_as_the_error_that_it_is() {
    let error = answered(&request(b"\0asm no component", &[])).unwrap_err();
    assert_eq!(error.code(), "plugin_not_a_component");
}

#[test]
fn a_component_without_exports_does_not_meet_the_contract() {
    let empty = b"\0asm\x0d\0\x01\0";
    assert_eq!(answered(&request(empty, &["clock"])).unwrap_err().code(), "plugin_contract");
}

#[test]
fn refuses_a_request_that_ends_early_or_names_no_grant() {
    let whole = request(b"", &["such"]);
    assert!(answer(&whole[..], Vec::new()).is_err());
    for end in 0..whole.len() - 1 {
        assert!(answer(&whole[..end], Vec::new()).is_err(), "{end}");
    }
}

#[test]
fn an_answer_that_ends_early_is_none() {
    let mut whole = Vec::new();
    send_line(&mut whole, &Reply::Loaded { snapshot: true, bytes: 4 }).unwrap();
    whole.extend_from_slice(b"code");
    let (code, start) = receive(&whole[..]).unwrap().unwrap();
    assert_eq!((code.as_slice(), start), (&b"code"[..], Start::Snapshot));
    for end in 0..whole.len() {
        assert!(receive(&whole[..end]).is_err(), "{end}");
    }
}

#[test]
fn issues_of_a_configuration_come_through() {
    let mut line = Vec::new();
    send_line(&mut line, &Reply::Configure(vec![("/a".into(), "no".into())])).unwrap();
    let error = receive(&line[..]).unwrap().unwrap_err();
    assert_eq!(error.to_string(), "it refuses its configuration: /a: no");
}

#[test]
fn says_how_the_loader_ended() {
    let told = |raw: i32| ended(ExitStatus::from_raw(raw));
    assert!(told(Signal::XCPU.as_raw()).contains("300 s of a processor"), "{}", told(Signal::XCPU.as_raw()));
    assert!(told(Signal::ABORT.as_raw()).contains("2048 MiB"));
    assert!(told(i32::from(TOO_LONG) << 8).contains("600 s"));
    assert!(told(Signal::SEGV.as_raw()).contains("signal 11"));
    assert!(told(2 << 8).contains("ended with 2"));
}

#[test]
fn a_loader_that_does_not_start_or_says_nothing_is_a_failed_load() {
    let source =
        |bytes| Source { id: "x", bytes, config: "{}", limits: Limits::default(), grants: crate::Grants::default() };
    for program in ["/does/not/exist", "/bin/true", "/bin/false"] {
        let loader = Loader { program: program.into(), args: vec![] };
        let error = loader.load(&source(&[0; 1 << 20])).unwrap_err();
        assert_eq!(error.code(), "plugin_load_limit", "{program}: {error}");
    }
}
