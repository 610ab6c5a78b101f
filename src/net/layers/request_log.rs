//! One log line a request: which route, how it ended, how long, how much. Never the path, the
//! query, a header or a body.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tracing::{Instrument, Span};

use super::RequestId;

/// Stands for a request that no route matched.
const UNMATCHED: &str = "unmatched";

/// The status noted for a request whose caller left before the answer began.
const CALLER_LEFT: u16 = 499;

/// A finished request, as logged and observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    /// The method.
    pub method: Method,
    /// The route's pattern, such as `/v1/lists/{list}/orders`; `unmatched` if none.
    pub route: String,
    /// The status sent; 499 if the caller left before there was one.
    pub status: u16,
    /// From the complete head to the last byte handed over.
    pub latency: Duration,
    /// Body bytes that were read.
    pub request_bytes: u64,
    /// Body bytes that were handed over.
    pub response_bytes: u64,
}

/// Is told every finished request, for metrics. It must not block.
pub type Observer = Arc<dyn Fn(&RequestRecord) + Send + Sync>;

/// Opens the request's span and writes its line when its answer ends, however it ends.
pub(super) async fn log(
    State(observer): State<Option<Observer>>,
    request: Request,
    next: Next,
) -> Response {
    let route = match request.extensions().get::<MatchedPath>() {
        Some(matched) => matched.as_str().to_owned(),
        None => UNMATCHED.to_owned(),
    };
    let id = request
        .extensions()
        .get::<RequestId>()
        .map_or("", RequestId::as_str);
    let method = request.method().clone();
    let span = tracing::info_span!("request", %method, route = route.as_str(), id);
    let received = Arc::new(AtomicU64::new(0));
    let mut line = Line {
        span: span.clone(),
        started: Instant::now(),
        record: RequestRecord {
            method,
            route,
            status: CALLER_LEFT,
            latency: Duration::ZERO,
            request_bytes: 0,
            response_bytes: 0,
        },
        received: Arc::clone(&received),
        sent: Arc::default(),
        observer,
    };
    let request = request.map(|inner| {
        Body::new(CountedBody {
            inner,
            bytes: received,
            line: None,
        })
    });
    let response = next.run(request).instrument(span).await;
    line.record.status = response.status().as_u16();
    response.map(|inner| {
        let bytes = Arc::clone(&line.sent);
        Body::new(CountedBody {
            inner,
            bytes,
            line: Some(line),
        })
    })
}

/// The line of one request, written when dropped.
struct Line {
    span: Span,
    started: Instant,
    record: RequestRecord,
    received: Arc<AtomicU64>,
    sent: Arc<AtomicU64>,
    observer: Option<Observer>,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.record.latency = self.started.elapsed();
        self.record.request_bytes = self.received.load(Ordering::Relaxed);
        self.record.response_bytes = self.sent.load(Ordering::Relaxed);
        let record = &self.record;
        self.span.in_scope(|| {
            tracing::info!(
                status = record.status,
                latency_us = u64::try_from(record.latency.as_micros()).unwrap_or(u64::MAX),
                request_bytes = record.request_bytes,
                response_bytes = record.response_bytes,
                "request done"
            );
        });
        if let Some(observer) = &self.observer {
            observer(record);
        }
    }
}

/// Counts the bytes of a body; an answer's also keeps the line until it ends.
struct CountedBody {
    inner: Body,
    bytes: Arc<AtomicU64>,
    line: Option<Line>,
}

impl HttpBody for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let polled = match self.line.as_ref().map(|line| line.span.clone()) {
            Some(span) => span.in_scope(|| Pin::new(&mut self.inner).poll_frame(cx)),
            None => Pin::new(&mut self.inner).poll_frame(cx),
        };
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
            self.bytes.fetch_add(bytes, Ordering::Relaxed);
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
