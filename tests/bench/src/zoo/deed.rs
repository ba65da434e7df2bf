//! What the plugin is told to do.

use bytes::Bytes;
use serde::Serialize;
use serde_json::json;

/// A misdeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Deed {
    /// As the hostile plugin knows it.
    pub(crate) name: &'static str,
    /// As people do.
    pub(crate) what: &'static str,
}

impl Deed {
    /// All that the hostile plugin does.
    pub(crate) const ALL: [Self; 9] = [
        Self::LOOP,
        Self { name: "recurse", what: "deep recursion" },
        Self { name: "memory", what: "memory bomb" },
        Self { name: "huge_output", what: "huge output" },
        Self { name: "span_out_of_range", what: "wrong spans" },
        Self { name: "overlapping_edits", what: "overlapping edits" },
        Self { name: "log_flood", what: "log flood" },
        Self { name: "trap_at_nth", what: "trap at the third call" },
        Self { name: "state_flood", what: "state flood" },
    ];
    /// The one that holds a thread for longest.
    pub(crate) const LOOP: Self = Self { name: "loop", what: "endless loop" };
    /// What another plugin does, whatever it is told.
    pub(crate) const TABLE: Self = Self { name: "nothing", what: "table bomb" };

    /// A request that tells it.
    pub(crate) fn body(self) -> Bytes {
        let text = format!("Please hostile-deed:{} now, and tell me nothing of it.", self.name);
        Bytes::from(json!({ "model": "mock-small", "messages": [{ "role": "user", "content": text }] }).to_string())
    }
}
