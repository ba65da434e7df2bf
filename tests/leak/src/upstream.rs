//! The model behind the proxy: HTTP/1.1 by hand, since the writes of an answer are what is tested.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::live::{Live, Register, Reply};

/// A request's head, and one chunk's line.
const HEAD: usize = 64 << 10;
/// A request's body.
const BODY: usize = 256 << 20;

/// Listens, and serves until the runtime ends. Gives the address.
pub(crate) async fn serve(listen: SocketAddr, register: Arc<Register>) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen at {listen}"))?;
    let at = listener.local_addr()?;
    tokio::spawn(async move {
        loop {
            if let Ok((stream, _)) = listener.accept().await {
                let register = Arc::clone(&register);
                // A connection that breaks is the proxy's to tell: its client sees it.
                tokio::spawn(async move { connection(stream, &register).await });
            }
        }
    });
    Ok(at)
}

async fn connection(mut stream: TcpStream, register: &Register) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut rest = Vec::new();
    while let Some(request) = request(&mut stream, &mut rest).await? {
        match register.find(&request) {
            Some(live) => {
                live.note_request(&request);
                answer(&mut stream, &live).await?;
            }
            None => {
                // Such as a proxy's own look whether the model is there.
                let body = r#"{"object":"list","data":[]}"#;
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ";
                stream.write_all(format!("{head}{}\r\n\r\n{body}", body.len()).as_bytes()).await?;
            }
        }
    }
    Ok(())
}

/// Head and body of the next request as one; `None` at the connection's end.
async fn request(stream: &mut TcpStream, rest: &mut Vec<u8>) -> anyhow::Result<Option<Vec<u8>>> {
    let Some(mut all) = upto(stream, rest, b"\r\n\r\n").await? else { return Ok(None) };
    let head = String::from_utf8_lossy(&all).to_ascii_lowercase();
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned());
    if field("expect:").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    if field("transfer-encoding:").is_some_and(|value| value.contains("chunked")) {
        loop {
            let line = upto(stream, rest, b"\r\n").await?.context("the end within a body")?;
            let line = String::from_utf8_lossy(&line).into_owned();
            let size = usize::from_str_radix(line.trim().split(';').next().unwrap_or_default().trim(), 16)?;
            let chunk = exactly(stream, rest, size.saturating_add(2).min(BODY)).await?;
            all.extend(chunk.iter().take(size));
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = field("content-length:") {
        all.extend(exactly(stream, rest, length.parse::<usize>()?.min(BODY)).await?);
    }
    Ok(Some(all))
}

async fn upto(stream: &mut TcpStream, rest: &mut Vec<u8>, end: &[u8]) -> anyhow::Result<Option<Vec<u8>>> {
    loop {
        if let Some(at) = rest.windows(end.len()).position(|window| window == end) {
            let after = rest.split_off(at + end.len());
            return Ok(Some(std::mem::replace(rest, after)));
        }
        anyhow::ensure!(rest.len() <= HEAD, "a head that is too long");
        if stream.read_buf(rest).await? == 0 {
            return Ok(None);
        }
    }
}

async fn exactly(stream: &mut TcpStream, rest: &mut Vec<u8>, length: usize) -> anyhow::Result<Vec<u8>> {
    while rest.len() < length {
        anyhow::ensure!(stream.read_buf(rest).await? > 0, "the end within a body");
    }
    let after = rest.split_off(length);
    Ok(std::mem::replace(rest, after))
}

async fn answer(stream: &mut TcpStream, live: &Live) -> anyhow::Result<()> {
    let reply = &live.reply;
    stream.write_all(head(reply).as_bytes()).await?;
    let mut written = 0;
    for (number, piece) in reply.pieces.iter().enumerate() {
        if number > 0 {
            if reply.gap.is_zero() {
                tokio::task::yield_now().await;
            } else {
                tokio::time::sleep(reply.gap).await;
            }
        }
        written += piece.len();
        if live.keeps_times() {
            live.seen().writes.push((written, Instant::now()));
        }
        if reply.chunked {
            let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
            chunk.extend_from_slice(piece);
            chunk.extend_from_slice(b"\r\n");
            stream.write_all(&chunk).await?;
        } else {
            stream.write_all(piece).await?;
        }
    }
    if reply.chunked {
        stream.write_all(b"0\r\n\r\n").await?;
    }
    Ok(())
}

fn head(reply: &Reply) -> String {
    let mut head = format!("HTTP/1.1 {} .\r\ncontent-type: {}\r\n", reply.status, reply.content_type);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if reply.chunked {
        head.push_str("transfer-encoding: chunked\r\n\r\n");
    } else {
        let length: usize = reply.pieces.iter().map(bytes::Bytes::len).sum();
        head.push_str(&format!("content-length: {length}\r\n\r\n"));
    }
    head
}
