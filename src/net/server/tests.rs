//! The accept loop on real sockets: who stalls is cut, who works is not.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Extension;
use axum::routing::{get, post};
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};
use tokio::time::sleep;

use super::*;
use crate::net::testing::{Running, SelfSigned, bare_client, closed_after, impatient, read_all};
use crate::net::{Call, Client, ClientOptions, Trust};

/// A deadline of 200 ms is noticed within this.
const SOON: Duration = Duration::from_millis(1500);

async fn slowly() -> &'static str {
    sleep(Duration::from_millis(700)).await;
    "done"
}

async fn length(body: Bytes) -> String {
    body.len().to_string()
}

async fn endless() -> Body {
    let piece = Bytes::from(vec![b'x'; 64 * 1024]);
    Body::from_stream(futures_util::stream::repeat(piece).map(Ok::<_, std::io::Error>))
}

fn app() -> Router {
    Router::new()
        .route(
            "/",
            get(|Extension(peer): Extension<Peer>| async move { peer.0.ip().to_string() }),
        )
        .route("/slowly", get(slowly))
        .route("/length", post(length))
        .route("/endless", get(endless))
}

#[tokio::test]
async fn answers_and_tells_the_peer() {
    let running = Running::plain(app()).await;
    let answer = running
        .exchange("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with("127.0.0.1"), "{answer}");
}

#[tokio::test]
async fn a_slow_head_a_silent_and_an_idle_connection_are_cut() {
    let running = Running::plain(app()).await;
    let mut silent = running.connect().await;
    assert!(closed_after(&mut silent).await < SOON);

    let mut trickle = running.connect().await;
    trickle
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n")
        .await
        .unwrap();
    let (mut reads, mut writes) = trickle.into_split();
    let feeder = tokio::spawn(async move {
        while writes.write_all(b"a: b\r\n").await.is_ok() {
            sleep(Duration::from_millis(50)).await;
        }
    });
    let started = Instant::now();
    let mut answer = Vec::new();
    let _ = reads.read_to_end(&mut answer).await;
    assert!(started.elapsed() < SOON);
    feeder.abort();

    let mut second = running.connect().await;
    second
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    sleep(Duration::from_millis(100)).await;
    second.write_all(b"GET / HT").await.unwrap();
    assert!(closed_after(&mut second).await < SOON);

    let mut idle = running.connect().await;
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let idled = closed_after(&mut idle).await;
    assert!(
        idled > Duration::from_millis(400) && idled < SOON,
        "{idled:?}"
    );
    let counts = running.counters.read();
    assert!(counts.cut >= 3, "{counts:?}");
}

#[tokio::test]
async fn a_stalled_body_is_told_and_cut_while_long_work_is_not() {
    let running = Running::plain(app()).await;
    let mut stalled = running.connect().await;
    let head = b"POST /length HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc";
    stalled.write_all(head).await.unwrap();
    let started = Instant::now();
    let answer = read_all(&mut stalled).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("request_timeout"), "{answer}");
    assert!(started.elapsed() < SOON);

    let work = "GET /slowly HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert!(running.exchange(work).await.ends_with("done"));
}

#[tokio::test]
async fn a_body_that_keeps_coming_may_take_long() {
    let running = Running::plain(app()).await;
    let mut steady = running.connect().await;
    let head =
        b"POST /length HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 200\r\n\r\n";
    steady.write_all(head).await.unwrap();
    for _ in 0..10 {
        sleep(Duration::from_millis(60)).await;
        steady.write_all(&[b'x'; 20]).await.unwrap();
    }
    let answer = read_all(&mut steady).await;
    assert!(answer.ends_with("200"), "{answer}");
}

#[tokio::test]
async fn a_trickling_body_is_cut() {
    let running = Running::plain(app()).await;
    let trickle = running.connect().await;
    let (mut reads, mut writes) = trickle.into_split();
    let head = b"POST /length HTTP/1.1\r\nhost: x\r\ncontent-length: 9000\r\n\r\n";
    writes.write_all(head).await.unwrap();
    let feeder = tokio::spawn(async move {
        while writes.write_all(b"x").await.is_ok() {
            sleep(Duration::from_millis(50)).await;
        }
    });
    let started = Instant::now();
    let mut answer = Vec::new();
    let _ = reads.read_to_end(&mut answer).await;
    assert!(String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 408"));
    assert!(started.elapsed() < SOON);
    feeder.abort();
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_cut() {
    let running = Running::plain(app()).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut lazy = socket.connect(running.address).await.unwrap();
    lazy.write_all(b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let started = Instant::now();
    while running.counters.read().cut == 0 {
        assert!(started.elapsed() < SOON, "still open");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_flood_of_headers_gets_a_readable_431() {
    let running = Running::plain(app()).await;
    let many: String = (0..200).map(|i| format!("x-{i}: y\r\n")).collect();
    let answer = running
        .exchange(&format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n"))
        .await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let long = "z".repeat(1 << 20);
    let answer = running
        .exchange(&format!("GET / HTTP/1.1\r\nhost: x\r\na: {long}\r\n\r\n"))
        .await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn one_connection_too_many_is_refused_at_once_and_readably() {
    let mut options = impatient();
    options.limits.connections = 1;
    let running = Running::start(app(), Security::LOOPBACK, options).await;
    let mut first = running.connect().await;
    first
        .write_all(b"GET /slowly HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    sleep(Duration::from_millis(50)).await;
    let started = Instant::now();
    let answer = read_all(&mut running.connect().await).await;
    assert!(started.elapsed() < Duration::from_millis(100));
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains(&format!("content-length: {}", body.len())),
        "{head}"
    );
    assert_eq!(
        Problem::parse(503, body.as_bytes()).unwrap().code(),
        "overloaded"
    );
    assert!(read_all(&mut first).await.ends_with("done"));
    assert_eq!(running.counters.read().refused, 1);
}

#[tokio::test]
async fn shutdown_finishes_what_is_in_flight_and_takes_nothing_new() {
    let running = Running::plain(app()).await;
    let address = running.address;
    let mut busy = running.connect().await;
    busy.write_all(b"GET /slowly HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let mut idle = running.connect().await;
    sleep(Duration::from_millis(100)).await;
    let ended = running.stop();
    assert!(closed_after(&mut idle).await < Duration::from_millis(400));
    assert!(TcpStream::connect(address).await.is_err());
    assert!(read_all(&mut busy).await.ends_with("done"));
    ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn the_drain_period_ends_what_never_would() {
    let mut options = impatient();
    options.deadlines.drain = Duration::from_millis(100);
    let running = Running::start(app(), Security::LOOPBACK, options).await;
    let mut busy = running.connect().await;
    busy.write_all(b"GET /slowly HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    sleep(Duration::from_millis(50)).await;
    let started = Instant::now();
    running.stop().await.unwrap().unwrap();
    assert!(started.elapsed() < Duration::from_millis(400));
    assert_eq!(read_all(&mut busy).await, "");
}

#[tokio::test]
async fn plain_beyond_loopback_is_refused_unless_told() {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let refused = serve(
        listener,
        Security::LOOPBACK,
        app(),
        impatient(),
        std::future::pending(),
    )
    .await;
    assert!(matches!(refused, Err(SetupError::PlainBeyondLoopback(_))));
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let told = Security::Plain {
        allow_plain_beyond_loopback: true,
    };
    serve(listener, told, app(), impatient(), std::future::ready(()))
        .await
        .unwrap();
}

#[tokio::test]
async fn tls_end_to_end_by_authority_and_by_pin_and_not_by_the_system() {
    let signed = SelfSigned::new();
    let running = Running::start(app(), Security::Tls(signed.tls.clone()), impatient()).await;
    let url = format!("https://localhost:{}/", running.address.port());
    for trust in [
        Trust::CaFile(signed.certificate.clone()),
        Trust::PinnedCertificate(signed.certificate.clone()),
    ] {
        let client = Client::new(ClientOptions {
            trust,
            ..ClientOptions::default()
        })
        .unwrap();
        let reply = client.call(Call::get(&url).unwrap()).await.unwrap();
        assert_eq!(&reply.body[..], b"127.0.0.1");
    }
    let retry = crate::net::RetryOptions::NEVER;
    let other = Trust::PinnedCertificate(SelfSigned::new().certificate.clone());
    assert!(
        Client::new(ClientOptions {
            trust: other,
            ..ClientOptions::default()
        })
        .is_err()
    );
    let stranger = SelfSigned::new();
    for trust in [
        Trust::System,
        Trust::PinnedCertificate(stranger.certificate.clone()),
    ] {
        let client = Client::new(ClientOptions {
            trust,
            retry,
            ..ClientOptions::default()
        });
        let refused = client.unwrap().call(Call::get(&url).unwrap()).await;
        assert_eq!(refused.unwrap_err(), crate::net::CallError::Untrusted);
    }
    signed.tls.reload().unwrap();
}

#[tokio::test]
async fn a_stalled_tls_handshake_is_cut() {
    let signed = SelfSigned::new();
    let running = Running::start(app(), Security::Tls(signed.tls.clone()), impatient()).await;
    let mut stalled = running.connect().await;
    stalled.write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();
    assert!(closed_after(&mut stalled).await < SOON);
    assert_eq!(running.counters.read().cut, 1);
}

#[tokio::test]
async fn http2_keeps_its_streams_apart() {
    let running = Running::plain(app()).await;
    let client = bare_client(true);
    let asked = (0..20).map(|_| client.get(running.url("/slowly")).send());
    let started = Instant::now();
    for answer in futures_util::future::join_all(asked).await {
        let answer = answer.unwrap();
        assert_eq!(answer.version(), axum::http::Version::HTTP_2);
        assert_eq!(answer.text().await.unwrap(), "done");
    }
    assert!(started.elapsed() < Duration::from_secs(3));
    let stalled = client.get(running.url("/endless")).send().await.unwrap();
    let started = Instant::now();
    while running.counters.read().cut == 0 {
        assert!(started.elapsed() < SOON, "a stream nobody reads stays open");
        sleep(Duration::from_millis(20)).await;
    }
    drop(stalled);
}

#[tokio::test]
async fn two_hundred_slow_connections_are_cut_and_disturb_nobody() {
    let running = Running::plain(app()).await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut tcp = running.connect().await;
        tcp.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
        slow.push(tcp);
    }
    let client = bare_client(false);
    let mut slowest = Duration::ZERO;
    for _ in 0..50 {
        let asked = Instant::now();
        assert_eq!(
            client.get(running.url("/")).send().await.unwrap().status(),
            200
        );
        slowest = slowest.max(asked.elapsed());
    }
    assert!(slowest < Duration::from_millis(500), "{slowest:?}");
    let started = Instant::now();
    for tcp in &mut slow {
        read_all(tcp).await;
    }
    assert!(started.elapsed() < SOON);
    assert!(running.counters.read().cut >= 200);
}

#[tokio::test]
async fn control_without_deadlines_a_slow_head_stays() {
    let mut options = impatient();
    options.deadlines.headers = Duration::from_secs(3600);
    options.deadlines.keep_alive = Duration::from_secs(3600);
    let running = Running::start(app(), Security::LOOPBACK, options).await;
    let mut slow = running.connect().await;
    slow.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
    let cut = timeout(SOON, closed_after(&mut slow)).await;
    assert!(
        cut.is_err(),
        "cut though nothing bounds it: the other tests prove nothing"
    );
}
