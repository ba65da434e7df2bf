//! The cases.

use serde::Serialize;

/// Events with text in a streamed answer.
pub(crate) const CHUNKS: usize = 200;

/// One case: what is asked, and by how many at once.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Scenario {
    /// Characters of the prompt's text.
    pub(crate) prompt_bytes: usize,
    /// Whether the answer is a stream of [`CHUNKS`] events, all of them ready at once.
    pub(crate) stream: bool,
    /// Connections, each with one request at a time.
    pub(crate) connections: usize,
}

impl Scenario {
    /// Every case, in the order of the report.
    pub(crate) fn all() -> Vec<Self> {
        let shapes = [(1024, false), (10 * 1024, false), (1024, true)];
        let both = |(prompt_bytes, stream)| [1, 16].map(|connections| Self { prompt_bytes, stream, connections });
        shapes.into_iter().flat_map(both).collect()
    }

    /// A name for people.
    pub(crate) fn name(&self) -> String {
        let what = if self.stream { format!("{CHUNKS}-chunk stream") } else { "whole".to_owned() };
        format!("{} KB, {what}, {} conn.", self.prompt_bytes / 1024, self.connections)
    }
}
