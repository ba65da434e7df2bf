use notify::event::{AccessKind, CreateKind, DataChange, RenameMode};

use super::*;

fn matters(kind: EventKind, path: &str) -> bool {
    let files = vec!["/etc/gate/witgate.yaml".into(), "/etc/gate/keys/release.pub".into()];
    let ours = Ours::new(&Watched { files, directory: Some("/etc/gate/policies".into()) });
    ours.matters(&Event::new(kind).add_path(path.into()))
}

const WRITTEN: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));

#[test]
fn a_log_that_grows_beside_the_configuration_reloads_nothing() {
    assert!(!matters(WRITTEN, "/etc/gate/gate.log"));
    assert!(matters(WRITTEN, "/etc/gate/witgate.yaml"));
    assert!(matters(WRITTEN, "/etc/gate/policies/my-policy.wasm"));
    assert!(matters(WRITTEN, "/etc/gate/policies/my-policy.wasm.sig"));
    assert!(matters(WRITTEN, "/etc/gate/keys/release.pub"));
    assert!(!matters(WRITTEN, "/etc/gate/keys/other.pub"));
}

#[test]
fn names_that_come_and_go_always_matter() {
    assert!(matters(EventKind::Modify(ModifyKind::Name(RenameMode::To)), "/etc/gate/..data"));
    assert!(matters(EventKind::Create(CreateKind::File), "/etc/gate/current"));
    assert!(!matters(EventKind::Access(AccessKind::Any), "/etc/gate/witgate.yaml"));
}

#[test]
fn what_cannot_be_told_counts() {
    let ours = Ours::new(&Watched::default());
    assert!(ours.matters(&Event::new(WRITTEN)));
}
