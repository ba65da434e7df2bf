//! The formats in which models are asked.

use serde::Serialize;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Dialect {
    /// `POST …/chat/completions`
    Chat,
    /// `POST …/responses`
    Responses,
    /// `POST …/messages`
    Messages,
}

impl Dialect {
    pub(crate) const ALL: [Self; 3] = [Self::Chat, Self::Responses, Self::Messages];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Responses => "responses",
            Self::Messages => "messages",
        }
    }

    /// Below the proxy's base URL.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Chat => "/chat/completions",
            Self::Responses => "/responses",
            Self::Messages => "/messages",
        }
    }

    /// Its fields, as `fields.rs` reads them.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Chat => include_str!("../fields/chat.txt"),
            Self::Responses => include_str!("../fields/responses.txt"),
            Self::Messages => include_str!("../fields/messages.txt"),
        }
    }

    /// Whether each event of a stream has its type in an `event` line.
    pub(crate) fn names_events(self) -> bool {
        self != Self::Chat
    }

    /// What the harness asks where the answer is what counts. `<model>` carries the case.
    pub(crate) fn question(self, stream: bool) -> String {
        let asked = match self {
            Self::Chat => r#""messages":[{"role":"user","content":"Please go on."}]"#,
            Self::Responses => r#""input":"Please go on.""#,
            Self::Messages => r#""max_tokens":512,"messages":[{"role":"user","content":"Please go on."}]"#,
        };
        format!(r#"{{"model":"<model>","stream":{stream},{asked}}}"#)
    }
}
