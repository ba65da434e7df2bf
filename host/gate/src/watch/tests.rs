use notify::event::{AccessKind, CreateKind, DataChange, RenameMode};

use super::*;

fn matters(kind: EventKind, path: &str) -> bool {
    let ours = Ours::new(Some(Path::new("/etc/gate/witgate.yaml")), Some(Path::new("/etc/gate/policies")));
    ours.matters(&Event::new(kind).add_path(path.into()))
}

const WRITTEN: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));

#[test]
fn a_log_that_grows_beside_the_configuration_reloads_nothing() {
    assert!(!matters(WRITTEN, "/etc/gate/gate.log"));
    assert!(matters(WRITTEN, "/etc/gate/witgate.yaml"));
    assert!(matters(WRITTEN, "/etc/gate/policies/my-policy.wasm"));
}

#[test]
fn names_that_come_and_go_always_matter() {
    assert!(matters(EventKind::Modify(ModifyKind::Name(RenameMode::To)), "/etc/gate/..data"));
    assert!(matters(EventKind::Create(CreateKind::File), "/etc/gate/current"));
    assert!(!matters(EventKind::Access(AccessKind::Any), "/etc/gate/witgate.yaml"));
}

#[test]
fn what_cannot_be_told_counts() {
    let ours = Ours::new(None, None);
    assert!(ours.matters(&Event::new(WRITTEN)));
}
