#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

//! A plain socket against the server on loopback: what is on the wire, byte for byte.

use std::net::SocketAddr;
use std::time::Instant;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;

use super::*;

struct Mock {
    address: SocketAddr,
    journal: Arc<Journal>,
    stop: Option<oneshot::Sender<()>>,
    task: tokio::task::JoinHandle<io::Result<()>>,
}

impl Mock {
    async fn start(script: &str) -> Self {
        let script = if script.is_empty() { Script::usual() } else { Script::parse(script).unwrap() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let journal = Arc::new(Journal::default());
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(serve_with(listener, script, Arc::clone(&journal), async move { drop(stopped.await) }));
        Self { address, journal, stop: Some(stop), task }
    }

    /// Sends a request that asks for the connection to be closed.
    async fn send(&self, method: &str, path: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: mock\r\nX-Mine: 1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body.as_bytes()).await.unwrap();
        stream
    }

    /// The head and the body of an answer, the body without its chunked framing.
    async fn ask(&self, method: &str, path: &str, body: &str) -> (String, Vec<u8>) {
        let mut stream = self.send(method, path, body).await;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let split = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let body = bytes.split_off(split + 4);
        let head = String::from_utf8(bytes).unwrap().to_lowercase();
        let body = if head.contains("transfer-encoding: chunked") { unchunk(&body) } else { body };
        (head, body)
    }

    async fn chat(&self, text: &str, stream: bool) -> (String, Vec<u8>) {
        self.ask("POST", "/v1/chat/completions", &chat(text, stream)).await
    }

    async fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.ask("GET", path, "").await.1).unwrap()
    }
}

fn chat(text: &str, stream: bool) -> String {
    json!({"model": "m", "stream": stream, "messages": [{"role": "user", "content": text}]}).to_string()
}

/// RFC 9112, section 7.1; stops where the framing does.
fn unchunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        bytes = &bytes[end + 2..];
        if size == 0 {
            break;
        }
        body.extend_from_slice(&bytes[..size]);
        bytes = &bytes[size + 2..];
    }
    body
}

async fn until(condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(5), "it did not come to pass");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn whole_and_streamed() {
    let mock = Mock::start("").await;
    let (head, body) = mock.chat("hello", false).await;
    assert!(
        head.starts_with("http/1.1 200")
            && head.contains("content-type: application/json")
            && head.contains("x-request-id: req_mock_0")
    );
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["choices"][0]["message"]["content"], "You said: hello");

    let (head, body) = mock.chat("hello", true).await;
    assert!(head.contains("content-type: text/event-stream") && !head.contains("content-length"));
    assert!(body.starts_with(b"data: {\"id\":\"chatcmpl-") && body.ends_with(b"data: [DONE]\n\n"));
    assert_eq!(mock.chat("hello", true).await.1, body);
    let stats = mock.json("/mock/stats").await;
    assert_eq!(
        (&stats["requests"], &stats["responses"]["finished"], &stats["responses"]["cancelled"]),
        (&json!(3), &json!(3), &json!(0))
    );
}

#[tokio::test]
async fn models_and_what_is_not_there() {
    let mock = Mock::start("").await;
    let models = mock.json("/v1/models").await;
    assert_eq!((&models["object"], &models["data"][0]["object"]), (&json!("list"), &json!("model")));
    for (method, path, body, status) in [
        ("POST", "/v1/embeddings", "{}", "404"),
        ("GET", "/v1/chat/completions", "", "404"),
        ("POST", "/v1/chat/completions", "{", "400"),
        ("POST", "/v1/chat/completions", "{}", "400"),
    ] {
        let (head, body) = mock.ask(method, path, body).await;
        assert!(head.starts_with(&format!("http/1.1 {status}")), "{head}");
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["error"]["type"], "invalid_request_error");
    }
}

#[tokio::test]
async fn requests_are_remembered_as_they_came() {
    let mock = Mock::start("").await;
    mock.chat("jo@example.org", false).await;
    let requests = mock.json("/mock/requests").await;
    let one = &requests["requests"][0];
    assert_eq!((&one["method"], &one["path"]), (&json!("POST"), &json!("/v1/chat/completions")));
    assert_eq!(one["body"], chat("jo@example.org", false));
    assert!(one["headers"].as_array().unwrap().contains(&json!(["x-mine", "1"])));
    mock.ask("DELETE", "/mock/requests", "").await;
    assert_eq!(mock.json("/mock/requests").await["requests"], json!([]));
    assert_eq!(mock.json("/mock/stats").await["requests"], 1);
}

#[tokio::test]
async fn errors_and_headers_of_the_script() {
    let mock = Mock::start(
        "
- when: { contains: busy }
  reply: { status: 429, error: { message: slow down, code: rate_limit_exceeded }, headers: { retry-after: '7' } }
- when: { contains: fail }
  reply: { error: { message: broken } }
- when: { contains: raw }
  reply: { raw: { body: '<html>', content_type: text/html } }
- when: { contains: frames }
  reply: { stream_raw: \"data: {\\\"a\\\"\" }
",
    )
    .await;
    let (head, body) = mock.chat("busy", true).await;
    assert!(head.starts_with("http/1.1 429") && head.contains("retry-after: 7"));
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        body,
        json!({"error": {"message": "slow down", "type": "rate_limit_error", "param": null, "code": "rate_limit_exceeded"}})
    );
    assert!(mock.chat("fail", false).await.0.starts_with("http/1.1 500"));
    let (head, body) = mock.chat("raw", true).await;
    assert!(head.contains("content-type: text/html") && body == b"<html>");
    let (head, body) = mock.chat("frames", false).await;
    assert!(head.contains("content-type: text/event-stream") && body == b"data: {\"a\"");
}

#[tokio::test]
async fn a_stream_that_is_cut_ends_without_its_ending() {
    let mock = Mock::start("[{ reply: { text: 'abcdefghijklmnopqrstuvwxyz', cut_after_bytes: 300 } }]").await;
    let mut stream = mock.send("POST", "/v1/chat/completions", &chat("x", true)).await;
    let mut bytes = Vec::new();
    // A reset is as good an end as a plain close: what matters is that no last chunk came.
    drop(stream.read_to_end(&mut bytes).await);
    let text = String::from_utf8(bytes).unwrap();
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(!body.contains("0\r\n\r\n") && !body.contains("[DONE]"), "{body}");
    assert_eq!(unchunk(body.as_bytes()).len(), 300);
    // One that tells its length ends before it.
    let mut stream = mock.send("POST", "/v1/chat/completions", &chat("x", false)).await;
    let mut bytes = Vec::new();
    drop(stream.read_to_end(&mut bytes).await);
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let told = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert!(told.parse::<usize>().unwrap() > 300 && body.len() == 300, "{head}");
    let stats = mock.json("/mock/stats").await;
    assert_eq!(stats["responses"], json!({"finished": 0, "cut": 2, "cancelled": 0}));
}

#[tokio::test]
async fn delays_stand_between_events_and_before_the_head() {
    let mock = Mock::start(
        "
- when: { contains: hang }
  reply: { text: a, hang_ms: 120 }
- reply: { text: abcd, chunk_bytes: 1, delay_ms: 20 }
",
    )
    .await;
    let begun = Instant::now();
    mock.chat("hang", false).await;
    assert!(begun.elapsed() >= Duration::from_millis(120));
    // Role, four letters, the finish and the end are seven events.
    let begun = Instant::now();
    mock.chat("slow", true).await;
    assert!(begun.elapsed() >= Duration::from_millis(6 * 20));
}

#[tokio::test]
async fn writes_can_be_of_one_byte() {
    let mock = Mock::start("[{ reply: { text: 'é', write_bytes: 1 } }]").await;
    let mut stream = mock.send("POST", "/v1/chat/completions", &chat("x", true)).await;
    let (mut bytes, mut reads) = (Vec::new(), 0_usize);
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await.unwrap();
        if read == 0 {
            break;
        }
        reads += 1;
        bytes.extend_from_slice(&buffer[..read]);
    }
    // The system may join writes again; with whole writes there are fewer reads than events and framing.
    assert!(reads > 12, "{reads} reads of {} bytes", bytes.len());
    assert!(String::from_utf8(bytes).unwrap().contains("\"content\":\"é\""));
}

#[tokio::test]
async fn a_client_that_goes_away_is_noted() {
    let mock = Mock::start(
        "
- when: { contains: hang }
  reply: { text: a, hang_ms: 60000 }
- reply: { text: abcdefgh, chunk_bytes: 1, delay_ms: 10000 }
",
    )
    .await;
    let mut stream = mock.send("POST", "/v1/chat/completions", &chat("stream", true)).await;
    stream.read_exact(&mut [0; 300]).await.unwrap();
    drop(stream);
    until(|| mock.journal.cancelled().len() == 1).await;
    let stream = mock.send("POST", "/v1/chat/completions", &chat("hang", false)).await;
    until(|| mock.journal.requests().len() == 2).await;
    let left = Instant::now();
    drop(stream);
    until(|| mock.journal.cancelled().len() == 2).await;
    assert!(left.elapsed() < Duration::from_millis(100));
    let cancelled = mock.journal.cancelled();
    let [streamed, hung] = cancelled.as_slice() else { panic!("two cancellations") };
    assert!(streamed.request == 0 && streamed.after_bytes > 0 && streamed.at_ms > 0);
    assert!(hung.request == 1 && hung.after_bytes == 0);
    until(|| mock.journal.stats_json()["connections"]["open"] == 0).await;
}

#[tokio::test]
async fn shutdown_ends_it() {
    let mut mock = Mock::start("[{ reply: { hang_ms: 60000 } }]").await;
    let mut stream = mock.send("POST", "/v1/chat/completions", &chat("x", true)).await;
    until(|| mock.journal.requests().len() == 1).await;
    drop(mock.stop.take());
    (&mut mock.task).await.unwrap().unwrap();
    let mut bytes = Vec::new();
    drop(stream.read_to_end(&mut bytes).await);
    assert_eq!(bytes, b"");
}

#[tokio::test]
async fn many_requests_on_one_connection() {
    let mock = Mock::start("").await;
    let mut stream = TcpStream::connect(mock.address).await.unwrap();
    for _ in 0..3 {
        stream.write_all(b"GET /v1/models HTTP/1.1\r\nHost: mock\r\n\r\n").await.unwrap();
        let mut head = [0; 15];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 200 OK");
        let mut seen = Vec::new();
        while !seen.ends_with(b"}]}") {
            seen.push(stream.read_u8().await.unwrap());
        }
    }
    assert_eq!(mock.json("/mock/stats").await["connections"], json!({"open": 2, "total": 2}));
}
