//! One connection from its first byte to its last.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Request, Response, Version, header};
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::activity::{Activity, Verdict};
use super::bodies::{AnswerBody, PatientBody};
use super::options::{ServeOptions, count};
use crate::net::{Problem, ServerTls};
use crate::protocol::ErrorCode;

/// The address at the other end, in each request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// What all connections of one listener share.
pub(super) struct Host {
    pub(super) app: Router,
    pub(super) tls: Option<ServerTls>,
    pub(super) options: ServeOptions,
    pub(super) stop: CancellationToken,
    pub(super) http: Builder<TokioExecutor>,
    /// The whole refusal of a plain connection too many.
    pub(super) full: Vec<u8>,
}

/// HTTP/1 and HTTP/2 with the listener's bounds.
pub(super) fn http(options: &ServeOptions) -> Builder<TokioExecutor> {
    let (deadlines, limits) = (&options.deadlines, &options.limits);
    let mut http = Builder::new(TokioExecutor::new());
    // hyper counts idle time as header time, so the exact header deadline is the watch's; this
    // one only stands behind it.
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(deadlines.headers.max(deadlines.keep_alive))
        .max_buf_size(limits.head_bytes.max(8192) as usize)
        .max_headers(limits.headers);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(deadlines.keep_alive / 2)
        .keep_alive_timeout(deadlines.write_stall)
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(limits.head_bytes.max(8192));
    http
}

impl Host {
    /// Serves one accepted connection until it ends, is cut, or has drained.
    pub(super) async fn run(self: &Arc<Self>, tcp: TcpStream, peer: SocketAddr) {
        let (deadlines, limits) = (&self.options.deadlines, &self.options.limits);
        // Without it small answers wait for the peer's acknowledgement; failing is harmless.
        let _ = tcp.set_nodelay(true);
        let activity = Activity::new();
        let stream = super::stream::WatchedStream::new(
            tcp,
            Arc::clone(&activity),
            deadlines,
            limits.linger_bytes,
        );
        let Some(tls) = &self.tls else {
            return self.speak(stream, peer, activity).await;
        };
        let acceptor = tokio_rustls::TlsAcceptor::from(tls.config());
        match timeout(deadlines.handshake, acceptor.accept(stream)).await {
            Ok(Ok(secured)) => self.speak(secured, peer, activity).await,
            Ok(Err(_)) => tracing::debug!("a TLS handshake failed"),
            Err(_) => self.cut("the TLS handshake stalled"),
        }
    }

    async fn speak<S>(self: &Arc<Self>, stream: S, peer: SocketAddr, activity: Arc<Activity>)
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let service =
            service_fn(|request| Arc::clone(self).answer(request, peer, Arc::clone(&activity)));
        let mut connection = pin!(self.http.serve_connection(TokioIo::new(stream), service));
        let mut look = tokio::time::interval(self.options.deadlines.look_every());
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut finishing = false;
        loop {
            let mut finish = false;
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection ended");
                    }
                    return;
                }
                () = self.stop.cancelled(), if !finishing => finish = true,
                _ = look.tick() => match activity.judge(&self.options.deadlines, activity.age()) {
                    Verdict::Keep => {}
                    Verdict::Retire => finish = true,
                    Verdict::Cut(why) => return self.cut(why),
                },
            }
            if finish && !finishing {
                finishing = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: SocketAddr,
        activity: Arc<Activity>,
    ) -> Result<Response<Body>, Infallible> {
        let multiplexed = request.version() == Version::HTTP_2;
        let in_flight = activity.begin(multiplexed);
        if activity.is_pipelined() {
            // Other connections first: whoever sends many requests at once waits for them itself.
            tokio::task::yield_now().await;
        }
        if let Some(refused) = self.options.door.turns_away(&request) {
            return Ok(refused);
        }
        let stalled = Arc::new(AtomicBool::new(false));
        let deadlines = &self.options.deadlines;
        let mut request = request.map(|incoming| {
            let (window, bytes) = (deadlines.body_idle, deadlines.body_progress_bytes);
            Body::new(PatientBody::new(
                incoming,
                window,
                bytes,
                Arc::clone(&stalled),
            ))
        });
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(ConnectInfo(peer));
        let Ok(mut response) = self.app.clone().oneshot(request).await;
        if stalled.load(Ordering::Relaxed) {
            count(&self.options.counters.cut);
            response = Problem::of(ErrorCode::RequestTimeout).into_response();
            if !multiplexed {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
        }
        Ok(response.map(|body| Body::new(AnswerBody::new(body, in_flight))))
    }

    fn cut(&self, why: &'static str) {
        count(&self.options.counters.cut);
        tracing::debug!(why, "a connection was cut");
    }
}
