//! Bodies on their way through a connection: requests that must keep coming, answers that must
//! keep being taken.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep};

use super::activity::InFlight;

/// A request body did not keep coming.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the request body stalled")]
pub(super) struct Stalled;

/// A request body that fails when, while a handler waits for it, too little comes in a window.
/// Time in which nobody waits for it does not count.
pub(super) struct PatientBody {
    inner: Incoming,
    window: Duration,
    progress_bytes: u64,
    left: Duration,
    received: u64,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
    stalled: Arc<AtomicBool>,
}

impl PatientBody {
    /// A body that must bring `progress_bytes` in each `window` of waiting, or end. `stalled`
    /// becomes true when it did not.
    pub(super) fn new(
        inner: Incoming,
        window: Duration,
        progress_bytes: u64,
        stalled: Arc<AtomicBool>,
    ) -> Self {
        let left = window;
        Self {
            inner,
            window,
            progress_bytes,
            left,
            received: 0,
            waiting: None,
            stalled,
        }
    }

    fn arrived(&mut self, bytes: u64) {
        if let Some((since, _)) = self.waiting.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        self.received += bytes;
        if self.received >= self.progress_bytes {
            self.received = 0;
            self.left = self.window;
        }
    }
}

impl HttpBody for PatientBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.stalled.load(Ordering::Relaxed) {
            return Poll::Ready(Some(Err(Stalled.into())));
        }
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(cx) {
            let data = frame
                .as_ref()
                .and_then(|frame| frame.as_ref().ok()?.data_ref());
            let bytes = data.map_or(0, |data| data.len() as u64);
            self.arrived(bytes);
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let left = self.left;
        let (_, deadline) = self
            .waiting
            .get_or_insert_with(|| (Instant::now(), Box::pin(tokio::time::sleep(left))));
        if deadline.as_mut().poll(cx).is_ready() {
            self.stalled.store(true, Ordering::Relaxed);
            return Poll::Ready(Some(Err(Stalled.into())));
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// An answer's body that notes whether the peer or we are awaited.
pub(super) struct AnswerBody {
    inner: Body,
    in_flight: InFlight,
}

impl AnswerBody {
    pub(super) fn new(inner: Body, in_flight: InFlight) -> Self {
        Self { inner, in_flight }
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.in_flight.awaiting_us();
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if matches!(polled, Poll::Ready(Some(Ok(_)))) {
            self.in_flight.awaiting_peer();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
