//! An application, as the gate sees it.

use std::net::SocketAddr;

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Sends requests to the gate.
#[derive(Debug)]
pub(super) struct App {
    client: Client<HttpConnector, Full<Bytes>>,
    gate: SocketAddr,
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

/// An answer as it streams.
#[derive(Debug)]
pub(super) struct Stream {
    body: Incoming,
    /// Everything so far.
    pub(super) received: String,
}

impl App {
    pub(super) fn new(gate: SocketAddr) -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http(), gate }
    }

    async fn post(&self, body: &Value) -> anyhow::Result<Response<Incoming>> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("http://{}/v1/chat/completions", self.gate))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body.to_string())))?;
        self.client.request(request).await.context("the gate did not answer")
    }

    /// Sends a chat completion and reads the whole answer.
    pub(super) async fn chat(&self, body: &Value) -> anyhow::Result<Answer> {
        let (parts, incoming) = self.post(body).await?.into_parts();
        let body = incoming.collect().await?.to_bytes();
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).context("the answer is not text")?,
        })
    }

    /// Sends a chat completion and reads the answer as it comes.
    pub(super) async fn stream(&self, body: &Value) -> anyhow::Result<Stream> {
        let response = self.post(body).await?;
        match response.status() {
            StatusCode::OK => Ok(Stream { body: response.into_body(), received: String::new() }),
            other => Err(anyhow!("the gate answered {other}")),
        }
    }
}

impl Answer {
    /// The body as JSON.
    pub(super) fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_str(&self.body).context("the answer is not JSON")
    }

    /// The text of the answer.
    pub(super) fn content(&self) -> anyhow::Result<String> {
        let json = self.json()?;
        let content = json.pointer("/choices/0/message/content").and_then(Value::as_str);
        content.map(str::to_owned).ok_or_else(|| anyhow!("no content in {}", self.body))
    }
}

impl Stream {
    /// Reads the next piece; `false` at the end.
    pub(super) async fn next(&mut self) -> anyhow::Result<bool> {
        match self.body.frame().await {
            None => Ok(false),
            Some(frame) => {
                if let Some(data) = frame?.data_ref() {
                    self.received.push_str(&String::from_utf8_lossy(data));
                }
                Ok(true)
            }
        }
    }

    /// Reads to the end.
    pub(super) async fn rest(&mut self) -> anyhow::Result<()> {
        while self.next().await? {}
        Ok(())
    }

    /// The events received, without `[DONE]`.
    pub(super) fn events(&self) -> Vec<Value> {
        let data = self.received.lines().filter_map(|line| line.strip_prefix("data: "));
        data.filter_map(|data| serde_json::from_str(data).ok()).collect()
    }

    /// The text received.
    pub(super) fn content(&self) -> String {
        let events = self.events();
        let deltas = events.iter().filter_map(|e| e.pointer("/choices/0/delta/content")?.as_str());
        deltas.collect()
    }

    /// Why the answer ended, as the client was told.
    pub(super) fn finish_reason(&self) -> Option<String> {
        let events = self.events();
        let mut reasons = events.iter().filter_map(|e| e.pointer("/choices/0/finish_reason")?.as_str());
        reasons.next_back().map(str::to_owned)
    }
}
