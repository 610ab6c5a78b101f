//! HTTP/1.1 by hand, for what no proper client sends.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer as it came.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The stable code of a problem document; `None` if the answer is none.
    pub(crate) fn problem(&self) -> Option<String> {
        let head = self.head.to_ascii_lowercase();
        if !head.contains("content-type: application/problem+json") {
            return None;
        }
        let json: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        json["code"].as_str().map(str::to_owned)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Self {
            status,
            head,
            body: bytes[end + 4..].to_vec(),
        })
    }
}

/// An open connection.
pub(crate) struct Wire {
    read: OwnedReadHalf,
    write: OwnedWriteHalf,
}

impl Wire {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (read, write) = stream.into_split();
        Self { read, write }
    }

    /// Writes what the server still takes.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.write.write_all(bytes).await
    }

    /// Reads until the server closes the connection; `None` if no whole head came.
    pub(crate) async fn answer(mut self) -> Option<Answer> {
        read_to_close(&mut self.read).await
    }

    /// Writes `piece` again and again, at most `times`, until the server answers and closes.
    pub(crate) async fn flood(self, piece: Vec<u8>, times: usize) -> Option<Answer> {
        let Self {
            mut read,
            mut write,
        } = self;
        let writing = tokio::spawn(async move {
            for _ in 0..times {
                if write.write_all(&piece).await.is_err() {
                    break;
                }
            }
            // The half stays open: the server decides when the connection ends.
            std::future::pending::<()>().await;
        });
        let answer = read_to_close(&mut read).await;
        writing.abort();
        answer
    }
}

async fn read_to_close(read: &mut OwnedReadHalf) -> Option<Answer> {
    let mut bytes = Vec::new();
    // A reset after the answer, or a server that goes on waiting, leaves what came.
    let _ended = timeout(PATIENCE, async {
        let mut piece = [0; 64 << 10];
        while let Ok(count @ 1..) = read.read(&mut piece).await {
            bytes.extend_from_slice(&piece[..count]);
        }
    })
    .await;
    Answer::parse(&bytes)
}

/// Sends one request, headers given without line ends, and reads the answer. The connection is
/// asked to close.
pub(crate) async fn request(
    address: SocketAddr,
    line: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Option<Answer> {
    let mut wire = Wire::open(address).await;
    let head = head(line, headers, Some(body.len()));
    // A server may answer before it has read everything.
    let _cut = wire.write(&[head.as_bytes(), body].concat()).await;
    wire.answer().await
}

/// A request's head. Without a length, the headers must say how the body ends.
pub(crate) fn head(line: &str, headers: &[(&str, &str)], length: Option<usize>) -> String {
    let mut head = format!("{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(length) = length {
        head.push_str(&format!("content-length: {length}\r\n"));
    }
    head + "\r\n"
}
