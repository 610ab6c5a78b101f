//! The TCP stream under TLS and HTTP: it notes activity, and closes so that the peer can still
//! read our last answer.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::activity::Activity;
use super::options::Deadlines;

/// Bytes thrown away per read while lingering.
const SCRAP: usize = 16 * 1024;

/// A stream that notes what its peer does.
///
/// Closing a socket with unread input makes the kernel send a reset, and the peer loses the answer
/// that was on its way (RFC 9112 section 9.6). So after our side is shut, what still comes is read and thrown
/// away, within bounds of time and bytes.
pub(super) struct WatchedStream {
    inner: TcpStream,
    activity: Arc<Activity>,
    write_progress_bytes: u64,
    linger: Duration,
    linger_bytes: u64,
    closing: Option<Pin<Box<Sleep>>>,
}

impl WatchedStream {
    pub(super) fn new(
        inner: TcpStream,
        activity: Arc<Activity>,
        deadlines: &Deadlines,
        linger_bytes: u64,
    ) -> Self {
        Self {
            inner,
            activity,
            write_progress_bytes: deadlines.write_progress_bytes,
            linger: deadlines.linger,
            linger_bytes,
            closing: None,
        }
    }

    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut scrap = [0_u8; SCRAP];
        loop {
            if let Some(deadline) = self.closing.as_mut()
                && deadline.as_mut().poll(cx).is_ready()
            {
                return Poll::Ready(());
            }
            let mut buffer = ReadBuf::new(&mut scrap);
            let read = ready!(Pin::new(&mut self.inner).poll_read(cx, &mut buffer));
            let count = buffer.filled().len() as u64;
            if read.is_err() || count == 0 || count > self.linger_bytes {
                return Poll::Ready(());
            }
            self.linger_bytes -= count;
        }
    }

    fn note(&self, outcome: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &outcome {
            Poll::Pending => self.activity.write_blocked(),
            Poll::Ready(Ok(bytes)) => {
                self.activity
                    .written(*bytes as u64, self.write_progress_bytes);
            }
            Poll::Ready(Err(_)) => {}
        }
        outcome
    }
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.activity.bytes_read();
        }
        outcome
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.note(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.note(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Whoever flushes has written all it has.
        self.activity.all_written();
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.closing.is_none() {
            ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
            let deadline = Box::pin(tokio::time::sleep(self.linger));
            self.closing = Some(deadline);
        }
        ready!(self.poll_linger(cx));
        Poll::Ready(Ok(()))
    }
}
