//! What happens in one sandbox is not felt in another.

use witgate_engine::{Fault, Plugin, Sandbox, Start, Verdict};

use crate::world::{PATIENT, action, all_grants, config, context, counter, document, engine, hostile, limits, load};

fn calls(sandbox: &mut Sandbox) -> String {
    let decision = sandbox.commit(&context(), &action()).unwrap();
    decision.labels.into_iter().find(|label| label.key == "calls").unwrap().value
}

fn admits(plugin: &Plugin) -> bool {
    let ctx = context();
    plugin.open(&ctx).unwrap().admit(&ctx, &document("hello")).unwrap().verdict == Verdict::Allow
}

#[test]
fn no_exchange_finds_what_another_left_in_memory() {
    let engine = engine();
    let plugin = counter(&engine);
    assert_eq!(plugin.start(), Start::Snapshot);
    for _ in 0..200 {
        assert!(admits(&plugin), "memory of an earlier exchange was found");
    }
    // The plugin does notice: within one sandbox its memory lasts.
    let ctx = context();
    let mut sandbox = plugin.open(&ctx).unwrap();
    assert_eq!((calls(&mut sandbox), calls(&mut sandbox)), ("1".into(), "2".into()));
    assert_eq!(sandbox.admit(&ctx, &document("hello")).unwrap().verdict, Verdict::Allow);
    assert!(
        matches!(sandbox.admit(&ctx, &document("hello")).unwrap().verdict, Verdict::Deny(d) if d.code == "state_leaked")
    );
}

#[test]
fn a_usual_call_finds_room_in_the_memory_that_configure_left() {
    let engine = engine();
    let ctx = context();
    for name in ["noop", "counter"] {
        let plugin = load(&engine, name, "{}", limits(PATIENT), all_grants()).unwrap();
        let mut sandbox = plugin.open(&ctx).unwrap();
        let before = sandbox.memory_bytes();
        assert_eq!(before % (64 << 10), 0);
        assert_eq!(sandbox.admit(&ctx, &document(&"a word ".repeat(300))).unwrap().verdict, Verdict::Allow);
        assert_eq!(sandbox.memory_bytes(), before, "{name}: a page was asked for, and has to be taken away again");
        // A long text takes what it needs.
        drop(sandbox);
        let mut sandbox = plugin.open(&ctx).unwrap();
        assert_eq!(sandbox.admit(&ctx, &document(&"a word ".repeat(50_000))).unwrap().verdict, Verdict::Allow);
        assert!(sandbox.memory_bytes() > before, "{name}: {} bytes", sandbox.memory_bytes());
    }
}

#[test]
fn sandboxes_that_live_at_once_share_nothing() {
    let engine = engine();
    let plugin = counter(&engine);
    let mut all: Vec<Sandbox> = (0..8).map(|_| plugin.open(&context()).unwrap()).collect();
    for round in ["1", "2", "3"] {
        for sandbox in &mut all {
            assert_eq!(calls(sandbox), round);
        }
    }
}

#[test]
fn exchanges_on_many_threads_share_nothing() {
    let engine = engine();
    let plugin = counter(&engine);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert!((0..250).all(|_| admits(&plugin))));
        }
    });
}

#[test]
fn a_fault_spends_one_sandbox_and_no_other() {
    let (engine, ctx) = (engine(), context());
    let bystander = counter(&engine);
    let mut open = bystander.open(&ctx).unwrap();
    assert_eq!(calls(&mut open), "1");
    for deed in ["trap", "panic", "memory", "huge_output"] {
        let plugin = hostile(&engine, "admission", deed).unwrap();
        let mut same = plugin.open(&ctx).unwrap();
        let mut spent = plugin.open(&ctx).unwrap();
        spent.admit(&ctx, &document("abc")).expect_err(deed);
        assert_eq!(
            same.commit(&ctx, &action()).unwrap().verdict,
            Verdict::Allow,
            "{deed}: a sandbox that was open already"
        );
        let mut fresh = plugin.open(&ctx).unwrap();
        assert_eq!(fresh.commit(&ctx, &action()).unwrap().verdict, Verdict::Allow, "{deed}: a new sandbox");
    }
    assert_eq!(calls(&mut open), "2");
    assert!(admits(&bystander));
}

#[test]
fn a_loop_holds_up_nobody_else() {
    let (engine, ctx) = (engine(), context());
    let deadline = std::time::Duration::from_secs(3);
    let looping = load(&engine, "hostile", &config("admission", "loop"), limits(deadline), all_grants()).unwrap();
    let bystander = load(&engine, "counter", "{}", limits(PATIENT), all_grants()).unwrap();
    std::thread::scope(|scope| {
        let looped = scope.spawn(|| looping.open(&ctx).unwrap().admit(&ctx, &document("abc")));
        let served = (0..100).filter(|_| admits(&bystander)).count();
        assert!(!looped.is_finished(), "served {served} only after the loop had ended");
        assert_eq!(looped.join().unwrap(), Err(Fault::Deadline(3000)));
    });
}

#[test]
fn too_many_sandboxes_are_refused_by_name_and_one_given_back_is_enough() {
    let (engine, ctx) = (engine(), context());
    let plugin = counter(&engine);
    let mut alive: Vec<Sandbox> = (0..engine.sandboxes()).map(|_| plugin.open(&ctx).unwrap()).collect();
    assert_eq!(plugin.open(&ctx).unwrap_err().code(), "fault_no_instance");
    drop(alive.pop());
    assert!(admits(&plugin));
}
