//! The load: so many connections, each with one request at a time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::ending::Ending;

/// What is asked, of whom.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) target: SocketAddr,
    pub(crate) bodies: Arc<Vec<Bytes>>,
    pub(crate) stream: bool,
    pub(crate) connections: usize,
    /// Between an answer and the next request of a connection.
    pub(crate) pause: Duration,
}

/// Answers that were complete within the measured time, in microseconds, sorted.
#[derive(Debug, Default)]
pub(crate) struct Latencies {
    /// From the first byte sent to the last one read.
    pub(crate) total: Vec<u32>,
    /// From the first byte sent to the first one of the body.
    pub(crate) first: Vec<u32>,
    /// Answers with 503, which are no part of the above: a gate on a machine that is too busy for its deadlines refuses.
    pub(crate) refused: usize,
}

/// When it is measured.
#[derive(Debug, Clone)]
struct Window {
    from: Instant,
    over: Arc<AtomicBool>,
}

impl Load {
    /// Loads for `warm` and `slice`, calls `edge` at both ends of the slice, and gives what was complete within it.
    pub(crate) async fn run<T>(
        &self,
        warm: Duration,
        slice: Duration,
        edge: impl FnMut() -> anyhow::Result<T>,
    ) -> anyhow::Result<(Latencies, T, T, Duration)> {
        let pause = async {
            tokio::time::sleep(slice).await;
            anyhow::Ok(())
        };
        let (latencies, before, after, lasted, ()) = self.during(warm, pause, edge).await?;
        Ok((latencies, before, after, lasted))
    }

    /// The same, but the slice lasts for as long as `work` does.
    pub(crate) async fn during<T, W>(
        &self,
        warm: Duration,
        work: impl Future<Output = anyhow::Result<W>>,
        mut edge: impl FnMut() -> anyhow::Result<T>,
    ) -> anyhow::Result<(Latencies, T, T, Duration, W)> {
        let mut senders = Vec::new();
        for _ in 0..self.connections {
            senders.push(connect(self.target).await?);
        }
        let window = Window { from: Instant::now() + warm, over: Arc::default() };
        let mut tasks = JoinSet::new();
        for (number, sender) in senders.into_iter().enumerate() {
            tasks.spawn(self.clone().connection(sender, number, window.clone()));
        }
        tokio::time::sleep_until(window.from.into()).await;
        let (began, before) = (Instant::now(), edge()?);
        let worked = work.await;
        window.over.store(true, Ordering::Relaxed);
        let (lasted, after) = (began.elapsed(), edge()?);
        let worked = worked?;
        let mut latencies = Latencies::default();
        while let Some(one) = tasks.join_next().await {
            let one = one??;
            latencies.total.extend(one.total);
            latencies.first.extend(one.first);
            latencies.refused += one.refused;
        }
        latencies.total.sort_unstable();
        latencies.first.sort_unstable();
        Ok((latencies, before, after, lasted, worked))
    }

    async fn connection(
        self,
        mut sender: SendRequest<Full<Bytes>>,
        number: usize,
        window: Window,
    ) -> anyhow::Result<Latencies> {
        let mut latencies = Latencies::default();
        // Connections begin at different places, so that two never ask the same at once.
        let turn = self.bodies.iter().cycle().skip(number * self.bodies.len() / self.connections);
        for body in turn {
            if window.over.load(Ordering::Relaxed) {
                break;
            }
            let asked = Instant::now();
            let Some(first) = ask(&mut sender, body.clone(), self.stream).await? else {
                latencies.refused += 1;
                continue;
            };
            let done = Instant::now();
            if done >= window.from && !window.over.load(Ordering::Relaxed) {
                latencies.total.push(micros(done - asked));
                latencies.first.push(micros(first - asked));
            }
            if !self.pause.is_zero() {
                tokio::time::sleep(self.pause).await;
            }
        }
        Ok(latencies)
    }
}

/// A connection.
pub(crate) async fn connect(target: SocketAddr) -> anyhow::Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(target).await.context("no connection")?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Its end shows in the sender.
    tokio::spawn(connection);
    Ok(sender)
}

/// One request; when the first byte of its body came, or none when it was refused for the moment. Anything else but a complete
/// answer ends the measurement.
pub(crate) async fn ask(
    sender: &mut SendRequest<Full<Bytes>>,
    body: Bytes,
    stream: bool,
) -> anyhow::Result<Option<Instant>> {
    sender.ready().await?;
    let answer = sender.send_request(request(body)?).await?;
    let status = answer.status();
    let mut body = answer.into_body();
    let (mut first, mut ending, mut told) = (None, Ending::default(), Vec::new());
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        first.get_or_insert_with(Instant::now);
        ending.read(&data);
        if status != StatusCode::OK {
            told.extend_from_slice(&data);
        }
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        return Ok(None);
    }
    ensure!(status == StatusCode::OK, "answered {status}: {}", String::from_utf8_lossy(&told));
    ensure!(!stream || ending.came(), "a stream ended without its end");
    Ok(Some(first.context("an answer without a body")?))
}

/// A request with a body.
pub(crate) fn request(body: Bytes) -> anyhow::Result<Request<Full<Bytes>>> {
    let request = Request::builder()
        .method(Method::POST)
        .uri("/v1/chat/completions")
        .header(HOST, "bench")
        .header(CONTENT_TYPE, "application/json")
        .header("authorization", "Bearer bench");
    Ok(request.body(Full::new(body))?)
}

fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}
