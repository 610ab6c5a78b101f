//! Requests over every limit are refused with a problem document, cost the server little memory,
//! and slow senders are cut.

use std::io::{Cursor, Read, Write};
use std::time::{Duration, Instant};

use saring::agent::RegistryDoor;
use saring::protocol::evaluation::{BINARY, BlindedElements};
use saring::protocol::limits::{MAX_CHUNK, MAX_REMOVALS, MAX_SUBMISSION_BYTES};
use saring::protocol::order::{ORDER_HEADER, Order, OrderKind};
use saring::protocol::{ListId, paths};
use zip::write::SimpleFileOptions;

use crate::member::{ListView, Member, row};
use crate::wire::{self, Answer, Wire};
use crate::world::{COOPERATIVE, World, people};

/// Growth of the server's memory allowed over everything here, KiB.
const MOST_GROWTH: u64 = 32 << 10;

struct Scene {
    world: World,
    member: Member,
    list: ListId,
    view: ListView,
}

impl Scene {
    async fn new() -> Self {
        let installation = crate::installation::Installation::new();
        for key in ["headers_seconds", "body_idle_seconds"] {
            installation.configure("deadlines", key, 2);
        }
        let world = World::of(installation);
        let list = world.list("peminjam-macet").await;
        let member = world
            .member("ksp-maju", &list, COOPERATIVE, 10_000_000)
            .await;
        let view = member.view(&world.door(), &list).await.unwrap();
        Self {
            world,
            member,
            list,
            view,
        }
    }

    /// The largest that is allowed, so that memory for it is there.
    async fn warm_up(&mut self) -> Vec<[u8; 32]> {
        let door = self.world.door();
        let niks = people(5, MAX_CHUNK);
        let (elements, _) = self
            .member
            .evaluate(&door, &self.view, &niks)
            .await
            .unwrap();
        let rows = elements.iter().zip(0..).take(8_000);
        let rows = rows.map(|(element, n)| row(*element, n)).collect();
        self.member.submit(&door, &self.view, rows).await.unwrap();
        self.view = self.member.view(&door, &self.list).await.unwrap();
        elements
    }

    fn path(&self, path: &str) -> String {
        format!("POST {}", paths::fill(path, &[self.list.as_str()]))
    }

    /// A signed header for a body that is otherwise in order.
    fn header(&self, kind: OrderKind, body: &[u8], count: usize) -> String {
        let order = self.member.order(kind, Some(&self.list), body, count);
        let order = Order {
            record: self.view.digest,
            ..order
        };
        order.sign(&self.member.key).to_header()
    }

    async fn post(&self, path: &str, media: &str, header: &str, body: &[u8]) -> Answer {
        let headers = [("content-type", media), (ORDER_HEADER, header)];
        let address = self.world.installation.address;
        let answer = wire::request(address, &self.path(path), &headers, body).await;
        answer.unwrap_or_else(|| panic!("no answer to {} bytes on {path}", body.len()))
    }
}

#[track_caller]
fn refused(answer: &Answer, statuses: &[u16]) {
    assert!(statuses.contains(&answer.status), "{answer:?}");
    assert!(
        answer.problem().is_some(),
        "no problem document: {answer:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_answered_and_cost_no_memory() {
    let mut scene = Scene::new().await;
    let elements = scene.warm_up().await;
    let (before, peak_before) = scene.world.server.memory();
    one_element_too_many(&scene, &elements).await;
    one_row_too_many(&scene).await;
    endless_chunks(&scene).await;
    compressed(&scene).await;
    many_items(&scene).await;
    long_headers(&scene).await;
    deep_nesting(&scene).await;
    nonsense(&scene).await;
    let (_, peak) = scene.world.server.memory();
    let growth = peak.saturating_sub(peak_before.max(before));
    println!("{before} KiB before, peak {peak_before} then {peak} KiB");
    assert!(growth <= MOST_GROWTH, "memory grew by {growth} KiB");
    // And it still works.
    let niks = people(6, 1);
    let door = scene.world.door();
    let view = scene.member.view(&door, &scene.list).await.unwrap();
    scene.member.evaluate(&door, &view, &niks).await.unwrap();
}

async fn one_element_too_many(scene: &Scene, elements: &[[u8; 32]]) {
    let mut over = elements.to_vec();
    over.push(elements[0]);
    assert_eq!(over.len(), MAX_CHUNK + 1);
    let body = BlindedElements(over).to_bytes();
    let header = scene.header(OrderKind::Evaluate, &body, MAX_CHUNK + 1);
    let answer = scene.post(paths::EVALUATIONS, BINARY, &header, &body).await;
    refused(&answer, &[400, 413, 422]);
    // A count that the body does not keep.
    let mut short = BlindedElements(elements[..1].to_vec()).to_bytes();
    let at = short.len() - 36;
    short[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let header = scene.header(OrderKind::Evaluate, &short, 1);
    let answer = scene
        .post(paths::EVALUATIONS, BINARY, &header, &short)
        .await;
    refused(&answer, &[400, 413, 422]);
    // Elements that are none.
    let bad = BlindedElements(vec![[0xff; 32], [0; 32]]).to_bytes();
    let header = scene.header(OrderKind::Evaluate, &bad, 2);
    let answer = scene.post(paths::EVALUATIONS, BINARY, &header, &bad).await;
    assert_eq!(
        answer.problem().as_deref(),
        Some("bad_element"),
        "{answer:?}"
    );
}

async fn one_row_too_many(scene: &Scene) {
    let id = "00112233445566778899aabbccddeeff";
    let ids = vec![format!("\"{id}\""); MAX_REMOVALS + 1].join(",");
    let body = format!("{{\"cause\":\"LUNAS\",\"entries\":[{ids}]}}").into_bytes();
    let header = scene.header(OrderKind::Remove, &body, MAX_REMOVALS + 1);
    let answer = scene
        .post(paths::REMOVALS, "application/json", &header, &body)
        .await;
    refused(&answer, &[400, 413, 422]);
    let body = vec![b' '; MAX_SUBMISSION_BYTES + 1];
    let header = scene.header(OrderKind::Submit, &body, 1);
    let answer = scene
        .post(paths::SUBMISSIONS, "application/json", &header, &body)
        .await;
    refused(&answer, &[413]);
}

/// A body that never ends, on every path that takes one.
async fn endless_chunks(scene: &Scene) {
    let paths = [
        paths::EVALUATIONS,
        paths::SUBMISSIONS,
        paths::REMOVALS,
        paths::JOIN,
    ];
    for path in paths {
        let header = scene.header(OrderKind::Submit, b"", 1);
        let headers = [
            ("content-type", "application/json"),
            (ORDER_HEADER, header.as_str()),
            ("transfer-encoding", "chunked"),
        ];
        let mut wire = Wire::open(scene.world.installation.address).await;
        let head = wire::head(&scene.path(path), &headers, None);
        wire.write(head.as_bytes()).await.unwrap();
        let mut chunk = b"10000\r\n".to_vec();
        chunk.extend(vec![b' '; 0x10000]);
        chunk.extend(b"\r\n");
        // 256 MiB if nobody stops it.
        let answer = wire.flood(chunk, 4_096).await;
        refused(
            &answer.unwrap_or_else(|| panic!("no answer on {path}")),
            &[413],
        );
    }
}

/// Nothing is ever decompressed: a small body that would become a large one stays what it is.
async fn compressed(scene: &Scene) {
    let body = gzip_bomb();
    let header = scene.header(OrderKind::Submit, &body, 1);
    for encoding in ["gzip", "deflate", "br", "zstd"] {
        let headers = [
            ("content-type", "application/json"),
            ("content-encoding", encoding),
            (ORDER_HEADER, header.as_str()),
        ];
        let address = scene.world.installation.address;
        let line = scene.path(paths::SUBMISSIONS);
        let answer = wire::request(address, &line, &headers, &body).await;
        refused(&answer.unwrap(), &[400, 415]);
    }
}

/// 64 MiB of spaces as gzip (RFC 1952).
fn gzip_bomb() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bomb", SimpleFileOptions::default())
        .unwrap();
    zip.write_all(&vec![b' '; 64 << 20]).unwrap();
    let mut archive = zip.finish_into_readable().unwrap();
    let mut deflated = archive.by_index_raw(0).unwrap();
    let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    deflated.read_to_end(&mut gzip).unwrap();
    gzip.extend(deflated.crc32().to_le_bytes());
    gzip.extend((64u32 << 20).to_le_bytes());
    gzip
}

/// A million items where ten thousand are allowed.
async fn many_items(scene: &Scene) {
    for (path, kind, open) in [
        (paths::SUBMISSIONS, OrderKind::Submit, "{\"rows\":["),
        (
            paths::REMOVALS,
            OrderKind::Remove,
            "{\"cause\":\"LUNAS\",\"entries\":[",
        ),
        (paths::EVALUATIONS, OrderKind::Evaluate, "{\"elements\":["),
    ] {
        let items = vec!["1"; 1_000_000].join(",");
        let body = format!("{open}{items}]}}").into_bytes();
        let header = scene.header(kind, &body, 1_000_000);
        let answer = scene.post(path, "application/json", &header, &body).await;
        refused(&answer, &[400, 413, 422]);
    }
}

async fn long_headers(scene: &Scene) {
    let address = scene.world.installation.address;
    let long = "a".repeat(1 << 20);
    for headers in [
        vec![(ORDER_HEADER, long.as_str())],
        vec![("x-long", long.as_str())],
        vec![("x-many", "a"); 20_000],
    ] {
        let line = scene.path(paths::SUBMISSIONS);
        let answer = wire::request(address, &line, &headers, b"{}").await;
        let answer = answer.expect("long headers get an answer");
        assert!((400..500).contains(&answer.status), "{answer:?}");
    }
    let line = format!("GET /{}", "a".repeat(1 << 20));
    let answer = wire::request(address, &line, &[], b"").await;
    let answer = answer.expect("a long address gets an answer");
    assert!((400..500).contains(&answer.status), "{answer:?}");
}

async fn deep_nesting(scene: &Scene) {
    for (open, close) in [("[", "]"), ("{\"rows\":", "}")] {
        let body = open.repeat(100_000) + &close.repeat(100_000);
        let header = scene.header(OrderKind::Submit, body.as_bytes(), 1);
        let answer = scene.post(
            paths::SUBMISSIONS,
            "application/json",
            &header,
            body.as_bytes(),
        );
        refused(&answer.await, &[400, 413, 422]);
    }
}

/// What is neither too long nor in order.
async fn nonsense(scene: &Scene) {
    let address = scene.world.installation.address;
    let header = scene.header(OrderKind::Submit, b"{}", 1);
    let signed = [
        ("content-type", "application/json"),
        (ORDER_HEADER, header.as_str()),
    ];
    let answer =
        |line: String| async move { wire::request(address, &line, &[], b"").await.unwrap() };
    refused(&answer("GET /v1/nowhere".into()).await, &[404]);
    refused(&answer(format!("DELETE {}", paths::LISTS)).await, &[405]);
    refused(&answer(format!("GET {}", paths::QUOTA)).await, &[401]);
    let line = scene.path(paths::SUBMISSIONS);
    let unsigned = wire::request(address, &line, &signed[..1], b"{}").await;
    refused(&unsigned.unwrap(), &[401]);
    let odd = [("content-type", "text/html"), signed[1]];
    let odd = wire::request(address, &line, &odd, b"{}").await;
    refused(&odd.unwrap(), &[400, 415]);
    let missing = paths::fill(paths::BUCKET, &[scene.list.as_str(), "1", "99999999"]);
    let read = scene.member.read(missing.as_str());
    let refusal = scene
        .world
        .door()
        .bucket(&read, &scene.list, scene.view.record.epoch, 99_999_999)
        .await
        .unwrap_err();
    assert!(
        refusal.code().is_some_and(|code| code.status() < 500),
        "{refusal:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_cut_slow_senders() {
    let scene = Scene::new().await;
    let address = scene.world.installation.address;
    let header = scene.header(OrderKind::Submit, b"{}", 1);
    let signed = [
        ("content-type", "application/json"),
        (ORDER_HEADER, header.as_str()),
    ];
    let beginnings = [
        String::new(),
        "GET /v1/registry HTTP/1.1\r\nhost: x\r\n".to_owned(),
        wire::head(&scene.path(paths::SUBMISSIONS), &signed, Some(100)) + "{",
    ];
    let mut slow = Vec::new();
    for beginning in beginnings {
        for _ in 0..10 {
            let beginning = beginning.clone();
            slow.push(tokio::spawn(async move {
                let mut wire = Wire::open(address).await;
                wire.write(beginning.as_bytes()).await.unwrap();
                let began = Instant::now();
                let answer = wire.answer().await;
                (began.elapsed(), answer)
            }));
        }
    }
    // Others are served meanwhile.
    scene.member.quota(&scene.world.door()).await.unwrap();
    for connection in slow {
        let (waited, answer) = connection.await.unwrap();
        assert!(waited < Duration::from_secs(10), "cut after {waited:?}");
        if let Some(answer) = answer {
            // Slow bodies take places meant for work: who comes too late is sent away at once.
            refused(&answer, &[408, 503]);
        }
    }
}
