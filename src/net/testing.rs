//! A real listener on a real port, for the tests of this room.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{ConnectionCounters, Deadlines, Security, ServeOptions, ServerTls, SetupError, serve};

/// Short deadlines, so that a test of one takes well under a second.
pub(super) fn impatient() -> ServeOptions {
    let soon = Duration::from_millis(200);
    let deadlines = Deadlines {
        handshake: soon,
        headers: soon,
        body_idle: soon,
        body_progress_bytes: 16,
        write_progress_bytes: 16 * 1024,
        write_stall: soon,
        keep_alive: Duration::from_millis(600),
        linger: soon,
        drain: Duration::from_secs(5),
    };
    ServeOptions {
        deadlines,
        ..ServeOptions::default()
    }
}

pub(super) struct Running {
    pub(super) address: SocketAddr,
    pub(super) counters: Arc<ConnectionCounters>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), SetupError>>,
}

impl Running {
    pub(super) async fn start(app: Router, security: Security, options: ServeOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let counters = Arc::clone(&options.counters);
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move {
            let _ = stopped.await;
        };
        let ended = tokio::spawn(serve(listener, security, app, options, shutdown));
        Self {
            address,
            counters,
            stop,
            ended,
        }
    }

    pub(super) async fn plain(app: Router) -> Self {
        Self::start(app, Security::LOOPBACK, impatient()).await
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Writes `request` and reads until the server closes.
    pub(super) async fn exchange(&self, request: &str) -> String {
        let mut tcp = self.connect().await;
        tcp.write_all(request.as_bytes()).await.unwrap();
        read_all(&mut tcp).await
    }

    pub(super) fn stop(self) -> JoinHandle<Result<(), SetupError>> {
        self.stop.send(()).unwrap();
        self.ended
    }
}

/// Everything until the other side closes or resets.
pub(super) async fn read_all(tcp: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = tcp.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// How long until the other side closes.
pub(super) async fn closed_after(tcp: &mut TcpStream) -> Duration {
    let started = Instant::now();
    read_all(tcp).await;
    started.elapsed()
}

/// A certificate for `localhost` and 127.0.0.1 that signs itself.
pub(super) struct SelfSigned {
    pub(super) certificate: PathBuf,
    pub(super) tls: ServerTls,
    _folder: tempfile::TempDir,
}

impl SelfSigned {
    pub(super) fn new() -> Self {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let signed = rcgen::generate_simple_self_signed(names).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let certificate = folder.path().join("cert.pem");
        let key = folder.path().join("key.pem");
        std::fs::write(&certificate, signed.cert.pem()).unwrap();
        std::fs::write(&key, signed.signing_key.serialize_pem()).unwrap();
        let tls = ServerTls::from_pem_files(&certificate, &key).unwrap();
        Self {
            certificate,
            tls,
            _folder: folder,
        }
    }
}

/// A bare client, so that servers are not tested with our own.
pub(super) fn bare_client(http2: bool) -> reqwest::Client {
    let tls = super::tls::client_config(&super::Trust::System).unwrap();
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy();
    if http2 {
        builder.http2_prior_knowledge().build()
    } else {
        builder.build()
    }
    .unwrap()
}
