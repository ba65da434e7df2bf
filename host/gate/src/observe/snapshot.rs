//! `GET /v1/snapshot`: records of a point in time, page by page.
//!
//! A cursor says up to which record the snapshot goes, which record comes next and where that stands. Filters are applied before a
//! page is counted, and a page ends early rather than search without end: it then says so, and its cursor goes on from there.

use std::sync::Arc;

use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use witgate_ledger::{Bounds, Filter, Reader, json_line};

use super::query::Query;
use super::{Refused, short};
use crate::body::{Body, full};
use crate::gate::Gate;

/// Records of a page, unless another number is asked for.
const LIMIT: u64 = 100;
const MOST: u64 = 1000;
/// Records that are looked at for one page.
const LOOKS: u64 = 50_000;
/// Bytes of a page, give or take a record.
const BYTES: usize = 4 << 20;

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cursor {
    /// The snapshot's last record.
    at: u64,
    /// The next record.
    next: u64,
    /// Where in its segment that stands.
    offset: u64,
}

impl Cursor {
    fn text(self, ledger: &str) -> String {
        let Self { at, next, offset } = self;
        format!("{ledger}-{at}-{next}-{offset}")
    }

    fn parse(text: &str, ledger: &str, head: u64) -> Result<Self, Refused> {
        let wrong = |code, message: &str| Refused::parameter(code, "cursor", message);
        let mut parts = text.split('-');
        let of = parts.next().unwrap_or_default();
        let mut number = || parts.next()?.parse().ok();
        let (Some(at), Some(next), Some(offset)) = (number(), number(), number()) else {
            return Err(wrong("bad_cursor", "it is none that a page gave"));
        };
        if parts.next().is_some() || next == 0 || next > at {
            return Err(wrong("bad_cursor", "it is none that a page gave"));
        }
        if of != ledger {
            return Err(wrong("cursor_other_ledger", "it is of another ledger"));
        }
        if at > head {
            return Err(wrong("cursor_ahead", "the ledger ends before it: it was cut, or is another"));
        }
        Ok(Self { at, next, offset })
    }
}

/// Answers with a page.
pub(crate) async fn snapshot(gate: &Arc<Gate>, query: &str) -> Response<Body> {
    match page(gate, query).await {
        Ok(text) => {
            let mut response = Response::new(full(text));
            *response.status_mut() = StatusCode::OK;
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        Err(refused) => refused.response(),
    }
}

async fn page(gate: &Arc<Gate>, query: &str) -> Result<String, Refused> {
    let query = Query::parse(query, &["until", "cursor", "limit"])?;
    let limit = query.number("limit", LIMIT, 1..=MOST)?;
    let ledger = short(gate.ledger.id());
    let head = gate.ledger.head().seq;
    let cursor = query.other("cursor").map(|text| Cursor::parse(text, &ledger, head)).transpose()?;
    let at = cursor.map_or(head, |cursor| cursor.at);
    // Never closed; without a place the page would be as right and only less fair.
    let _place = gate.observe.readings.acquire().await;
    let (gate, filter) = (Arc::clone(gate), query.filter);
    let reading = tokio::task::spawn_blocking(move || {
        let dir = &gate.config.ledger.directory;
        let reader = match cursor {
            Some(cursor) => Reader::from_place(dir, cursor.next, cursor.offset),
            None => Reader::since(dir, None, filter.since),
        };
        let mut reader = reader.map_err(|error| Refused::of_reading(&error))?;
        collect(&mut reader, &filter, at, limit, &ledger)
    });
    reading.await.map_err(|_| Refused::panicked())?
}

/// Reads one page.
fn collect(reader: &mut Reader, filter: &Filter, at: u64, limit: u64, ledger: &str) -> Result<String, Refused> {
    let mut bounds = Bounds { last: at, looks: LOOKS };
    let mut records = String::new();
    let mut count = 0;
    while count < limit && records.len() < BYTES {
        let found = reader.next_match(filter, &mut bounds).map_err(|error| Refused::of_reading(&error))?;
        let Some(found) = found else { break };
        let line = json_line(&found.record, found.digest).map_err(|_| Refused::panicked())?;
        if count > 0 {
            records.push(',');
        }
        records.push_str(&line);
        count += 1;
    }
    let next = reader.next_position();
    let (stopped, next) = if next > at || filter.is_over(next) {
        ("end", None)
    } else {
        let why = if count >= limit {
            "limit"
        } else if records.len() >= BYTES {
            "bytes"
        } else {
            "looks"
        };
        (why, Some(Cursor { at, next, offset: reader.offset() }.text(ledger)))
    };
    let looked = LOOKS - bounds.looks;
    let rest = serde_json::json!({ "at": at, "count": count, "looked": looked, "stopped": stopped, "next": next });
    let rest = rest.to_string();
    // The records are JSON already.
    Ok(format!("{{\"records\":[{records}],{}", rest.strip_prefix('{').unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    #[test]
    fn cursors_are_those_that_were_given() {
        let cursor = Cursor { at: 20, next: 7, offset: 128 };
        let text = cursor.text("01ab");
        assert_eq!(Cursor::parse(&text, "01ab", 20), Ok(cursor));
        let code = |text: &str, ledger, head| Cursor::parse(text, ledger, head).map_err(|refused| refused.code);
        assert_eq!(code(&text, "01ac", 20), Err("cursor_other_ledger"));
        assert_eq!(code(&text, "01ab", 19), Err("cursor_ahead"));
        for wrong in ["", "01ab", "01ab-20-7", "01ab-20-0-128", "01ab-20-21-1", "01ab-20-7-128-1", "01ab-x-7-128"] {
            assert_eq!(code(wrong, "01ab", 20), Err("bad_cursor"), "{wrong}");
        }
    }
}
