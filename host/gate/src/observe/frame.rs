//! Events as they go over the wire (HTML standard, 9.2), and the ids that a reader comes back with.

use witgate_ledger::Found;
use witgate_ledger::json_line;

/// The id of a record's event: what a reader sends as `Last-Event-ID` to go on behind it.
pub(super) fn id(ledger: &str, seq: u64) -> String {
    format!("{ledger}-{seq}")
}

/// The position in such an id; `None` when it is none, or of another ledger.
pub(super) fn position(id: &str, ledger: &str) -> Option<u64> {
    id.strip_prefix(ledger)?.strip_prefix('-')?.parse().ok()
}

/// A record.
pub(super) fn record(ledger: &str, found: &Found, out: &mut String) {
    // No record that was read is without a line.
    if let Ok(line) = json_line(&found.record, found.digest) {
        out.push_str(&format!("id: {}\nevent: record\ndata: {line}\n\n", id(ledger, found.record.seq)));
    }
}

/// A comment that keeps the connection open, and up to which record there was nothing more: an id without data is no event.
pub(super) fn heartbeat(ledger: &str, seq: u64) -> String {
    format!(": up to record {seq}\nid: {}\n\n", id(ledger, seq))
}

/// An event of the gate's own.
pub(super) fn event(name: &str, code: &str, message: &str, last: &str) -> String {
    let data = serde_json::json!({ "code": code, "message": message, "last_event_id": last });
    format!("event: {name}\ndata: {data}\n\n")
}
