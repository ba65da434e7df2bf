//! What plugins log: bounded, and marked as theirs.

use std::fmt;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

use crate::world::{context, document, engine, hostile};

/// Keeps what is logged on this thread.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<(Level, String)>>>);

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("witgate")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        self.0.lock().unwrap().push((*event.metadata().level(), message.0));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// What is logged while a new sandbox is asked for admission.
fn logged(deed: &str) -> Vec<(Level, String)> {
    let (engine, ctx) = (engine(), context());
    let plugin = hostile(&engine, "admission", deed).unwrap();
    let lines = Lines::default();
    tracing::subscriber::with_default(lines.clone(), || {
        let mut sandbox = plugin.open(&ctx).unwrap();
        let _ = sandbox.admit(&ctx, &document("abc"));
    });
    std::mem::take(&mut *lines.0.lock().unwrap())
}

#[test]
fn a_flood_is_cut_and_told_once() {
    let lines = logged("log_flood");
    let (theirs, ours): (Vec<_>, Vec<_>) = lines.into_iter().partition(|(level, _)| *level == Level::ERROR);
    assert_eq!(theirs.len(), 16);
    assert!(theirs.iter().all(|(_, line)| line.len() == 1024 && line.bytes().all(|b| b == b'x')));
    assert_eq!(ours.len(), 1, "{ours:?}");
    assert!(ours[0].1.contains("logs too much"), "{ours:?}");
}

#[test]
fn a_panic_says_what_it_was() {
    let lines = logged("panic");
    assert!(lines.iter().any(|(level, line)| *level == Level::ERROR && line.contains("as configured")), "{lines:?}");
}
