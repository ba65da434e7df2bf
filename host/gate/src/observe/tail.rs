//! `GET /v1/tail`: records as they are written, as server-sent events.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::sync::mpsc::{self, OwnedPermit};
use tokio::sync::{Notify, OwnedSemaphorePermit, watch};
use tokio::time::Instant;
use witgate_ledger::{Bounds, Filter, ReadError, Reader, When};

use super::query::Query;
use super::{Refused, TAILS, frame, short};
use crate::body::{Body, Piece as BodyPiece};
use crate::gate::Gate;

/// Pieces that wait for a reader, and bytes of one, give or take a record.
const PIECES: usize = 4;
const PIECE_BYTES: usize = 64 << 10;
/// Records that are looked at before somebody else has a turn.
const LOOKS: u64 = 20_000;
/// A reader who takes nothing for so long, though there is something, is dropped.
const PATIENCE: Duration = Duration::from_secs(10);
/// And so long after that, its connection is cut.
const GRACE: Duration = Duration::from_secs(30);
/// What is written within this time goes out together: under load one reading serves many records.
const TOGETHER: Duration = Duration::from_millis(20);
/// Seconds between heartbeats, unless another number is asked for.
const HEARTBEAT: u64 = 15;
/// The most records that are there already and come first.
const BACKLOG: u64 = 1_000_000;

/// Cuts the connection that a tail runs on.
pub(crate) type Cut = Arc<Notify>;

/// Answers with a stream.
pub(crate) async fn tail(
    gate: &Arc<Gate>,
    query: &str,
    headers: &HeaderMap,
    cut: Cut,
    stop: watch::Receiver<bool>,
) -> Response<Body> {
    match begin(gate, query, headers, cut, stop).await {
        Ok(body) => {
            let mut response = Response::new(body);
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
            response
        }
        Err(refused) => refused.response(),
    }
}

async fn begin(
    gate: &Arc<Gate>,
    query: &str,
    headers: &HeaderMap,
    cut: Cut,
    stop: watch::Receiver<bool>,
) -> Result<Body, Refused> {
    let query = Query::parse(query, &["backlog", "heartbeat"])?;
    let heartbeat = Duration::from_secs(query.number("heartbeat", HEARTBEAT, 1..=60)?);
    let backlog = query.number("backlog", 0, 0..=BACKLOG)?;
    let ledger = short(gate.ledger.id());
    if query.other("backlog").is_some() && query.filter.since.is_some() {
        return Err(Refused::parameter("bad_parameter", "backlog", "it is `since` or `backlog`"));
    }
    let start = match headers.get("last-event-id") {
        Some(id) => {
            let wrong = |code, message| Refused::parameter(code, "last-event-id", message);
            let id = id.to_str().unwrap_or_default();
            let last = frame::position(id, &ledger)
                .ok_or_else(|| wrong("bad_event_id", "it is none that an event of this ledger had"))?;
            if last > gate.ledger.head().seq {
                return Err(wrong("event_id_ahead", "the ledger ends before it: it was cut, or is another"));
            }
            When::Position(last.saturating_add(1))
        }
        None => query
            .filter
            .since
            .unwrap_or_else(|| When::Position(gate.ledger.head().seq.saturating_sub(backlog).saturating_add(1))),
    };
    let Ok(place) = Arc::clone(&gate.observe.tails).try_acquire_owned() else {
        let message = format!("{TAILS} tails are open, and there is no room for more.");
        let (status, code) = (StatusCode::SERVICE_UNAVAILABLE, "too_many_tails");
        return Err(Refused { status, code, message, parameter: None });
    };
    let dir = gate.config.ledger.directory.clone();
    let opened = tokio::task::spawn_blocking(move || Reader::since(&dir, None, Some(start)));
    let reader = opened.await.map_err(|_| Refused::panicked())?.map_err(|error| Refused::of_reading(&error))?;
    let (sender, receiver) = mpsc::channel(PIECES + 1);
    // Kept free for the last word to a reader who takes nothing.
    let Ok(last_word) = sender.clone().try_reserve_owned() else { return Err(Refused::panicked()) };
    let tail = Tail {
        durable: gate.observe.durable.subscribe(),
        gate: Arc::clone(gate),
        ledger,
        filter: query.filter,
        heartbeat,
        sender,
        last_word,
        cut,
        stop,
        _place: place,
    };
    tokio::spawn(tail.run(reader));
    Ok(Body::Stream(receiver))
}

struct Tail {
    gate: Arc<Gate>,
    durable: watch::Receiver<u64>,
    ledger: String,
    filter: Filter,
    heartbeat: Duration,
    sender: mpsc::Sender<BodyPiece>,
    last_word: OwnedPermit<BodyPiece>,
    cut: Cut,
    stop: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

/// Why a tail ends.
enum End {
    /// The reader went away.
    Gone,
    /// It takes nothing.
    Slow,
    /// The gate stops.
    Stopped,
    /// The ledger cannot be read.
    Unread(Box<Refused>),
}

impl Tail {
    async fn run(mut self, reader: Reader) {
        let mut reader = Some(reader);
        let mut sent = reader.as_ref().map_or(0, |reader| reader.next_position().saturating_sub(1));
        let end = self.follow(&mut reader, &mut sent).await;
        let last = frame::id(&self.ledger, sent);
        let word = match &end {
            End::Gone => return,
            End::Slow => frame::event("dropped", "slow_reader", "Nothing was taken for ten seconds.", &last),
            End::Stopped => frame::event("end", "draining", "The gate is shutting down.", &last),
            End::Unread(refused) => frame::event("error", refused.code, &refused.message, &last),
        };
        self.last_word.send(BodyPiece::Last(Bytes::from(word)));
        drop(self.sender);
        if matches!(end, End::Slow) {
            // Who comes back finds the last word; who does not keeps no connection.
            let cut = self.cut;
            tokio::spawn(async move {
                tokio::time::sleep(GRACE).await;
                cut.notify_one();
            });
        }
    }

    /// Sends what is written, until there is a reason to end.
    async fn follow(&mut self, reader: &mut Option<Reader>, sent: &mut u64) -> End {
        if let Err(end) = self.send(frame::heartbeat(&self.ledger, *sent)).await {
            return end;
        }
        let mut due = Instant::now() + self.heartbeat;
        loop {
            let last = *self.durable.borrow_and_update();
            let piece = match self.read(reader, last).await {
                Ok(piece) => piece,
                Err(refused) => return End::Unread(Box::new(refused)),
            };
            if !piece.text.is_empty() {
                if let Err(end) = self.send(piece.text).await {
                    return end;
                }
                due = Instant::now() + self.heartbeat;
            }
            *sent = (*sent).max(piece.position.saturating_sub(1));
            if piece.position <= last {
                if *self.stop.borrow() {
                    return End::Stopped;
                }
                continue;
            }
            let beat = tokio::select! {
                changed = self.durable.changed() => match changed {
                    Ok(()) => false,
                    Err(_) => return End::Stopped,
                },
                () = tokio::time::sleep_until(due) => true,
                () = self.sender.closed() => return End::Gone,
                _ = self.stop.wait_for(|stop| *stop) => return End::Stopped,
            };
            if !beat {
                tokio::time::sleep(TOGETHER).await;
                continue;
            }
            if let Err(end) = self.send(frame::heartbeat(&self.ledger, *sent)).await {
                return end;
            }
            due = Instant::now() + self.heartbeat;
        }
    }

    /// Reads on, up to a piece.
    async fn read(&self, reader: &mut Option<Reader>, last: u64) -> Result<Piece, Refused> {
        let Some(mut taken) = reader.take() else { return Err(Refused::panicked()) };
        // Never closed; without a place the reading would be as right and only less fair.
        let _place = self.gate.observe.readings.acquire().await;
        let (filter, ledger) = (self.filter.clone(), self.ledger.clone());
        let dir = self.gate.config.ledger.directory.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let piece = match piece(&mut taken, &filter, &ledger, last) {
                // A writer whose disk failed begins its last segment anew: what is on disk is in the new one.
                Err(_) => {
                    taken = Reader::from_seq(&dir, None, taken.next_position())?;
                    piece(&mut taken, &filter, &ledger, last)?
                }
                Ok(piece) => piece,
            };
            Ok::<_, ReadError>((taken, piece))
        });
        let read = reading.await.map_err(|_| Refused::panicked())?;
        let (taken, piece) = read.map_err(|error| Refused::of_reading(&error))?;
        *reader = Some(taken);
        Ok(piece)
    }

    async fn send(&mut self, text: String) -> Result<(), End> {
        let stop = &mut self.stop;
        tokio::select! {
            sent = tokio::time::timeout(PATIENCE, self.sender.send(BodyPiece::More(Bytes::from(text)))) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(End::Gone),
                Err(_) => Err(End::Slow),
            },
            _ = stop.wait_for(|stop| *stop) => Err(End::Stopped),
        }
    }
}

/// Events, and the position that is read next.
struct Piece {
    text: String,
    position: u64,
}

fn piece(reader: &mut Reader, filter: &Filter, ledger: &str, last: u64) -> Result<Piece, ReadError> {
    let mut bounds = Bounds { last, looks: LOOKS };
    let mut text = String::new();
    while text.len() < PIECE_BYTES
        && let Some(found) = reader.next_match(filter, &mut bounds)?
    {
        frame::record(ledger, &found, &mut text);
    }
    Ok(Piece { text, position: reader.next_position() })
}
