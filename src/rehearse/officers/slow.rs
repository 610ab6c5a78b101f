//! Peers who hold connections and give nothing: heads that do not end, bodies that trickle, answers
//! that nobody reads. As many at a time as asked for, each replaced when it is cut.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::protocol::paths;

/// Between two bytes.
const TRICKLE: Duration = Duration::from_millis(500);
/// Whoever is not cut by then is not cut.
const NEVER: Duration = Duration::from_secs(60);
/// Requests sent at once by whoever reads no answer: more than buffers on the way hold.
const UNREAD: usize = 64;
/// Descriptors that everything else in this process may need.
const OTHERS: u64 = 2_000;

/// How they are slow.
#[derive(Clone, Copy)]
enum Way {
    Head,
    Body,
    Reading,
}

const WAYS: [Way; 3] = [Way::Head, Way::Body, Way::Reading];

/// Slow peers at it.
pub(super) struct Slow {
    seen: Arc<Seen>,
    peers: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    stop: AtomicBool,
    cut: AtomicUsize,
    never: AtomicUsize,
    refused: AtomicUsize,
    slowest_ms: AtomicU64,
    /// Who wait for their first connection.
    opening: Mutex<usize>,
}

/// What became of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    /// Connections that were cut.
    pub(super) cut: usize,
    /// Connections that were not, in a minute.
    pub(super) never: usize,
    /// Connections that were not taken.
    pub(super) refused: usize,
    /// Seconds from the opening of a connection to its cut, at most.
    pub(super) within: f64,
}

/// How many of `wanted` this process may have descriptors for.
pub(super) fn affordable(wanted: usize) -> usize {
    let limit = crate::net::raise_descriptor_limit();
    let left = limit.map_or(u64::MAX, |limit| limit.saturating_sub(OTHERS));
    wanted.min(usize::try_from(left).unwrap_or(usize::MAX))
}

impl Slow {
    /// Opens `count` connections, a third of each way, and keeps as many open.
    pub(super) async fn hold(address: SocketAddr, list: &str, count: usize) -> Self {
        let seen = Arc::new(Seen {
            opening: Mutex::new(count),
            ..Seen::default()
        });
        let path = paths::fill(paths::EVALUATIONS, &[list]);
        let peers = (0..count).map(|number| {
            let (seen, way, path) = (Arc::clone(&seen), WAYS[number % 3], path.clone());
            tokio::spawn(async move {
                let mut is_first = true;
                while !seen.stop.load(Ordering::Relaxed) {
                    seen.one(address, way, &path, &mut is_first).await;
                }
            })
        });
        let peers = peers.collect();
        while *seen.opening() > 0 {
            sleep(Duration::from_millis(5)).await;
        }
        Self { seen, peers }
    }

    /// No new ones; waits until the last one is cut.
    pub(super) async fn end(self) -> Cut {
        self.seen.stop.store(true, Ordering::Relaxed);
        for peer in self.peers {
            let _panicked = peer.await;
        }
        let seen = &self.seen;
        Cut {
            cut: seen.cut.load(Ordering::Relaxed),
            never: seen.never.load(Ordering::Relaxed),
            refused: seen.refused.load(Ordering::Relaxed),
            within: seen.slowest_ms.load(Ordering::Relaxed) as f64 / 1e3,
        }
    }
}

impl Seen {
    /// One connection from its opening to its cut.
    async fn one(&self, address: SocketAddr, way: Way, path: &str, is_first: &mut bool) {
        let opened = TcpStream::connect(address).await;
        if std::mem::take(is_first) {
            *self.opening() -= 1;
        }
        let Ok(stream) = opened else {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return sleep(TRICKLE).await;
        };
        let began = Instant::now();
        match timeout(NEVER, until_cut(stream, way, path)).await {
            Ok(()) => {
                let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
                self.cut.fetch_add(1, Ordering::Relaxed);
                self.slowest_ms.fetch_max(took, Ordering::Relaxed);
            }
            Err(_) => {
                self.never.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn opening(&self) -> std::sync::MutexGuard<'_, usize> {
        self.opening.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns when the server has ended the connection.
async fn until_cut(mut stream: TcpStream, way: Way, path: &str) {
    let begin = match way {
        Way::Head => "GET / HTTP/1.1\r\nhost: gladi\r\nx-slow: ".to_owned(),
        Way::Body => format!(
            "POST {path} HTTP/1.1\r\nhost: gladi\r\ncontent-type: application/octet-stream\r\n\
             content-length: 30000\r\n\r\n"
        ),
        Way::Reading => {
            format!("GET {} HTTP/1.1\r\nhost: gladi\r\n\r\n", paths::OPENAPI).repeat(UNREAD)
        }
    };
    if stream.write_all(begin.as_bytes()).await.is_err() {
        return;
    }
    let mut scrap = [0; 1024];
    loop {
        match way {
            // Whoever reads nothing learns of the end by writing.
            Way::Reading => sleep(TRICKLE).await,
            Way::Head | Way::Body => {
                // An answer, the end, or a reset.
                if timeout(TRICKLE, stream.read(&mut scrap)).await.is_ok() {
                    return;
                }
            }
        }
        let written = timeout(TRICKLE, stream.write_all(b"x")).await;
        if written.is_ok_and(|written| written.is_err()) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_is_cut_is_counted_and_replaced() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    sleep(Duration::from_millis(50)).await;
                    drop(stream);
                });
            }
        });
        let slow = Slow::hold(address, "daftar", 6).await;
        sleep(Duration::from_millis(1_500)).await;
        let cut = slow.end().await;
        assert!(cut.cut > 6, "{cut:?}");
        assert_eq!((cut.never, cut.refused), (0, 0));
        assert!(cut.within >= 0.05, "{cut:?}");
    }

    #[test]
    fn no_more_are_opened_than_there_are_descriptors_for() {
        assert!(affordable(1) == 1 && affordable(usize::MAX) > 1);
    }
}
