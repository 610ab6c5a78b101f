//! More than can be done at once: what is shed says when to come back, whoever comes back politely
//! is served, slow senders hold no place, and single checks are answered beside bulk work. Speeds
//! are printed and not judged; `saring rehearse officers` judges them.

use std::time::{Duration, Instant};

use saring::agent::DoorError;
use saring::net::{Client, ClientOptions, RetryOptions};
use saring::protocol::paths;
use saring::protocol::{ErrorCode, ListId};
use saring::remote::HttpRegistry;

use crate::installation::Installation;
use crate::member::{ListView, Member, random_id};
use crate::wire::{Wire, head};
use crate::world::{COOPERATIVE, World, people};

/// Elements of a chunk that is bulk work: above 32 KiB.
const BULK: usize = 1_100;

struct Stage {
    world: World,
    list: ListId,
}

impl Stage {
    async fn new(limits: &[(&str, i64)]) -> Self {
        let installation = Installation::new();
        for (key, value) in limits {
            installation.configure("limits", key, *value);
        }
        let world = World::of(installation);
        let list = world.list("peminjam-macet").await;
        Self { world, list }
    }

    async fn member(&self, name: &str) -> (Member, ListView) {
        let member = self.world.member(name, &self.list, COOPERATIVE, 1_000_000);
        let member = member.await;
        let view = member.view(&self.world.door(), &self.list).await.unwrap();
        (member, view)
    }

    /// A door that comes back when it is told to.
    fn polite(&self) -> HttpRegistry {
        let options = ClientOptions {
            retry: RetryOptions {
                attempts: 60,
                ..RetryOptions::default()
            },
            ..ClientOptions::default()
        };
        let client = Client::new(options).unwrap();
        HttpRegistry::new(client, &self.world.installation.url())
    }
}

/// One chunk of `count` people evaluated, by a fresh job.
async fn evaluate(
    door: HttpRegistry,
    (member, view): (Member, ListView),
    count: usize,
) -> Result<(), DoorError> {
    let niks = people(u64::from(random_id()[0]), count);
    member.evaluate(&door, &view, &niks).await.map(|_| ())
}

/// Many at once: how many were done, and how each other one was refused.
async fn together(
    door: &HttpRegistry,
    who: &(Member, ListView),
    times: usize,
) -> (usize, Vec<DoorError>) {
    let all: Vec<_> = (0..times)
        .map(|_| tokio::spawn(evaluate(door.clone(), who.clone(), BULK)))
        .collect();
    let mut refused = Vec::new();
    for one in all {
        refused.extend(one.await.unwrap().err());
    }
    (times - refused.len(), refused)
}

fn says_when(refused: &DoorError) -> bool {
    match refused {
        DoorError::Refused { code, detail } => {
            *code == ErrorCode::Overloaded && detail.retry_after_seconds.is_some()
        }
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn load_that_is_shed_says_when_and_comes_back_politely() {
    let stage = Stage::new(&[("bulk_requests", 1)]).await;
    let member = stage.member("ksp-maju").await;
    let (done, refused) = together(&stage.world.door(), &member, 8).await;
    assert!(done >= 1 && !refused.is_empty(), "{done} of 8");
    assert!(refused.iter().all(says_when), "{refused:?}");
    let (done, refused) = together(&stage.polite(), &member, 8).await;
    assert_eq!(done, 8, "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn load_of_one_organisation_leaves_places_to_the_others() {
    let stage = Stage::new(&[("bulk_requests", 64), ("bulk_requests_each", 1)]).await;
    let (greedy, modest) = (
        stage.member("ksp-rakus").await,
        stage.member("ksp-maju").await,
    );
    let door = stage.world.door();
    let all = tokio::spawn({
        let (door, greedy) = (door.clone(), greedy.clone());
        async move { together(&door, &greedy, 8).await }
    });
    // One piece at a time is this one's share, whatever the other brings.
    for _ in 0..3 {
        evaluate(door.clone(), modest.clone(), BULK).await.unwrap();
    }
    let (done, refused) = all.await.unwrap();
    assert!(done >= 1 && !refused.is_empty(), "{done} of 8");
    assert!(refused.iter().all(says_when), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn load_of_slow_senders_takes_no_place() {
    let stage = Stage::new(&[("bulk_requests", 2)]).await;
    let member = stage.member("ksp-maju").await;
    let line = format!(
        "POST {}",
        paths::fill(paths::EVALUATIONS, &[stage.list.as_str()])
    );
    let headers = [("content-type", "application/octet-stream")];
    let head = head(&line, &headers, Some(500_000));
    let mut slow = Vec::new();
    for _ in 0..40 {
        let mut wire = Wire::open(stage.world.installation.address).await;
        wire.write(head.as_bytes()).await.unwrap();
        wire.write(&[7; 100_000]).await.unwrap();
        slow.push(wire);
    }
    let door = stage.world.door();
    for _ in 0..3 {
        evaluate(door.clone(), member.clone(), BULK).await.unwrap();
    }
    // The control: they had not been cut yet, and are within their deadline.
    for wire in slow.drain(..4) {
        assert_eq!(wire.answer().await.unwrap().status, 408);
    }
}

/// Connections that hold what they can and give nothing, a third of each way: a head that does not
/// end, a body that does not come, and many requests at once whose answers nobody reads.
async fn hold_slowly(stage: &Stage, count: usize) -> Vec<Wire> {
    let address = stage.world.installation.address;
    let line = format!(
        "POST {}",
        paths::fill(paths::EVALUATIONS, &[stage.list.as_str()])
    );
    let kind = [("content-type", "application/octet-stream")];
    let unread = format!("GET {} HTTP/1.1\r\nhost: localhost\r\n\r\n", paths::OPENAPI);
    let begun = [
        "GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ".to_owned(),
        head(&line, &kind, Some(30_000)),
        unread.repeat(64),
    ];
    let mut slow = Vec::with_capacity(count);
    for number in 0..count {
        let mut wire = Wire::open(address).await;
        wire.write(begun[number % 3].as_bytes()).await.unwrap();
        slow.push(wire);
    }
    slow
}

#[tokio::test(flavor = "multi_thread")]
async fn load_of_slow_connections_takes_no_officers_place_and_is_cut() {
    let slow_ones = crate::count(450, 2_000);
    let stage = Stage::new(&[("interactive_requests", 2)]).await;
    let officer = stage.member("ksp-maju").await;
    let door = stage.world.door();
    let metric = |name| stage.world.installation.metric(name);
    let before = metric("saring_connections_open").await;
    let slow = hold_slowly(&stage, slow_ones).await;
    // The control: they are there while officers ask.
    let held = metric("saring_connections_open").await - before;
    assert!(
        held > slow_ones as u64 / 2,
        "{held} of {slow_ones} are open"
    );
    for _ in 0..10 {
        // Nobody is told to come back: this door would not.
        evaluate(door.clone(), officer.clone(), 1).await.unwrap();
    }
    let patience = Instant::now() + Duration::from_secs(60);
    while metric("saring_connections_cut_total").await < slow_ones as u64 {
        assert!(Instant::now() < patience, "some are not cut");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    drop(slow);
}

#[tokio::test(flavor = "multi_thread")]
async fn load_of_bulk_leaves_single_checks_their_answers() {
    let stage = Stage::new(&[]).await;
    let (bulk, officer) = (
        stage.member("prakerja").await,
        stage.member("ksp-maju").await,
    );
    let jobs = crate::count(2, 6);
    let running: Vec<_> = (0..jobs)
        .map(|_| {
            let (door, who) = (stage.polite(), bulk.clone());
            tokio::spawn(async move {
                for _ in 0..crate::count(3, 40) {
                    evaluate(door.clone(), who.clone(), 4_096).await.unwrap();
                }
            })
        })
        .collect();
    let door = stage.world.door();
    let mut times = Vec::new();
    while running.iter().any(|job| !job.is_finished()) {
        let began = Instant::now();
        evaluate(door.clone(), officer.clone(), 1).await.unwrap();
        times.push(began.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for job in running {
        job.await.unwrap();
    }
    times.sort_unstable();
    assert!(times.len() > 3, "checks went on beside the job");
    println!(
        "{} checks, median {:?}",
        times.len(),
        times[times.len() / 2]
    );
}
