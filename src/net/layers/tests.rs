//! The layers on real sockets.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::*;
use crate::net::testing::{Running, SelfSigned, bare_client, impatient, read_all};
use crate::net::{Call, Client, ClientOptions, Problem, Security, Trust};
use crate::protocol::ErrorCode;
use crate::protocol::limits::MAX_ARRIVING_BYTES;

async fn length(body: Bytes) -> String {
    body.len().to_string()
}

/// A handler that reads nothing and one that hides every error of the body it reads.
async fn deaf(body: Body) -> &'static str {
    let mut pieces = body.into_data_stream();
    while let Some(Ok(_)) = pieces.next().await {}
    "fine"
}

fn limited() -> Router {
    let routes = Router::new()
        .route("/length", post(length))
        .route("/deaf", post(deaf));
    dress(body_limit(routes, 1000), None)
}

fn problem_of(answer: &str) -> Problem {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    assert!(head.contains("application/problem+json"), "{head}");
    Problem::parse(status, body.as_bytes()).unwrap()
}

#[tokio::test]
async fn an_oversized_body_gets_a_readable_413_though_all_of_it_is_sent_first() {
    let running = Running::plain(limited()).await;
    let body = vec![b'x'; 4 << 20];
    let mut tcp = running.connect().await;
    let head = format!(
        "POST /length HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    tcp.write_all(head.as_bytes()).await.unwrap();
    // A simple client: it reads nothing before the last byte is written.
    tcp.write_all(&body).await.unwrap();
    let problem = problem_of(&read_all(&mut tcp).await);
    assert_eq!((problem.status(), problem.code()), (413, "too_large"));
    assert_eq!(problem.member("max_bytes").unwrap(), 1000);
}

#[tokio::test]
async fn control_without_lingering_the_sender_is_reset() {
    let send = async |linger: Duration| {
        let mut options = impatient();
        options.deadlines.linger = linger;
        let running = Running::start(limited(), Security::LOOPBACK, options).await;
        let mut tcp = running.connect().await;
        let head = "POST /length HTTP/1.1\r\nhost: x\r\ncontent-length: 33554432\r\n\r\n";
        tcp.write_all(head.as_bytes()).await.unwrap();
        tcp.write_all(&vec![b'x'; 32 << 20]).await
    };
    assert!(send(Duration::from_secs(5)).await.is_ok());
    assert!(
        send(Duration::ZERO).await.is_err(),
        "lingering is not what delivers the 413"
    );
}

#[tokio::test]
async fn our_own_client_reads_the_413_over_tls_and_plain() {
    let signed = SelfSigned::new();
    let tls = Security::Tls(signed.tls.clone());
    let secured = Running::start(limited(), tls, impatient()).await;
    let plain = Running::plain(limited()).await;
    let trust = Trust::CaFile(signed.certificate.clone());
    let client = Client::new(ClientOptions {
        trust,
        ..ClientOptions::default()
    })
    .unwrap();
    for url in [
        format!("https://localhost:{}/length", secured.address.port()),
        plain.url("/length"),
    ] {
        let call = Call::post(&url, "text/plain", vec![b'x'; 8 << 20]).unwrap();
        let refused = client.call(call).await.unwrap_err();
        let code = refused.problem().and_then(Problem::error_code);
        assert_eq!(code, Some(ErrorCode::TooLarge), "{url}: {refused}");
    }
}

#[tokio::test]
async fn an_endless_body_gets_413_whatever_the_handler_says() {
    let running = Running::plain(limited()).await;
    for path in ["/length", "/deaf"] {
        let mut tcp = running.connect().await;
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
        tcp.write_all(head.as_bytes()).await.unwrap();
        for _ in 0..64 {
            tcp.write_all(format!("400\r\n{}\r\n", "y".repeat(1024)).as_bytes())
                .await
                .unwrap();
        }
        assert_eq!(problem_of(&read_all(&mut tcp).await).status(), 413);
    }
}

#[tokio::test]
async fn the_limit_itself_passes_and_one_more_does_not() {
    let running = Running::plain(limited()).await;
    let client = bare_client(false);
    let send = |bytes: usize| {
        client
            .post(running.url("/length"))
            .body(vec![0; bytes])
            .send()
    };
    assert_eq!(send(1000).await.unwrap().text().await.unwrap(), "1000");
    assert_eq!(send(1001).await.unwrap().status(), 413);
    let h2 = bare_client(true);
    let large = h2
        .post(running.url("/length"))
        .body(vec![0; 1 << 20])
        .send()
        .await
        .unwrap();
    assert_eq!(large.status(), 413);
}

#[tokio::test]
async fn encoded_bodies_are_refused() {
    let running = Running::plain(limited()).await;
    let client = bare_client(false);
    for (encoding, status) in [("gzip", 415), ("identity, br", 415), ("identity", 200)] {
        let request = client
            .post(running.url("/length"))
            .header("content-encoding", encoding);
        assert_eq!(
            request.body("abc").send().await.unwrap().status(),
            status,
            "{encoding}"
        );
    }
}

#[tokio::test]
async fn ten_times_too_much_bulk_is_shed_at_once_and_a_removal_passes() {
    let permits = Permits {
        health: 1,
        open: 1,
        removal: 1,
        interactive: 1,
        look_up: 1,
        bulk: 4,
    };
    let gate = Gate::new(&permits);
    let (finish, started) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (finishing, starting) = (Arc::clone(&finish), Arc::clone(&started));
    let work = move || async move {
        starting.add_permits(1);
        let _ = finishing.acquire().await;
        "worked"
    };
    let bulk = shed(
        Router::new().route("/bulk", get(work)),
        &gate,
        RouteClass::Bulk,
    );
    let removal = Router::new().route("/removal", get(|| async { "removed" }));
    let removal = shed(removal, &gate, RouteClass::Removal);
    let running = Running::plain(dress(bulk.merge(removal), None)).await;
    let client = bare_client(false);

    let admitted: Vec<_> = (0..4)
        .map(|_| tokio::spawn(client.get(running.url("/bulk")).send()))
        .collect();
    started.acquire_many(4).await.unwrap().forget();
    assert_eq!(gate.running(RouteClass::Bulk), 4);
    client.get(running.url("/removal")).send().await.unwrap();
    let mut slowest = Duration::ZERO;
    for _ in 0..36 {
        let asked = Instant::now();
        let shed = client.get(running.url("/bulk")).send().await.unwrap();
        slowest = slowest.max(asked.elapsed());
        assert_eq!(
            (shed.status(), &shed.headers()["retry-after"]),
            (StatusCode::SERVICE_UNAVAILABLE, &"1".parse().unwrap())
        );
    }
    // The bar is 10 ms on an idle machine; other tests share this one.
    assert!(slowest < Duration::from_millis(200), "{slowest:?}");
    let removed = client.get(running.url("/removal")).send().await.unwrap();
    assert_eq!(removed.text().await.unwrap(), "removed");
    finish.add_permits(4);
    for answer in admitted {
        assert_eq!(
            answer.await.unwrap().unwrap().text().await.unwrap(),
            "worked"
        );
    }
    assert_eq!(gate.shed(RouteClass::Bulk), 36);
    assert_eq!(gate.shed(RouteClass::Removal), 0);
}

#[tokio::test]
async fn slow_senders_hold_no_place_and_what_arrives_is_bounded() {
    let gate = Gate::new(&Permits {
        bulk: 1,
        ..Permits::default()
    });
    let routes = Router::new().route("/length", post(length));
    let routes = body_limit(shed(routes, &gate, RouteClass::Bulk), 4 << 20);
    let running = Running::plain(dress(routes, None)).await;
    let head = "POST /length HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n";
    let mut slow = Vec::new();
    for _ in 0..20 {
        let mut tcp = running.connect().await;
        tcp.write_all(head.as_bytes()).await.unwrap();
        tcp.write_all(&[b'x'; 90_000]).await.unwrap();
        slow.push(tcp);
    }
    while gate.arriving().available_permits() > MAX_ARRIVING_BYTES - 20 * 90_000 {
        sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(gate.running(RouteClass::Bulk), 0);
    let client = bare_client(false);
    let send = |bytes: usize| {
        client
            .post(running.url("/length"))
            .body(vec![0; bytes])
            .send()
    };
    let answer = send(50_000).await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "50000");
    // With no room for what arrives, more is shed; nothing of it stays counted.
    let left = gate.arriving().available_permits();
    let taken = Arc::clone(gate.arriving()).try_acquire_many_owned(left as u32 - 1_000);
    let shed = send(50_000).await.unwrap();
    assert_eq!(
        (shed.status(), &shed.headers()["retry-after"]),
        (StatusCode::SERVICE_UNAVAILABLE, &"1".parse().unwrap())
    );
    drop(taken);
    drop(slow);
    let began = Instant::now();
    while gate.arriving().available_permits() < MAX_ARRIVING_BYTES {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "bytes stay counted"
        );
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(send(10).await.unwrap().text().await.unwrap(), "10");
}

#[tokio::test]
async fn a_place_is_held_until_the_answer_ends_and_freed_when_the_caller_leaves() {
    let gate = Gate::new(&Permits {
        bulk: 1,
        ..Permits::default()
    });
    let stream = || async {
        let pieces = futures_util::stream::unfold(0, |i| async move {
            sleep(Duration::from_millis(20)).await;
            Some((Ok::<_, std::io::Error>(Bytes::from_static(b"piece")), i + 1))
        });
        Body::from_stream(pieces)
    };
    let routes = shed(
        Router::new().route("/", get(stream)),
        &gate,
        RouteClass::Bulk,
    );
    let running = Running::plain(routes).await;
    let client = bare_client(false);
    let first = client.get(running.url("/")).send().await.unwrap();
    assert_eq!(
        client.get(running.url("/")).send().await.unwrap().status(),
        503
    );
    drop(first);
    let left = Instant::now();
    while gate.running(RouteClass::Bulk) > 0 {
        assert!(
            left.elapsed() < Duration::from_secs(2),
            "the place is never freed"
        );
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_panic_is_a_500_and_every_answer_has_an_id() {
    async fn broken() -> &'static str {
        panic!("secret");
    }
    let running = Running::plain(dress(Router::new().route("/", get(broken)), None)).await;
    let client = bare_client(false);
    let ask = |id: &'static str| {
        client
            .get(running.url("/"))
            .header("x-request-id", id)
            .send()
    };
    let answer = ask("a-fine-id").await.unwrap();
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.headers()["x-request-id"], "a-fine-id");
    assert!(!answer.text().await.unwrap().contains("secret"));
    let replaced = ask("3515140101900002").await.unwrap();
    assert_eq!(replaced.headers()["x-request-id"].len(), 32);
}

#[tokio::test]
async fn the_record_tells_the_route_and_never_the_path() {
    let records = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&records);
    let observer: Observer =
        Arc::new(move |record: &RequestRecord| seen.lock().unwrap().push(record.clone()));
    let hello =
        |Path(name): Path<String>, body: Bytes| async move { format!("{name}{}", body.len()) };
    let routes = Router::new().route("/hello/{name}", post(hello));
    let running = Running::plain(dress(routes, Some(observer))).await;
    let client = bare_client(false);
    client
        .post(running.url("/hello/canary?q=canary"))
        .body("abc")
        .send()
        .await
        .unwrap();
    client.get(running.url("/canary")).send().await.unwrap();
    let started = Instant::now();
    while records.lock().unwrap().len() < 2 && started.elapsed() < Duration::from_secs(2) {
        sleep(Duration::from_millis(5)).await;
    }
    let records = records.lock().unwrap();
    let found = &records[0];
    assert_eq!((found.route.as_str(), found.status), ("/hello/{name}", 200));
    assert_eq!((found.request_bytes, found.response_bytes), (3, 7));
    assert_eq!(
        (records[1].route.as_str(), records[1].status),
        ("unmatched", 404)
    );
    assert!(!format!("{records:?}").contains("canary"));
}

#[tokio::test]
async fn every_refusal_is_a_problem_and_repeats_no_input() {
    let typed = |axum::Json(_): axum::Json<u8>| async {};
    let own = || async { Problem::of(ErrorCode::ClockWrong).with("reason", "clock") };
    let routes = Router::new()
        .route("/typed", post(typed))
        .route("/own", get(own));
    let running = Running::plain(dress(routes, None)).await;
    let client = bare_client(false);
    let wrong = client
        .post(running.url("/typed"))
        .header("content-type", "application/json");
    let wrong = wrong.body("3515140101900002").send().await.unwrap();
    let unknown = client.get(running.url("/canary")).send().await.unwrap();
    let method = client.get(running.url("/typed")).send().await.unwrap();
    assert_eq!(method.headers()["allow"], "POST");
    let mut codes = Vec::new();
    for answer in [wrong, unknown, method] {
        let status = answer.status().as_u16();
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let body = answer.bytes().await.unwrap();
        assert!(!body.windows(8).any(|part| part == b"35151401"));
        codes.push((
            status,
            Problem::parse(status, &body).unwrap().error_code().unwrap(),
        ));
    }
    let expected = [
        (422, ErrorCode::InvalidField),
        (404, ErrorCode::NotFound),
        (405, ErrorCode::MethodNotAllowed),
    ];
    assert_eq!(codes, expected);
    let own = client
        .get(running.url("/own"))
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(
        Problem::parse(503, &own).unwrap().member("reason").unwrap(),
        "clock"
    );
}
