//! Why a batch could not be written.

use std::io;
use std::sync::Arc;

use crate::error::AppendError;

/// What failed: a stable code and a sentence.
pub(super) struct Failure {
    pub(super) code: &'static str,
    pub(super) detail: Arc<str>,
}

impl Failure {
    pub(super) fn new(doing: &str, otherwise: &'static str, error: &io::Error) -> Self {
        let code = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                "ledger_disk_full"
            }
            io::ErrorKind::ReadOnlyFilesystem => "ledger_read_only",
            _ => otherwise,
        };
        Self { code, detail: format!("{doing}: {error}").into() }
    }

    pub(super) fn error(&self) -> AppendError {
        AppendError::Failed { code: self.code, detail: Arc::clone(&self.detail) }
    }
}
