#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

#[tokio::test]
async fn a_write_is_of_the_size_that_is_set() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let line = Line::unlimited();
    let mut socket = Socket::new(listener.accept().await.unwrap().0, line.clone()).unwrap();
    assert_eq!(socket.write(b"abcdef").await.unwrap(), 6);
    line.set(Some(2));
    assert_eq!(socket.write(b"abcdef").await.unwrap(), 2);
    assert_eq!(socket.write(b"g").await.unwrap(), 1);
    line.set(Some(0));
    assert_eq!(socket.write(b"abc").await.unwrap(), 1);
    line.set(None);
    assert_eq!(socket.write(b"bc").await.unwrap(), 2);
    drop(socket);
    let mut read = String::new();
    client.read_to_string(&mut read).await.unwrap();
    assert_eq!(read, "abcdefabgabc");
}

#[tokio::test]
async fn a_line_that_is_reset_ends_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let line = Line::unlimited();
    let mut socket = Socket::new(listener.accept().await.unwrap().0, line.clone()).unwrap();
    socket.write_all(b"abc").await.unwrap();
    client.read_exact(&mut [0; 3]).await.unwrap();
    line.reset();
    socket.shutdown().await.unwrap();
    drop(socket);
    assert_eq!(client.read_u8().await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
}
