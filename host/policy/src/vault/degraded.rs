//! What is done where a token cannot be had or put back.

/// Why a mask stands where a token should, or a token where a value should. Stable words, for logs and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Degraded {
    /// The value is longer than a vault keeps.
    ValueBytes,
    /// The scope holds as many values as it may (`tokens.entries`).
    Entries,
    /// All scopes together hold as many bytes as they may (`tokens.max_mib`).
    Bytes,
    /// The request holds too many texts that look like tokens to tell them from the gate's own.
    LookAlikes,
    /// Every token of the value stands in the request.
    Turns,
    /// The exchange has put back as many bytes as it may.
    RestoredBytes,
    /// The system gives no randomness.
    Random,
}

impl Degraded {
    /// Every one of them.
    pub const ALL: [Self; 7] = [
        Self::ValueBytes,
        Self::Entries,
        Self::Bytes,
        Self::LookAlikes,
        Self::Turns,
        Self::RestoredBytes,
        Self::Random,
    ];

    /// The word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ValueBytes => "value_bytes",
            Self::Entries => "entries",
            Self::Bytes => "bytes",
            Self::LookAlikes => "look_alikes",
            Self::Turns => "turns",
            Self::RestoredBytes => "restored_bytes",
            Self::Random => "random",
        }
    }
}
