//! Requests byte by byte over kept connections: what asking costs must be little beside what
//! answering costs, or it is those who ask that are measured.

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::protocol::paths;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// New connections that wait for their first answer at once: the kernel holds only so many that a
/// busy server has not accepted, and drops the rest for seconds.
const MOST_NEW: usize = 64;
/// Bytes of an answer's head at most.
const MOST_HEAD: usize = 16 << 10;
/// Bytes of an answer's body at most.
const MOST_BODY: usize = 1 << 20;

/// Connections to one server, each used by one request at a time.
pub(super) struct Lines {
    address: SocketAddr,
    idle: Mutex<Vec<TcpStream>>,
    new: Semaphore,
}

/// An answer.
pub(super) struct Reply {
    pub(super) status: u16,
    /// Whether `Retry-After` was told.
    pub(super) says_when: bool,
    /// The value of the header `saring-head`.
    pub(super) head: Option<String>,
    pub(super) body: Vec<u8>,
}

impl Lines {
    /// To the server at `http://` and an address.
    pub(super) fn to(url: &str) -> Option<Self> {
        let address = url.strip_prefix("http://")?.trim_end_matches('/');
        Some(Self {
            address: address.parse().ok()?,
            idle: Mutex::default(),
            new: Semaphore::new(MOST_NEW),
        })
    }

    /// Sends a whole request, reads the whole answer.
    pub(super) async fn exchange(&self, request: &[u8]) -> io::Result<Reply> {
        let exchanged = timeout(PATIENCE, async {
            loop {
                let kept = self.idle().pop();
                let is_kept = kept.is_some();
                let (mut stream, _new) = match kept {
                    Some(stream) => (stream, None),
                    None => {
                        let new = self.new.acquire().await.map_err(io::Error::other)?;
                        (connect(self.address).await?, Some(new))
                    }
                };
                match attempt(&mut stream, request).await {
                    Ok((reply, stays)) => {
                        if stays {
                            self.idle().push(stream);
                        }
                        return Ok(reply);
                    }
                    // The server closed it while nobody asked.
                    Err(_) if is_kept => {}
                    Err(error) => return Err(error),
                }
            }
        });
        exchanged
            .await
            .unwrap_or(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Opens connections until `count` are idle, so that nobody who comes waits for one.
    pub(super) async fn warm(&self, count: usize) -> io::Result<()> {
        let request = format!(
            "GET {} HTTP/1.1\r\nhost: {}\r\n\r\n",
            paths::LIVE,
            self.address
        );
        let lacking = count.saturating_sub(self.idle().len());
        for _ in 0..lacking {
            let mut stream = connect(self.address).await?;
            if let (_, true) = attempt(&mut stream, request.as_bytes()).await? {
                self.idle().push(stream);
            }
        }
        Ok(())
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<TcpStream>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The answer, and whether the connection stays.
async fn attempt(stream: &mut TcpStream, request: &[u8]) -> io::Result<(Reply, bool)> {
    stream.write_all(request).await?;
    let mut bytes = Vec::with_capacity(2 << 10);
    let end = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(at) = memchr::memmem::find(&bytes, b"\r\n\r\n") {
            break at;
        }
        if bytes.len() > MOST_HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
    };
    let head = std::str::from_utf8(&bytes[..end]).map_err(io::Error::other)?;
    let (mut reply, length, stays) = parse(head).ok_or(io::ErrorKind::InvalidData)?;
    let mut body = bytes.split_off(end + 4);
    body.reserve_exact(length.saturating_sub(body.len()));
    while body.len() < length {
        if stream.read_buf(&mut body).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    reply.body = body;
    Ok((reply, stays))
}

/// The answer without its body, the body's length, and whether the connection stays.
fn parse(head: &str) -> Option<(Reply, usize, bool)> {
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut reply = Reply {
        status,
        says_when: false,
        head: None,
        body: Vec::new(),
    };
    let (mut length, mut stays) = (0, true);
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().ok()?;
        } else if name.eq_ignore_ascii_case("retry-after") {
            reply.says_when = true;
        } else if name.eq_ignore_ascii_case("saring-head") {
            reply.head = Some(value.to_owned());
        } else if name.eq_ignore_ascii_case("connection") {
            stays = !value.eq_ignore_ascii_case("close");
        }
    }
    (length <= MOST_BODY).then_some((reply, length, stays))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_they_are_sent() {
        let head = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\ncontent-length: 12";
        let (reply, length, stays) = parse(head).expect("a head");
        assert_eq!(
            (reply.status, reply.says_when, length, stays),
            (503, true, 12, true)
        );
        let head = "HTTP/1.1 200 OK\r\nsaring-head: abc\r\nConnection: close";
        let (reply, length, stays) = parse(head).expect("a head");
        assert_eq!(
            (reply.head.as_deref(), length, stays),
            (Some("abc"), 0, false)
        );
        assert!(parse("HTTP/1.1 200 OK\r\ncontent-length: 99999999").is_none());
        assert!(parse("nonsense").is_none());
    }
}
