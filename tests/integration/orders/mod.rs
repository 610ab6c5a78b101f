//! No order but an organisation's own, whole, fresh and unaltered, does anything; and no read.

mod mutants;

use saring::protocol::codes::RemovalCause;
use saring::protocol::evaluation::{BINARY, BlindedElements};
use saring::protocol::limits::ORDER_WINDOW;
use saring::protocol::order::{ORDER_HEADER, Order};
use saring::protocol::read::{READ_HEADER, Read};
use saring::protocol::time::MINUTE;
use saring::protocol::{ContentDigest, EntryId, Fingerprint, ListId, Timestamp, paths};

use mutants::mutants;

use crate::member::{ListView, Member, now, row};
use crate::wire::{self, Answer};
use crate::world::{COOPERATIVE, World, people};

/// A request with a signed header.
#[derive(Clone)]
struct Request {
    line: String,
    media: &'static str,
    header: Option<String>,
    body: Vec<u8>,
}

impl Request {
    async fn send(&self, world: &World) -> Answer {
        let name = if self.line.starts_with("GET") {
            READ_HEADER
        } else {
            ORDER_HEADER
        };
        let mut headers = vec![("content-type", self.media)];
        headers.extend(self.header.as_deref().map(|value| (name, value)));
        let sent = wire::request(world.installation.address, &self.line, &headers, &self.body);
        sent.await.unwrap()
    }

    fn with_header(&self, header: impl Into<String>) -> Self {
        Self {
            header: Some(header.into()),
            ..self.clone()
        }
    }
}

/// A member, a stranger to its business, and a list with one of the member's entries.
struct Scene {
    world: World,
    member: Member,
    other: Member,
    view: ListView,
    entry: EntryId,
    sent: BlindedElements,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new();
        let list = world.list("peminjam-macet").await;
        world.list("daftar-lain").await;
        let member = world.member("ksp-maju", &list, COOPERATIVE, 1_000).await;
        let other = world.member("ksp-lain", &list, COOPERATIVE, 1_000).await;
        let door = world.door();
        let view = member.view(&door, &list).await.unwrap();
        let niks = people(4, 2);
        let (elements, _) = member.evaluate(&door, &view, &niks[..1]).await.unwrap();
        let rows = vec![row(elements[0], 1)];
        let reply = member.submit(&door, &view, rows).await.unwrap();
        let entry = match reply.rows[0] {
            saring::protocol::submission::RowOutcome::Accepted { entry, .. } => entry,
            outcome => panic!("{outcome:?}"),
        };
        let blinded = Member::blind(&view, &niks[1..], [5; 32]);
        Self {
            sent: BlindedElements(blinded.sent().encodings().to_vec()),
            world,
            member,
            other,
            view,
            entry,
        }
    }

    fn list(&self) -> &ListId {
        &self.view.record.list
    }

    fn evaluation(&self) -> (Order, Request) {
        let order = self.member.evaluation(&self.view, &self.sent);
        let path = paths::fill(paths::EVALUATIONS, &[self.list().as_str()]);
        let request = Request {
            line: format!("POST {path}"),
            media: BINARY,
            header: None,
            body: self.sent.to_bytes(),
        };
        (order, request)
    }

    fn removal(&self) -> (Order, Request) {
        let cause = RemovalCause::DicabutPelapor;
        let (order, content) = self.member.removal(self.list(), cause, &[self.entry]);
        let path = paths::fill(paths::REMOVALS, &[self.list().as_str()]);
        let request = Request {
            line: format!("POST {path}"),
            media: "application/json",
            header: None,
            body: content,
        };
        (order, request)
    }

    async fn used(&self) -> u64 {
        let quota = self.member.quota(&self.world.door()).await.unwrap();
        quota[0].quota.used
    }

    async fn refuse(&self, name: &str, request: &Request) {
        let answer = request.send(&self.world).await;
        let refused = (400..500).contains(&answer.status) && answer.problem().is_some();
        assert!(refused, "{name}: {answer:?}");
        assert!(
            !String::from_utf8_lossy(&answer.body).contains("ksp-"),
            "{name} is echoed: {answer:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_taken_whole_or_not_at_all() {
    let scene = Scene::new().await;
    let used = scene.used().await;
    let mut tried = 0;
    for (order, request) in [scene.evaluation(), scene.removal()] {
        for (name, mutant) in mutants(&scene, &order, &request) {
            scene.refuse(&name, &mutant).await;
            tried += 1;
        }
    }
    assert!(tried >= 30, "{tried} mutants");
    assert_eq!(scene.used().await, used, "a mutant was charged");
    let door = scene.world.door();
    let own = scene.member.own(&door, scene.list()).await.unwrap();
    assert_eq!(own.len(), 1, "a mutant removed something");

    // The control: the very orders that were bent.
    for (order, request) in [scene.evaluation(), scene.removal()] {
        let header = order.sign(&scene.member.key).to_header();
        let answer = request.with_header(header).send(&scene.world).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(scene.used().await, used + 1);
    let own = scene.member.own(&door, scene.list()).await.unwrap();
    assert!(own.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_of_the_revoked_are_refused() {
    let scene = Scene::new().await;
    let (world, member, list) = (&scene.world, &scene.member, scene.list());
    let fresh = || {
        let (order, request) = scene.evaluation();
        request.with_header(order.sign(&member.key).to_header())
    };
    assert_eq!(fresh().send(world).await.status, 200);
    world.grant(member, list, &[], 1_000).await;
    scene.refuse("without a grant", &fresh()).await;
    world.grant(member, list, COOPERATIVE, 1_000).await;
    assert_eq!(fresh().send(world).await.status, 200);
    world.suspend(member).await;
    scene.refuse("suspended", &fresh()).await;
    let read = member.read(paths::QUOTA).to_header();
    scene
        .refuse("suspended read", &get(paths::QUOTA, read))
        .await;
    // What it listed it may still take back.
    let (order, request) = scene.removal();
    let taken_back = request.with_header(order.sign(&member.key).to_header());
    assert_eq!(taken_back.send(world).await.status, 200);
}

fn get(path: &str, header: String) -> Request {
    Request {
        line: format!("GET {path}"),
        media: "application/json",
        header: Some(header),
        body: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_serve_once_and_only_their_own_path() {
    let scene = Scene::new().await;
    let (world, member) = (&scene.world, &scene.member);
    let unsigned = || member.unsigned_read(paths::QUOTA);
    for (name, read) in bent_reads(&scene) {
        let header = read.sign(&member.key).to_header();
        scene.refuse(name, &get(paths::QUOTA, header)).await;
    }
    let others = unsigned().sign(&scene.other.key).to_header();
    scene
        .refuse("another's signature", &get(paths::QUOTA, others))
        .await;

    let once = get(paths::QUOTA, unsigned().sign(&member.key).to_header());
    assert_eq!(once.send(world).await.status, 200);
    let answer = once.send(world).await;
    assert_eq!(answer.problem().as_deref(), Some("replayed"), "{answer:?}");
    scene
        .refuse(
            "a query added",
            &Request {
                line: format!("GET {}?x=1", paths::QUOTA),
                ..get(paths::QUOTA, unsigned().sign(&member.key).to_header())
            },
        )
        .await;
}

/// Reads of the quotas, each signed for something else.
fn bent_reads(scene: &Scene) -> [(&'static str, Read); 7] {
    let unsigned = || scene.member.unsigned_read(paths::QUOTA);
    [
        (
            "another audience",
            Read {
                audience: Fingerprint([7; 32]),
                ..unsigned()
            },
        ),
        (
            "another's name",
            Read {
                organisation: scene.other.organisation.clone(),
                ..unsigned()
            },
        ),
        (
            "another method",
            Read {
                method: "POST".into(),
                ..unsigned()
            },
        ),
        (
            "another path",
            Read {
                path: paths::LISTS.into(),
                ..unsigned()
            },
        ),
        (
            "a body",
            Read {
                body: ContentDigest::of(b"x"),
                ..unsigned()
            },
        ),
        (
            "too old",
            Read {
                created_at: now().plus(-ORDER_WINDOW - MINUTE),
                ..unsigned()
            },
        ),
        (
            "from the future",
            Read {
                created_at: Timestamp(i64::MAX),
                ..unsigned()
            },
        ),
    ]
}
