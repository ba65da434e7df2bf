//! The client: one connection to the proxy, kept while both sides keep it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// An answer is read up to here.
const ANSWER: usize = 256 << 20;

/// Where the proxy is.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// `HOST:PORT`
    pub(crate) authority: String,
    /// The base path, without a slash at its end.
    pub(crate) base: String,
    /// Sent with every request.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) timeout: Duration,
}

impl Target {
    /// Takes `http://HOST:PORT/base`.
    pub(crate) fn parse(url: &str, headers: Vec<(String, String)>, timeout: Duration) -> anyhow::Result<Self> {
        let rest = url.strip_prefix("http://").context("only http:// URLs, such as http://127.0.0.1:8080/v1")?;
        let (authority, base) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let authority = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
        Ok(Self { authority, base: base.trim_end_matches('/').to_owned(), headers, timeout })
    }
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    /// Below the base, with its query.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    /// More than one: in `Transfer-Encoding: chunked`.
    pub(crate) pieces: Vec<Bytes>,
}

/// What came back.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// All headers, one a line.
    pub(crate) head: Vec<u8>,
    pub(crate) body: Vec<u8>,
    /// How many bytes of the body were there by when.
    pub(crate) arrivals: Vec<(usize, Instant)>,
    /// What broke, if anything did.
    pub(crate) broken: Option<String>,
}

/// One connection at a time.
#[derive(Debug)]
pub(crate) struct Client {
    target: Target,
    sender: Option<SendRequest<Pieces>>,
}

impl Client {
    pub(crate) fn new(target: Target) -> Self {
        Self { target, sender: None }
    }

    /// Asks once; a second time if a kept connection was closed before it could answer.
    pub(crate) async fn ask(&mut self, ask: &Ask) -> Answer {
        let kept = self.sender.is_some();
        let answer = self.once(ask).await;
        if kept && answer.status == 0 && answer.broken.is_some() { self.once(ask).await } else { answer }
    }

    async fn once(&mut self, ask: &Ask) -> Answer {
        let mut answer = Answer::default();
        let limit = self.target.timeout;
        let done = tokio::time::timeout(limit, self.exchange(ask, &mut answer)).await;
        let done = done.unwrap_or_else(|_| Err(anyhow::anyhow!("no end within {} s", limit.as_secs())));
        if let Err(error) = done {
            answer.broken = Some(format!("{error:#}"));
            self.sender = None;
        }
        answer
    }

    async fn exchange(&mut self, ask: &Ask, answer: &mut Answer) -> anyhow::Result<()> {
        if let Some(sender) = &mut self.sender
            && (sender.is_closed() || sender.ready().await.is_err())
        {
            self.sender = None;
        }
        let mut sender = match self.sender.take() {
            Some(sender) => sender,
            None => connect(&self.target.authority).await?,
        };
        let response = sender.send_request(self.request(ask)?).await?;
        answer.status = response.status().as_u16();
        for (name, value) in response.headers() {
            answer.head.extend_from_slice(name.as_str().as_bytes());
            answer.head.extend_from_slice(b": ");
            answer.head.extend_from_slice(value.as_bytes());
            answer.head.push(b'\n');
        }
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame?.into_data() {
                answer.body.extend_from_slice(&data);
                answer.arrivals.push((answer.body.len(), Instant::now()));
                anyhow::ensure!(answer.body.len() <= ANSWER, "the answer has no end");
            }
        }
        self.sender = Some(sender);
        Ok(())
    }

    fn request(&self, ask: &Ask) -> anyhow::Result<Request<Pieces>> {
        let mut request = Request::post(format!("{}{}", self.target.base, ask.path))
            .header("host", &self.target.authority)
            .header("content-type", "application/json");
        for (name, value) in self.target.headers.iter().chain(&ask.headers) {
            request = request.header(name, value);
        }
        Ok(request.body(Pieces::new(ask.pieces.clone()))?)
    }
}

async fn connect(authority: &str) -> anyhow::Result<SendRequest<Pieces>> {
    let stream = TcpStream::connect(authority).await.with_context(|| format!("nobody listens at {authority}"))?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

/// A body whose pieces leave one by one.
#[derive(Debug)]
pub(crate) struct Pieces {
    length: Option<u64>,
    left: VecDeque<Bytes>,
    flushed: bool,
}

impl Pieces {
    fn new(pieces: Vec<Bytes>) -> Self {
        let length = match pieces.as_slice() {
            [one] => u64::try_from(one.len()).ok(),
            _ => None,
        };
        Self { length, left: pieces.into(), flushed: true }
    }
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.flushed {
            // What was given is written before more is asked for.
            self.flushed = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.flushed = false;
        Poll::Ready(self.left.pop_front().map(|piece| Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map(SizeHint::with_exact).unwrap_or_default()
    }
}

/// Whether a status says that the proxy does not serve such requests at all.
pub(crate) fn is_not_covered(status: u16) -> bool {
    [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED, StatusCode::NOT_IMPLEMENTED].iter().any(|s| *s == status)
}
