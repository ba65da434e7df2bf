//! The way back: an error, a whole answer, or a stream.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::{HeaderMap, Response, StatusCode};
use tokio::sync::mpsc::{self, OwnedPermit, error::TrySendError};
use witgate_ledger::{self as ledger, Outcome};
use witgate_policy::engine::Stage;
use witgate_policy::{Judge, Reason, Verdict};
use witgate_wire::answer::{AbortStyle, Answer};
use witgate_wire::sse;

use super::clock::{Alarm, Clock};
use super::closing::Closing;
use super::drive::Drive;
use super::ended::Ended;
use super::evidence::Evidence;
use super::upstream_body::{BodyError, UpstreamBody};
use super::{end_later, forward, passed, unless_cut, with_end, with_outcome};
use crate::body::{Body, Piece, full};
use crate::config::OnDeny;
use crate::gate::Gate;
use crate::record;
use crate::refusal::Refusal;

/// Bytes of an upstream's error.
const ERROR_BYTES: usize = 1 << 20;
/// Why an answer is refused, a header of which would have to be changed.
pub(super) const HEADER: &str = "A header of the upstream's answer cannot be changed.";
/// Pieces that may wait for a slow client before the upstream is no longer read.
const PIECES: usize = 8;

/// An exchange whose request has gone out.
pub(super) struct Way {
    pub(super) gate: Arc<Gate>,
    pub(super) closing: Closing,
    pub(super) judge: Judge,
    pub(super) evidence: Evidence,
}

impl Way {
    /// Brings the upstream's answer back.
    pub(super) async fn answer(mut self, answer: Response<Incoming>, stream: bool) -> Response<Body> {
        let (parts, body) = answer.into_parts();
        if parts.status.is_informational() {
            let message = "The upstream wants to change the protocol, which nobody asked for.";
            return self.upstream_refused("upstream_protocol", message);
        }
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let streamed = stream && parts.status.is_success() && essence == "text/event-stream";
        let bounds = self.gate.config.limits.answer_bounds(streamed);
        let coming = match UpstreamBody::new(&parts.headers, body, bounds) {
            Ok(coming) => coming,
            Err(_) if !parts.status.is_success() => return self.unreadable(parts.status),
            Err(error) => return self.broken(&error),
        };
        let mut headers = HeaderMap::new();
        forward::down(&parts.headers, !parts.status.is_success(), &mut headers);
        if parts.status.is_success() && essence == "application/json" {
            return self.whole(parts.status, coming, headers).await;
        }
        if let Err(verdict) = self.headers(&headers).await {
            self.inspected(&verdict);
            self.judge.give_back();
            return with_end(&self.gate, self.closing, &Ended::Policy("inspection", verdict), &self.evidence);
        }
        let mut response = match parts.status.is_success() {
            false => self.error(parts.status, coming).await,
            true if streamed => self.stream(parts.status, coming),
            true => self.upstream_refused(
                "upstream_protocol",
                "The upstream's answer is neither JSON nor the event stream asked for.",
            ),
        };
        response.headers_mut().extend(headers);
        response
    }

    /// Headers are text that comes back like any other, but for that they cannot be edited.
    async fn headers(&mut self, headers: &HeaderMap) -> Result<(), Verdict> {
        let said = forward::said_down(headers);
        if said.is_empty() {
            return Ok(());
        }
        let lane = self.judge.set().needs_lane(Stage::Inspection);
        let judge = &mut self.judge;
        match self.gate.lanes.guest(lane, said.len(), || judge.whole("fields", None, &said)).await {
            Ok(edits) if edits.is_empty() => Ok(()),
            Ok(_) => Err(uneditable(HEADER)),
            Err(verdict) => Err(verdict),
        }
    }

    /// The DECISION on headers, where there is no answer that it could be part of.
    fn inspected(&mut self, verdict: &Verdict) {
        let opinions = self.judge.take_inspection();
        if opinions.is_empty() && verdict.is_allow() {
            return;
        }
        self.closing.stage("inspection", &self.judge, &opinions);
        let decision = record::decision(ledger::Stage::Inspection, self.judge.set(), verdict, &opinions, None);
        self.closing.decided(decision);
    }

    fn upstream_refused(self, code: &str, message: &str) -> Response<Body> {
        self.failed(&Refusal::unavailable(StatusCode::BAD_GATEWAY, "upstream_error", code, message))
    }

    fn broken(self, error: &BodyError) -> Response<Body> {
        self.failed(&error.refusal())
    }

    fn unreadable(self, status: StatusCode) -> Response<Body> {
        self.failed(&unreadable(status))
    }

    /// The upstream's answer cannot be had, or cannot be read.
    fn failed(mut self, refusal: &Refusal) -> Response<Body> {
        self.inspected(&Verdict::Allow);
        with_outcome(&self.gate, self.closing, refusal, Outcome::UpstreamError, &self.evidence)
    }

    /// An upstream's error passes with its status. Its text is inspected like any other.
    async fn error(mut self, status: StatusCode, coming: UpstreamBody) -> Response<Body> {
        let body = match collect(&self.gate, &mut self.closing, coming, ERROR_BYTES).await {
            Ok(body) => body,
            Err(BodyError::Coding(_)) => return self.unreadable(status),
            Err(error) => return self.broken(&error),
        };
        let dialect = self.closing.dialect;
        let mut drive = Drive::new(
            Arc::clone(&self.gate),
            self.closing,
            self.judge,
            Answer::whole(dialect, self.gate.answer_limits()),
        );
        let judged = match drive.answer.feed(&body) {
            Ok(()) => through(&mut drive).await,
            Err(error) => Err(error.into()),
        };
        drive.inspection();
        let Drive { mut closing, mut judge, .. } = drive;
        match judged {
            Ok(out) => {
                closing.sent(&out);
                closing.execution.status = Some(status.as_u16());
                closing.outcome(Outcome::UpstreamError, Some("upstream_status".into()));
                end_later(judge);
                passed(status, full(out), &closing.id, "application/json", &self.evidence)
            }
            Err(Ended::Wire(_)) => {
                with_outcome(&self.gate, closing, &unreadable(status), Outcome::UpstreamError, &self.evidence)
            }
            Err(ended) => {
                judge.give_back();
                with_end(&self.gate, closing, &ended, &self.evidence)
            }
        }
    }

    /// What its headers say is judged with the answer's fields, so they go out with an answer that passes.
    async fn whole(mut self, status: StatusCode, coming: UpstreamBody, headers: HeaderMap) -> Response<Body> {
        let limits = self.gate.answer_limits();
        let mut answer = Answer::whole(self.closing.dialect, limits);
        // It can be large, and is kept once: what the answer does not take ends it.
        let mut fed = Ok(());
        let reading = Instant::now();
        let each = |piece: &[u8]| {
            if fed.is_ok() {
                fed = answer.feed(piece);
            }
        };
        let came = coming.each(limits.max_body, self.gate.config.timeouts.idle(), each);
        let came = unless_cut(&self.gate, came).await;
        self.closing.waited(reading);
        match came {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return self.broken(&error),
            Err(ended) => {
                self.inspected(&Verdict::Allow);
                return with_end(&self.gate, self.closing, &ended, &self.evidence);
            }
        }
        let mut drive = Drive::new(Arc::clone(&self.gate), self.closing, self.judge, answer);
        drive.headers = forward::said_down(&headers);
        let judged = match fed {
            Ok(()) => through(&mut drive).await,
            Err(error) => Err(error.into()),
        };
        drive.inspection();
        let Drive { mut closing, mut judge, .. } = drive;
        match judged {
            Ok(out) => {
                closing.sent(&out);
                closing.execution.status = Some(status.as_u16());
                closing.outcome(Outcome::Completed, None);
                end_later(judge);
                let mut response = passed(status, full(out), &closing.id, "application/json", &self.evidence);
                response.headers_mut().extend(headers);
                response
            }
            Err(ended) => {
                judge.give_back();
                with_end(&self.gate, closing, &ended, &self.evidence)
            }
        }
    }

    fn stream(mut self, status: StatusCode, coming: UpstreamBody) -> Response<Body> {
        let (pieces, stream) = mpsc::channel(PIECES + 1);
        // Kept free, so that the end of a stream waits for nobody.
        let last_word = pieces.clone().try_reserve_owned();
        self.closing.execution.status = Some(status.as_u16());
        let (id, dialect) = (self.closing.id.clone(), self.closing.dialect);
        let drive = Drive::new(
            Arc::clone(&self.gate),
            self.closing,
            self.judge,
            Answer::streamed(dialect, self.gate.answer_limits()),
        );
        if let Ok(last_word) = last_word {
            tokio::spawn(run(drive, coming, pieces, last_word));
        }
        passed(status, Body::Stream(stream), &id, "text/event-stream", &self.evidence)
    }
}

/// Of an upstream's error that cannot be read, its status passes, and nothing else.
fn unreadable(status: StatusCode) -> Refusal {
    let message = format!("The upstream answered {status} with a text that cannot be inspected.");
    let refusal = Refusal::unavailable(status, "upstream_error", "upstream_status", message);
    // What SDKs try again by themselves where nobody says otherwise.
    let passes = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS);
    if passes || status.is_server_error() { refusal.retry_after(1) } else { refusal }
}

/// A header cannot be changed, so what says it may not pass.
pub(super) fn uneditable(message: &str) -> Verdict {
    Verdict::Deny(Reason { plugin: "witgate".into(), code: "edit_of_header".into(), message: message.into() })
}

/// A whole answer, all of which came, through the same way as a stream.
async fn through(drive: &mut Drive) -> Result<Bytes, Ended> {
    drive.answer.end()?;
    drive.pump().await?;
    drive.headers().await?;
    Ok(Bytes::from(drive.answer.take_output()))
}

async fn collect(gate: &Gate, closing: &mut Closing, coming: UpstreamBody, most: usize) -> Result<Bytes, BodyError> {
    let reading = Instant::now();
    let collected = coming.collect(most, gate.config.timeouts.idle()).await;
    closing.waited(reading);
    collected
}

/// How a stream ended.
enum End {
    /// As the upstream ended it.
    Completed,
    /// The client went away; the upstream's connection is dropped with the body.
    ClientGone,
    /// The client took nothing for too long.
    ClientStalled,
    /// By the gate.
    Early(Ended),
}

/// Carries a stream from the upstream to the client until either ends.
async fn run(mut drive: Drive, coming: UpstreamBody, pieces: mpsc::Sender<Piece>, last_word: OwnedPermit<Piece>) {
    let end = carry(&mut drive, coming, &pieces).await;
    drive.gate.metrics.held_seconds.observe(drive.ages.longest().as_secs_f64());
    drive.inspection();
    let mut last = match end {
        End::Completed => {
            drive.closing.outcome(Outcome::Completed, None);
            vec![]
        }
        // Without a last piece the connection breaks, if there still is one.
        End::ClientGone => return,
        End::ClientStalled => return drive.closing.outcome(Outcome::ClientGone, Some("client_stalled".into())),
        End::Early(ended) => early(&mut drive, &ended),
    };
    drive.closing.sent(&last);
    if drive.gate.config.stream.receipt_comment
        && let Some(receipt) = drive.closing.receipt()
        && let Ok(json) = serde_json::to_string(&receipt)
    {
        last.extend(sse::comment(&format!("witgate-receipt {json}")));
    }
    last_word.send(Piece::Last(Bytes::from(last)));
}

/// Ends a stream before the upstream did; what the client is told of it.
fn early(drive: &mut Drive, ended: &Ended) -> Vec<u8> {
    drive.judge.give_back();
    let (refusal, outcome) = ended.refusal();
    let gate = Arc::clone(&drive.gate);
    gate.count(&refusal);
    // A fault, or an answer that broke, is never told as a content decision.
    let graceful = outcome == Outcome::Denied && gate.config.stream.on_deny == OnDeny::ContentFilter;
    let style = if graceful { AbortStyle::ContentFilter } else { AbortStyle::ErrorFrame };
    let mut detail = refusal.detail(&drive.closing.id, gate.config.disclose);
    if let (AbortStyle::ErrorFrame, Some(detail)) = (style, detail.as_object_mut()) {
        let (message, code) = refusal.told(gate.config.disclose);
        detail.insert("message".into(), message.into());
        detail.insert("type".into(), refusal.kind_in(drive.closing.dialect).into());
        detail.insert("code".into(), code.into());
    }
    drive.closing.outcome(outcome, Some(refusal.code));
    drive.answer.abort(style, &detail)
}

async fn carry(drive: &mut Drive, mut coming: UpstreamBody, pieces: &mpsc::Sender<Piece>) -> End {
    let (mut cut, mut generation) = (drive.gate.cut.subscribe(), drive.gate.policies.generation());
    let own = drive.judge.set().generation();
    // Made once: a stream waits here for every event.
    let client_gone = pieces.closed();
    let stopping = cut.wait_for(|cut| *cut);
    let replaced = generation.wait_for(|now| *now > own);
    tokio::pin!(client_gone, stopping, replaced);
    let mut clock = Clock::new(&drive.gate.config);
    loop {
        let (reading, mut old) = (Instant::now(), false);
        let next = tokio::select! {
            biased;
            () = &mut client_gone => return End::ClientGone,
            _ = &mut stopping => return End::Early(Ended::Stopping),
            _ = &mut replaced, if !clock.is_retired() => {
                clock.retire(drive.gate.config.timeouts.retire());
                continue;
            }
            alarm = clock.rings(drive.answer.held_bytes() > 0, drive.ages.due()) => match alarm {
                Alarm::Old => {
                    old = true;
                    None
                }
                Alarm::Retired => return End::Early(Ended::Replaced),
                Alarm::Quiet => None,
                Alarm::Idle => {
                    let patience = drive.gate.config.timeouts.idle().as_millis();
                    Some(Some(Err(BodyError::Idle(patience))))
                }
            },
            next = coming.next() => Some(next),
        };
        drive.closing.waited(reading);
        if old {
            return End::Early(drive.old().await);
        }
        let Some(next) = next else {
            clock.sent();
            let comment = Bytes::from(Answer::keep_alive());
            match pieces.try_send(Piece::More(comment.clone())) {
                Ok(()) => drive.closing.sent(&comment),
                // What waits for the client keeps the connection alive by itself.
                Err(TrySendError::Full(_)) => {}
                Err(TrySendError::Closed(_)) => return End::ClientGone,
            }
            continue;
        };
        let read = match next {
            Some(Ok(piece)) => drive.answer.feed(&piece).map_err(Ended::Wire),
            None => drive.answer.end().map_err(Ended::Wire),
            Some(Err(error)) => Err(Ended::Body(error)),
        };
        // What came before a fault is still decided, and so is what of it may go out.
        let done = match (drive.pump().await, read) {
            (Err(ended), _) => return End::Early(ended),
            (Ok(_), Err(ended)) => return End::Early(ended),
            (Ok(done), Ok(())) => done,
        };
        let out = drive.answer.take_output();
        if !out.is_empty() {
            clock.sent();
            if let Err(end) = send(drive, pieces, out).await {
                return end;
            }
        }
        if done {
            return End::Completed;
        }
        // What policies and a slow client took is not the upstream's time.
        clock.reads();
    }
}

async fn send(drive: &mut Drive, pieces: &mpsc::Sender<Piece>, out: Vec<u8>) -> Result<(), End> {
    drive.closing.sent(&out);
    let piece = match pieces.try_send(Piece::More(Bytes::from(out))) {
        Ok(()) => return Ok(()),
        Err(TrySendError::Closed(_)) => return Err(End::ClientGone),
        Err(TrySendError::Full(piece)) => piece,
    };
    let (waiting, mut cut) = (Instant::now(), drive.gate.cut.subscribe());
    let sent = tokio::select! {
        biased;
        sent = pieces.send(piece) => sent.map_err(|_| End::ClientGone),
        _ = cut.wait_for(|cut| *cut) => Err(End::Early(Ended::Stopping)),
        () = tokio::time::sleep(drive.gate.config.timeouts.client()) => Err(End::ClientStalled),
    };
    drive.closing.waited(waiting);
    drive.ages.unread(waiting.elapsed());
    sent
}
