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
        ("POST", "/v1/audio/speech", "{}", "404"),
        ("POST", "/v1/embeddings", "{}", "400"),
        ("POST", "/v1/responses", "{", "400"),
        ("GET", "/v1/responses", "", "404"),
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
async fn every_dialect_echoes_without_a_script() {
    let mock = Mock::start("").await;
    let said = json!([{"role": "user", "content": "hello"}]);
    for (path, body, place) in [
        ("/v1/chat/completions", json!({"model": "m", "messages": said}), "/choices/0/message/content"),
        ("/v1/responses", json!({"model": "m", "input": said}), "/output/0/content/0/text"),
        ("/v1/messages", json!({"model": "m", "max_tokens": 9, "messages": said}), "/content/0/text"),
        ("/v1/completions", json!({"model": "m", "prompt": "hello"}), "/choices/0/text"),
    ] {
        let (head, whole) = mock.ask("POST", path, &body.to_string()).await;
        assert!(head.starts_with("http/1.1 200"), "{path}: {head}");
        let whole: Value = serde_json::from_slice(&whole).unwrap();
        assert_eq!(whole.pointer(place), Some(&json!("You said: hello")), "{path}");
        let mut body = body;
        body["stream"] = json!(true);
        let (head, stream) = mock.ask("POST", path, &body.to_string()).await;
        assert!(head.contains("content-type: text/event-stream"), "{path}: {head}");
        assert!(String::from_utf8(stream).unwrap().contains("You said: hello"), "{path}");
    }
    let (_, vectors) = mock.ask("POST", "/v1/embeddings", r#"{"model":"m","input":"x"}"#).await;
    assert!(vectors.starts_with(b"{\"object\":\"list\","));
    let paths: Vec<String> = mock.journal.requests().into_iter().map(|request| request.path).collect();
    assert_eq!((paths.len(), paths[4].as_str(), paths[8].as_str()), (9, "/v1/messages", "/v1/embeddings"));
}

#[tokio::test]
async fn errors_are_in_the_dialects_shape() {
    let mock = Mock::start("[{ reply: { status: 529, error: { message: later } } }]").await;
    let (head, body) = mock.ask("POST", "/v1/messages", r#"{"model":"m","messages":[]}"#).await;
    assert!(head.starts_with("http/1.1 400") && head.contains("\nrequest-id: req_mock_0"), "{head}");
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&body["type"], &body["error"]["type"]), (&json!("error"), &json!("invalid_request_error")));
    let said = r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}],"stream":true}"#;
    let (head, body) = mock.ask("POST", "/v1/messages", said).await;
    assert!(head.starts_with("http/1.1 529"), "{head}");
    assert_eq!(body, br#"{"type":"error","error":{"type":"overloaded_error","message":"later"}}"#);
}

#[tokio::test]
async fn an_answer_that_breaks_off() {
    let mock = Mock::start("[{ reply: { text: abc, stream_error: { message: broken, code: c } } }]").await;
    let (_, body) = mock.chat("x", true).await;
    let body = String::from_utf8(body).unwrap();
    assert!(body.ends_with(
        "data: {\"error\":{\"message\":\"broken\",\"type\":\"server_error\",\"param\":null,\"code\":\"c\"}}\n\n"
    ));
    assert!(!body.contains("[DONE]") && body.contains("abc"));
    assert!(mock.chat("x", false).await.0.starts_with("http/1.1 500"));
    let (head, body) = mock.ask("POST", "/v1/responses", r#"{"model":"m","input":"x"}"#).await;
    assert!(head.starts_with("http/1.1 200") && String::from_utf8(body).unwrap().contains(r#""status":"failed""#));
}

/// Everything that arrives, and how it ends.
async fn to_the_end(mut stream: TcpStream) -> (String, io::Result<usize>) {
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8(bytes).unwrap();
    (text.split_once("\r\n\r\n").unwrap().1.to_owned(), end)
}

#[tokio::test]
async fn a_cut_after_events_in_order_and_with_a_reset() {
    let mock = Mock::start(
        "
- when: { contains: reset }
  reply: { text: abcdef, chunk_bytes: 2, cut_after_events: 3, cut: reset }
- when: { contains: end }
  reply: { text: abcdef, chunk_bytes: 2, cut_after_events: 3, cut: end }
- reply: { text: abcdef, chunk_bytes: 2, cut_after_events: 3 }
",
    )
    .await;
    for (text, chunk, reset) in [("close", false, false), ("reset", false, true), ("end", true, false)] {
        let (body, end) = to_the_end(mock.send("POST", "/v1/chat/completions", &chat(text, true)).await).await;
        assert_eq!(body.matches("data: ").count(), 3, "{body}");
        assert_eq!((body.ends_with("\r\n0\r\n\r\n"), end.is_err()), (chunk, reset), "{text}: {body} {end:?}");
    }
    assert_eq!(mock.json("/mock/stats").await["responses"], json!({"finished": 0, "cut": 3, "cancelled": 0}));
}

#[tokio::test]
async fn a_stream_that_falls_silent() {
    let mock = Mock::start("[{ reply: { text: ab, stall_after_events: 2, stall_ms: 1500 } }]").await;
    let begun = Instant::now();
    let mut stream = mock.send("POST", "/v1/chat/completions", &chat("x", true)).await;
    let mut seen = Vec::new();
    while !seen.windows(4).any(|window| window == b"\"ab\"") {
        seen.push(stream.read_u8().await.unwrap());
    }
    let spoke = begun.elapsed();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(spoke < Duration::from_millis(1500) && begun.elapsed() >= Duration::from_millis(1500), "{spoke:?}");
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
    drop(stream);
    until(|| mock.journal.cancelled().len() == 2).await;
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
