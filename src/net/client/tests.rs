//! The client against real servers, and against listeners that misbehave.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::net::testing::Running;

fn quick() -> ClientOptions {
    let retry = RetryOptions {
        attempts: 3,
        first_wait: Duration::from_millis(5),
        longest_wait: Duration::from_secs(1),
    };
    ClientOptions {
        answer: Duration::from_millis(300),
        idle_read: Duration::from_millis(300),
        max_reply_bytes: 1000,
        retry,
        ..ClientOptions::default()
    }
}

fn client() -> Client {
    Client::new(quick()).unwrap()
}

async fn endless() -> Body {
    let piece = Bytes::from(vec![b'x'; 100]);
    Body::from_stream(futures_util::stream::repeat(piece).map(Ok::<_, std::io::Error>))
}

/// A listener that answers each connection with `answer` and then keeps it open.
async fn canned(answer: &'static [u8]) -> (String, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut tcp, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            let mut request = [0; 4096];
            let _ = tcp.read(&mut request).await;
            let _ = tcp.write_all(answer).await;
            if !answer.is_empty() {
                open.push(tcp);
            }
        }
    });
    (url, asked)
}

#[tokio::test]
async fn replies_and_refusals_are_told_apart() {
    let refusal = || async { Problem::new(409, "conflict", "Conflict").with("rows", 3) };
    let app = Router::new()
        .route("/echo", post(|body: Bytes| async move { body }))
        .route("/refusal", get(refusal))
        .route("/away", get(|| async { Redirect::to("/echo") }))
        .route("/teapot", get(|| async { StatusCode::IM_A_TEAPOT }));
    let running = Running::plain(app).await;
    let octets = "application/octet-stream";
    let echo = Call::post(&running.url("/echo"), octets, vec![7; 10]).unwrap();
    let reply = client().call(echo.clone().expect(octets)).await.unwrap();
    assert_eq!(
        (reply.status.as_u16(), &reply.body[..]),
        (200, &[7; 10][..])
    );
    let wrong = client()
        .call(echo.expect("application/json"))
        .await
        .unwrap_err();
    assert_eq!(
        wrong,
        CallError::UnexpectedContent {
            expected: "application/json"
        }
    );

    let get = |path: &str| Call::get(&running.url(path)).unwrap();
    let refused = client().call(get("/refusal")).await.unwrap_err();
    assert_eq!(refused.problem().unwrap().code(), "conflict");
    assert_eq!(refused.problem().unwrap().member("rows").unwrap(), 3);
    assert_eq!(
        client().call(get("/away")).await.unwrap_err().status(),
        Some(303)
    );
    assert_eq!(
        client().call(get("/teapot")).await.unwrap_err().status(),
        Some(418)
    );
}

#[tokio::test]
async fn large_endless_and_stalled_answers_end() {
    let app = Router::new()
        .route("/large", get(|| async { vec![0_u8; 1001] }))
        .route("/fits", get(|| async { vec![0_u8; 1000] }))
        .route("/endless", get(endless));
    let running = Running::plain(app).await;
    let get = |path: &str| Call::get(&running.url(path)).unwrap();
    assert_eq!(client().call(get("/fits")).await.unwrap().body.len(), 1000);
    assert_eq!(
        client().call(get("/large")).await.unwrap_err(),
        CallError::TooLarge
    );
    assert_eq!(
        client().call(get("/endless")).await.unwrap_err(),
        CallError::TooLarge
    );

    let (silent, _) = canned(b"HTTP/1.1 ").await;
    let call = Call::post(&silent, "text/plain", "x").unwrap();
    assert_eq!(client().call(call).await.unwrap_err(), CallError::TimedOut);
    let (stalled, asked) = canned(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc").await;
    let call = Call::get(&stalled).unwrap();
    assert_eq!(client().call(call).await.unwrap_err(), CallError::TimedOut);
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_download_comes_in_pieces() {
    let running = Running::plain(Router::new().route("/endless", get(endless))).await;
    let call = Call::get(&running.url("/endless"))
        .unwrap()
        .max_reply_bytes(1 << 20);
    let mut download = client().download(call).await.unwrap();
    let mut taken = 0;
    while taken < 1 << 20 {
        match download.piece().await {
            Ok(Some(piece)) => taken += piece.len(),
            end => return assert!(matches!(end, Err(CallError::TooLarge)), "{taken}"),
        }
    }
}

#[tokio::test]
async fn comes_back_when_asked_and_only_if_repeatable() {
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let busy_then_fine = move || {
        let first = count.fetch_add(1, Ordering::Relaxed) == 0;
        async move {
            if first {
                Problem::new(503, "overloaded", "Busy")
                    .retry_after(1)
                    .into_response()
            } else {
                "fine".into_response()
            }
        }
    };
    let app = Router::new().route("/", get(busy_then_fine.clone()).post(busy_then_fine));
    let running = Running::plain(app).await;
    let started = Instant::now();
    let reply = client()
        .call(Call::get(&running.url("/")).unwrap())
        .await
        .unwrap();
    assert_eq!(&reply.body[..], b"fine");
    assert!(started.elapsed() >= Duration::from_secs(1));
    asked.store(0, Ordering::Relaxed);
    let once = Call::post(&running.url("/"), "text/plain", "x").unwrap();
    assert_eq!(client().call(once).await.unwrap_err().status(), Some(503));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_broken_connection_is_not_hidden() {
    let (url, asked) = canned(b"").await;
    let once = Call::post(&url, "text/plain", "x").unwrap();
    assert_eq!(
        client().call(once.clone()).await.unwrap_err(),
        CallError::Broken
    );
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    assert_eq!(
        client().call(once.repeatable()).await.unwrap_err(),
        CallError::Broken
    );
    assert_eq!(asked.load(Ordering::Relaxed), 4);
}

#[tokio::test]
async fn nobody_there_and_plain_beyond_loopback() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let gone = client().call(Call::get(&url).unwrap()).await.unwrap_err();
    assert_eq!(gone, CallError::Unreachable);
    let plain = Call::get("http://192.0.2.1/").unwrap();
    assert_eq!(
        client().call(plain).await.unwrap_err(),
        CallError::PlainBeyondLoopback
    );
    let ftp = Call::get("ftp://127.0.0.1/").unwrap();
    assert_eq!(
        client().call(ftp).await.unwrap_err(),
        CallError::PlainBeyondLoopback
    );
    assert!(matches!(Call::get("no url"), Err(CallError::Address)));
    assert!(is_loopback(
        &reqwest::Url::parse("http://[::1]:80/").unwrap()
    ));
    assert!(!is_loopback(
        &reqwest::Url::parse("http://127.0.0.1.example/").unwrap()
    ));
}
