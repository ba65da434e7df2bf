//! One connection of a client: TLS, which HTTP it speaks, and when it ends.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_io_timeout::TimeoutStream;

use super::open::{Open, OpenStreams};
use super::route;
use crate::config::Limits;
use crate::gate::Gate;
use crate::tls::{self, Peer};

/// HTTP/2 streams at once on one connection. More wait at the client; SDKs open another connection.
const STREAMS: u32 = 128;
/// Streams that a client opened and reset, and the gate has not seen yet; beyond it the connection ends
/// (CVE-2023-44487).
const RESET_STREAMS: usize = 20;
/// Streams that the gate reset for a client's mistakes; beyond it the connection ends (CVE-2025-8671).
const MISTAKEN_STREAMS: usize = 128;
/// Bytes of a request that may be on their way: of one stream, and of all of a connection.
const STREAM_WINDOW: u32 = 256 << 10;
const WINDOW: u32 = 1 << 20;
/// Bytes of an answer that wait for one stream's client.
const SEND_BUFFER: usize = 64 << 10;
const FRAME: u32 = 16 << 10;
/// What HPACK counts for each header beside its bytes (RFC 7541, section 4.1).
const HEADER_OVERHEAD: u32 = 32;
/// A client from which nothing came for so long is asked whether it is there, and given as long to say so.
const PING: Duration = Duration::from_secs(20);
/// For a client to answer that it heard GOAWAY, while nothing is open. Idle clients of some kinds do not read at all.
const GOODBYE: Duration = Duration::from_secs(1);
/// For a client to read the end of its last stream before GOAWAY, at shutdown.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// Between looks at a connection that has sent less than tells its protocol.
const LOOK: Duration = Duration::from_millis(5);
/// How HTTP/2 begins where it was not agreed on (RFC 9113, section 3.4). No method of HTTP/1 does.
const PREFACE: &[u8; 4] = b"PRI ";

/// How connections are served.
pub(super) struct Connections {
    gate: Arc<Gate>,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    /// For a handshake, and for the beginning of a request.
    patience: Duration,
}

impl Connections {
    pub(super) fn new(gate: Arc<Gate>) -> Self {
        let patience = gate.config.timeouts.headers();
        let Limits { headers, exchanges, .. } = gate.config.limits;
        let bytes = gate.config.limits.headers_bytes();
        let mut http1 = http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            .header_read_timeout(patience)
            .max_headers(headers as usize)
            .max_buf_size(bytes.max(8192))
            .half_close(false);
        // The library's bound is the larger one: what it refuses it refuses without a word.
        let list = u32::try_from(bytes).unwrap_or(u32::MAX).saturating_add(headers.saturating_mul(HEADER_OVERHEAD));
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS.min(exchanges))
            .max_pending_accept_reset_streams(RESET_STREAMS)
            .max_local_error_reset_streams(MISTAKEN_STREAMS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(WINDOW)
            .max_send_buf_size(SEND_BUFFER)
            .max_frame_size(FRAME)
            .max_header_list_size(list)
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING);
        Self { gate, http1, http2, patience }
    }

    /// Serves one connection to its end. `watcher` is told when the listener closes, and holds its end up.
    pub(super) async fn serve(&self, stream: TcpStream, watcher: Watcher, mut stop: watch::Receiver<bool>) {
        // A streamed token is not to wait for the next one.
        let _ = stream.set_nodelay(true);
        let mut stopped = stop.clone();
        let begun = async {
            match &self.gate.tls {
                Some(tls) => {
                    let stream = tls.acceptor().accept(stream).await?;
                    let session = stream.get_ref().1;
                    let (peer, http2) = (tls.peer(session), tls::is_http2(session));
                    std::io::Result::Ok((Transport::Tls(Box::new(stream)), peer, http2))
                }
                None => {
                    let http2 = begins_as_http2(&stream).await?;
                    Ok((Transport::Plain(stream), None, http2))
                }
            }
        };
        let begun = tokio::select! {
            biased;
            // Nothing was asked yet.
            _ = stopped.wait_for(|stop| *stop) => return,
            begun = timeout(self.patience, begun) => begun,
        };
        let (transport, peer, http2) = match begun {
            Ok(Ok(begun)) => begun,
            Ok(Err(why)) => return tracing::debug!(%why, "a connection could not begin"),
            Err(_) => return tracing::debug!("a connection did not begin in time"),
        };
        let ended = match (transport, http2) {
            (Transport::Plain(stream), false) => self.http1(self.patient(stream), peer, watcher).await,
            (Transport::Tls(stream), false) => self.http1(self.patient(stream), peer, watcher).await,
            (Transport::Plain(stream), true) => self.http2(self.patient(stream), peer, watcher, &mut stop).await,
            (Transport::Tls(stream), true) => self.http2(self.patient(stream), peer, watcher, &mut stop).await,
        };
        if let Err(why) = ended {
            tracing::debug!(%why, "a connection broke");
        }
    }

    /// A connection whose client takes nothing breaks. The exchange on it ends by itself before that, and says why.
    fn patient<S: Io>(&self, stream: S) -> Pin<Box<TimeoutStream<S>>> {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(2 * self.gate.config.timeouts.client()));
        Box::pin(stream)
    }

    async fn http1(&self, io: impl Io, peer: Option<Peer>, watcher: Watcher) -> hyper::Result<()> {
        let service = service_fn(|request| {
            let (gate, request) = (Arc::clone(&self.gate), of(&peer, request));
            async move { Ok::<_, Infallible>(route(gate, request).await) }
        });
        watcher.watch(self.http1.serve_connection(TokioIo::new(io), service)).await
    }

    /// A connection without a stream ends after as long as a request may take to begin: as one of HTTP/1 does between two
    /// requests.
    async fn http2(
        &self,
        io: impl Io,
        peer: Option<Peer>,
        watcher: Watcher,
        stop: &mut watch::Receiver<bool>,
    ) -> hyper::Result<()> {
        // Held to the end: what waits for all connections waits for this one.
        let _watcher = watcher;
        let open = Arc::new(OpenStreams::default());
        let service = service_fn(|request| {
            let (gate, open, request) = (Arc::clone(&self.gate), Open::new(&open), of(&peer, request));
            async move { Ok::<_, Infallible>(route(gate, request).await.map(|body| open.until_sent(body))) }
        });
        let mut connection = pin!(self.http2.serve_connection(TokioIo::new(io), service));
        tokio::select! {
            ended = connection.as_mut() => return ended,
            () = open.idle(self.patience) => {}
            () = async {
                let _ = stop.wait_for(|stop| *stop).await;
                // Some clients take GOAWAY for the end of the streams that are open, or of one whose end they read along with it
                // (Python's h2). So these end first, unless one more comes: it is refused, and the next try is to go elsewhere.
                tokio::select! {
                    () = open.idle(LAST_WORDS) => {}
                    () = open.another() => {}
                }
            } => {}
        }
        // GOAWAY; what is open ends as it would have.
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            ended = connection => ended,
            // A client that does not even read that is left.
            () = open.idle(GOODBYE) => Ok(()),
        }
    }
}

/// A request, and with it whoever the connection belongs to.
fn of(peer: &Option<Peer>, mut request: Request<Incoming>) -> Request<Incoming> {
    if let Some(peer) = peer {
        request.extensions_mut().insert(peer.clone());
    }
    request
}

enum Transport {
    Plain(TcpStream),
    Tls(Box<tokio_rustls::server::TlsStream<TcpStream>>),
}

trait Io: AsyncRead + AsyncWrite + Unpin + Send + 'static {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Io for T {}

/// Whether a connection begins with the preface of HTTP/2. Takes nothing from it.
async fn begins_as_http2(stream: &TcpStream) -> std::io::Result<bool> {
    let mut first = [0; PREFACE.len()];
    loop {
        let seen = stream.peek(&mut first).await?;
        match first.get(..seen) {
            Some(seen) if seen == PREFACE => return Ok(true),
            // Its end, which the reader of HTTP/1 finds as well.
            Some([]) | None => return Ok(false),
            Some(seen) if !PREFACE.starts_with(seen) => return Ok(false),
            Some(_) => tokio::time::sleep(LOOK).await,
        }
    }
}
