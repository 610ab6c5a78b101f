//! The routes over a real registry with its custodian, in memory, without a network.

mod world;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use self::world::{Got, World, bytes_of};
use super::document::promised_operations;
use crate::protocol::evaluation::{BlindedElements, Evaluated, EvaluatedJson};
use crate::protocol::limits::{MAX_EVALUATION_BYTES, MAX_REQUEST_BYTES};
use crate::protocol::order::{ORDER_HEADER, OrderKind};
use crate::protocol::organisation::{Grant, QuotaOf};
use crate::protocol::read::READ_HEADER;
use crate::protocol::{ErrorCode, SignedHead, paths};

/// Something that must never come back, wherever it was put.
const CANARY: &str = "3515140101900002";

fn expect(got: &Got, code: ErrorCode) -> Value {
    let problem = got.json();
    assert_eq!(problem["code"], code.as_str(), "{problem}");
    assert_eq!(got.status, code.status(), "{problem}");
    assert_eq!(got.header(header::CONTENT_TYPE), "application/problem+json");
    assert_eq!(
        problem["type"],
        format!("urn:saring:problem:{}", code.as_str())
    );
    assert_eq!(problem["title"], code.text_en());
    assert_eq!(problem["text"], code.text_id());
    assert!(!got.text().contains(CANARY), "input came back");
    if code.status() == 401 {
        assert_eq!(got.header(header::WWW_AUTHENTICATE), "Saring");
    }
    problem
}

#[tokio::test]
async fn what_is_no_request_of_ours_is_refused_by_its_code() {
    let world = World::new().await;
    let send = |method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]| {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        world.send(request.body(Body::from(body.to_vec())).expect("a request"))
    };
    let nowhere = format!("/v1/{CANARY}?nik={CANARY}");
    expect(&send("GET", &nowhere, &[], b"").await, ErrorCode::NotFound);
    let wrong = send("DELETE", paths::REGISTRY, &[], b"").await;
    expect(&wrong, ErrorCode::MethodNotAllowed);
    assert!(wrong.header(header::ALLOW).contains("GET"));
    let json = ("content-type", "application/json");
    expect(
        &send("POST", paths::JOIN, &[json], b"{}").await,
        ErrorCode::Unsigned,
    );
    expect(
        &send("GET", paths::QUOTA, &[], b"").await,
        ErrorCode::Unsigned,
    );
    for name in [ORDER_HEADER, READ_HEADER] {
        let (method, path) = match name {
            ORDER_HEADER => ("POST", paths::JOIN),
            _ => ("GET", paths::QUOTA),
        };
        for value in ["", "%%%", CANARY, "c2FyaW5n"] {
            let got = send(method, path, &[json, (name, value)], b"").await;
            expect(&got, ErrorCode::Malformed);
        }
    }
    let order = world
        .operator_order(OrderKind::Invite, b"{}")
        .sign(&world.operator);
    let order = order.to_header();
    let twice = [json, (ORDER_HEADER, &*order), (ORDER_HEADER, &*order)];
    let got = send("POST", paths::ORGANISATIONS, &twice, b"{}").await;
    expect(&got, ErrorCode::Malformed);
    for media in ["text/plain", "application/octet-stream", CANARY] {
        let headers = [("content-type", media), (ORDER_HEADER, &*order)];
        let got = send("POST", paths::ORGANISATIONS, &headers, b"{}").await;
        expect(&got, ErrorCode::UnsupportedMedia);
    }
    let zipped = [json, ("content-encoding", "gzip"), (ORDER_HEADER, &*order)];
    let got = send("POST", paths::ORGANISATIONS, &zipped, b"{}").await;
    expect(&got, ErrorCode::UnsupportedMedia);
    let english = send("GET", "/nowhere", &[("accept-language", "en")], b"").await;
    assert_eq!(english.json()["text"], ErrorCode::NotFound.text_en());
    let large = vec![b' '; MAX_REQUEST_BYTES + 1];
    let got = send(
        "POST",
        paths::JOIN,
        &[json, (ORDER_HEADER, &*order)],
        &large,
    )
    .await;
    expect(&got, ErrorCode::TooLarge);
    let large = vec![0; MAX_EVALUATION_BYTES + 1];
    let path = paths::fill(paths::EVALUATIONS, &["asn"]);
    expect(
        &send("POST", &path, &[json], &large).await,
        ErrorCode::TooLarge,
    );
}

#[tokio::test]
async fn orders_and_reads_that_do_not_hold_are_refused() {
    let world = World::new().await;
    let invite = format!("{{\"nik\":\"{CANARY}\"}}");
    let post = async |order, content: &str| {
        let content = content.as_bytes();
        world.post(paths::ORGANISATIONS, order, content).await
    };
    let order = || world.operator_order(OrderKind::Invite, invite.as_bytes());
    let signed = order().sign(&world.operator);
    expect(&post(signed.clone(), &invite).await, ErrorCode::Malformed);
    expect(&post(signed, "{}").await, ErrorCode::ContentMismatch);
    let mut stale = order();
    stale.created_at = stale.created_at.plus(-300_001);
    let told = expect(
        &post(stale.sign(&world.operator), &invite).await,
        ErrorCode::StaleOrder,
    );
    assert_eq!(told["server_time"], world.now().0);
    let mut elsewhere = order();
    elsewhere.audience.0[0] ^= 1;
    let got = post(elsewhere.sign(&world.operator), &invite).await;
    expect(&got, ErrorCode::WrongAudience);
    let forged = order().sign(&world.stranger);
    expect(&post(forged, &invite).await, ErrorCode::BadSignature);
    let deep = "[".repeat(10_000);
    let nested = world.operator_order(OrderKind::Invite, deep.as_bytes());
    let got = post(nested.sign(&world.operator), &deep).await;
    expect(&got, ErrorCode::Malformed);

    let read = world.operator_read(paths::QUOTA);
    assert_eq!(world.get(paths::QUOTA, &read).await.status, StatusCode::OK);
    expect(&world.get(paths::QUOTA, &read).await, ErrorCode::Replayed);
    let read = world.operator_read(paths::QUOTA);
    let other = format!("{}?x=1", paths::QUOTA);
    expect(&world.get(&other, &read).await, ErrorCode::ContentMismatch);
    let path = format!("{}?nik={CANARY}", paths::ORGANISATIONS);
    let read = world.operator_read(&path);
    let told = expect(&world.get(&path, &read).await, ErrorCode::InvalidField);
    assert_eq!(told["field"], "query");
    let path = format!("{}?limit=1001", paths::ORGANISATIONS);
    let read = world.operator_read(&path);
    let told = expect(&world.get(&path, &read).await, ErrorCode::InvalidField);
    assert_eq!(told["field"], "limit");
    let path = "/v1/lists/NO/records";
    let read = world.operator_read(path);
    expect(&world.get(path, &read).await, ErrorCode::NotFound);
}

#[tokio::test]
async fn no_altered_header_is_accepted() {
    let world = World::new().await;
    let path = paths::QUOTA;
    let header = world.operator_read(path).to_header();
    let mut accepted = 0;
    for at in 0..header.len() {
        let mut altered = header.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).expect("ASCII");
        accepted += usize::from(world.get_with(path, &altered).await.status == StatusCode::OK);
        let shorter = &header[..at];
        accepted += usize::from(world.get_with(path, shorter).await.status == StatusCode::OK);
    }
    assert_eq!(accepted, 0);
    // The control: unaltered it is.
    assert_eq!(world.get_with(path, &header).await.status, StatusCode::OK);
}

#[tokio::test]
async fn evaluations_come_in_both_forms_and_are_metered() {
    let world = World::with_list(3).await;
    let path = paths::fill(paths::EVALUATIONS, &["peminjam"]);
    let elements = BlindedElements(vec![world.element(1), world.element(2)]);
    let order = world.evaluation(&elements);
    let (binary, as_json) = ("application/octet-stream", "application/json");
    let got = world.evaluate(&path, &order, binary, None, &elements).await;
    assert_eq!(got.header(header::CONTENT_TYPE), binary, "{}", got.text());
    let first = Evaluated::from_bytes(&got.body).expect("reads");
    assert_eq!((first.quota.used, first.quota.allowed), (2, 3));
    let again = world
        .evaluate(&path, &order, as_json, None, &elements)
        .await;
    let again: EvaluatedJson = serde_json::from_slice(&again.body).expect("reads");
    assert_eq!(again.quota.used, 2, "charged once");
    assert_eq!(
        Evaluated::from(again).steps[0].elements,
        first.steps[0].elements
    );
    let turned = world
        .evaluate(&path, &order, as_json, Some(binary), &elements)
        .await;
    assert!(Evaluated::from_bytes(&turned.body).is_ok());

    let over = world.evaluation(&elements);
    let got = world.evaluate(&path, &over, binary, None, &elements).await;
    let told = expect(&got, ErrorCode::QuotaExceeded);
    assert_eq!(
        (&told["quota"]["used"], &told["quota"]["allowed"]),
        (&json!(2), &json!(3))
    );
    assert!(told["quota"]["reset"].is_i64());
    let one = BlindedElements(vec![world.element(3)]);
    let mut stale = world.evaluation(&one).order;
    let in_force = std::mem::replace(&mut stale.record, crate::protocol::Digest32([9; 32]));
    let got = world
        .evaluate(&path, &stale.sign(&world.member), binary, None, &one)
        .await;
    let told = expect(&got, ErrorCode::RecordMismatch);
    assert_eq!(told["record"], in_force.to_string());
    assert_eq!(told["record_given"], "09".repeat(32));
    let bad = BlindedElements(vec![[0xff; 32]]);
    let order = world.evaluation(&bad);
    let got = world.evaluate(&path, &order, binary, None, &bad).await;
    expect(&got, ErrorCode::BadElement);
    let elsewhere = paths::fill(paths::EVALUATIONS, &["lain"]);
    let order = world.evaluation(&one);
    let got = world.evaluate(&elsewhere, &order, binary, None, &one).await;
    assert_eq!(expect(&got, ErrorCode::InvalidField)["field"], "list");
}

#[tokio::test]
async fn reads_answer_and_buckets_carry_their_head() {
    let world = World::with_list(3).await;
    let got = world.member_get(paths::QUOTA).await;
    let quotas: Vec<QuotaOf> = serde_json::from_slice(&got.body).expect("reads");
    assert_eq!(quotas[0].quota.allowed, 3);
    let records = world
        .member_get(&paths::fill(paths::RECORDS, &["peminjam"]))
        .await;
    assert_eq!(records.json().as_array().map(Vec::len), Some(1));
    let bucket = paths::fill(paths::BUCKET, &["peminjam", "1", "0"]);
    let got = world.member_get(&bucket).await;
    assert_eq!(got.body.len(), 512 * 128);
    let head = got.header(paths::HEAD_HEADER);
    let head = data_encoding::BASE64URL_NOPAD
        .decode(head.as_bytes())
        .expect("decodes");
    let head = SignedHead::from_bytes(&head).expect("a head");
    assert_eq!(head.verify(&world.registry_key()), Ok(()));
    assert_eq!(head.head.body, crate::protocol::Head::digest_of(&got.body));
    let snapshot = paths::fill(paths::SNAPSHOT, &["peminjam", "1"]);
    expect(&world.member_get(&snapshot).await, ErrorCode::NotGranted);
    let delta = paths::fill(paths::DELTA, &["peminjam", "1", "1"]);
    expect(&world.member_get(&delta).await, ErrorCode::NotGranted);
    let own = paths::fill(paths::OWN, &["peminjam"]);
    expect(&world.member_get(&own).await, ErrorCode::NotGranted);
    let everybody = world.member_get(paths::ORGANISATIONS).await;
    expect(&everybody, ErrorCode::NotGranted);
    let grant = Grant {
        organisation: world.member_id(),
        list: world.list(),
        roles: Vec::new(),
        daily_quota: 9,
    };
    let content = bytes_of(&grant);
    let mut order = world.operator_order(OrderKind::SetGrant, &content);
    order.list = Some(world.list());
    let order = order.sign(&world.operator);
    assert_eq!(
        world.post(paths::GRANTS, order, &content).await.status,
        StatusCode::OK
    );
    expect(&world.member_get(&bucket).await, ErrorCode::NotGranted);
}

#[tokio::test]
async fn every_operation_of_the_document_is_routed_and_dressed() {
    let world = World::new().await;
    for (method, path, is_signed) in promised_operations() {
        let filled = path.replace("{list}", "asn").replace("{epoch}", "1");
        let filled = filled.replace("{bucket}", "0").replace("{from}", "0");
        let filled = filled.replace("{sequence}", "0");
        let filled = filled.replace("{version}", "2");
        let request = Request::builder()
            .method(method)
            .uri(&filled)
            .header("content-type", "application/json");
        let request = request.body(Body::empty()).expect("a request");
        let got = match path {
            paths::METRICS => world.send_admin(request).await,
            _ => world.send(request).await,
        };
        let wanted = if is_signed { 401 } else { 200 };
        assert_eq!(got.status, wanted, "{method} {path}: {}", got.text());
        assert_eq!(got.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        let policy = got.header(header::CONTENT_SECURITY_POLICY);
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        let is_document = [paths::OPENAPI, paths::API_PAGE].contains(&path);
        let cached = got.header(header::CACHE_CONTROL);
        assert_eq!(cached != "no-store", is_document, "{path}: {cached}");
        assert!(!got.header("x-request-id").is_empty());
    }
}

#[tokio::test]
async fn readiness_and_metrics_tell_and_name_nobody() {
    let world = World::with_list(3).await;
    world.member_get(paths::QUOTA).await;
    let get = |path: &str| Request::get(path).body(Body::empty()).expect("a request");
    assert_eq!(world.send(get(paths::READY)).await.status, StatusCode::OK);
    expect(&world.send(get(paths::METRICS)).await, ErrorCode::NotFound);
    let metrics = world.send_admin(get(paths::METRICS)).await.text();
    for wanted in [
        "saring_requests_total{route=\"/v1/quota\",status=\"200\"} 1",
        "saring_request_seconds_count{route=\"/v1/quota\"} 1",
        "saring_trust_info{trust=\"1 of 1: trusts the operator\"} 1",
        "saring_not_ready{reason=\"disk_full\"} 0",
        "saring_running{class=\"removal\"} 0",
        "saring_evaluations_total 0",
        "saring_build_info{version=",
    ] {
        assert!(metrics.contains(wanted), "{wanted} not in:\n{metrics}");
    }
    assert!(metrics.ends_with("# EOF\n") && metrics.matches("# EOF").count() == 1);
    for name in ["peminjam", "ksp-maju"] {
        assert!(!metrics.contains(name), "{name}");
    }
    world.service.stop();
    let told = expect(
        &world.send_admin(get(paths::READY)).await,
        ErrorCode::Unavailable,
    );
    assert_eq!(told["reasons"], json!(["shutting_down"]));
    assert_eq!(world.send(get(paths::LIVE)).await.status, StatusCode::OK);
}
