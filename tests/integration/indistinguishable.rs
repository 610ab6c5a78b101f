//! Whoever watches the line or serves the requests sees the same of a check whatever its answer:
//! the same requests and replies of the same lengths, and times that no classifier tells apart.
//!
//! 100 checks of each kind, in an order that is drawn anew each round so that whatever drifts
//! drifts for all; `SARING_FULL=1` takes 100,000, `SARING_CHECKS` as many as it says. With `TMPDIR`
//! in memory no disk blurs the times, so that less of a difference is enough.

use std::time::{Duration, Instant};

use saring::agent::{Acting, Agent};
use saring::nik::Nik;
use saring::protocol::codes::{Purpose, RemovalCause};
use saring::protocol::{Answer, Digest32, EntryId, ListId, OfficerId};
use saring::remote::HttpRegistry;

use crate::member::{Member, random_id, row};
use crate::proxy::{Plant, Proxy, Turn};
use crate::statistics::{separation, separation_bar};
use crate::unlinkable::joined;
use crate::world::{COOPERATIVE, World, people};

/// People of each kind; with them the list has four buckets.
const EACH: usize = 300;

/// What a check may find, and the answer to it.
const KINDS: [(&str, Answer); 4] = [
    ("listed", Answer::Listed),
    ("absent", Answer::NotListed),
    ("previously", Answer::Previously),
    ("suspended", Answer::NotListed),
];

/// What was seen of the checks of one kind.
#[derive(Default)]
struct Seen {
    /// Every sequence of lengths, asked and answered in turn.
    lengths: Vec<Vec<usize>>,
    /// Evaluation, pause before the bucket is asked for, bucket, all of it: seconds a check.
    times: [Vec<f64>; 4],
}

const TIMES: [&str; 4] = ["evaluation", "pause", "bucket", "whole"];

/// A registry remembers 131,072 reads of an organisation for ten minutes, and tells whoever reads more
/// to come back: more checks of each kind than this keep a pace, a round every 20 ms.
const UNPACED: usize = 25_000;
const PACE: Duration = Duration::from_millis(20);

struct Stage {
    world: World,
    proxy: Proxy,
    agent: Agent<HttpRegistry>,
    list: ListId,
    /// By kind.
    people: Vec<Vec<Nik>>,
}

impl Stage {
    async fn new() -> Self {
        let world = World::new();
        let list = world.list("peminjam-macet").await;
        let contributor = world.member("ksp-lain", &list, COOPERATIVE, 100_000).await;
        let niks = people(21, KINDS.len() * EACH);
        let people: Vec<Vec<Nik>> = niks.chunks(EACH).map(<[Nik]>::to_vec).collect();
        fill(&world, &contributor, &list, &people).await;
        let proxy = Proxy::before(world.installation.address).await;
        let agent = joined(&world, &proxy, &list, COOPERATIVE, 1_000_000).await;
        let stage = Self {
            world,
            proxy,
            agent,
            list,
            people,
        };
        // The record is pinned and the connection is open before anything is compared.
        stage.check(0, 0).await;
        stage
    }

    /// One check of a person of a kind, and what passed.
    async fn check(&self, kind: usize, number: usize) -> Vec<Turn> {
        self.proxy.take_turns();
        self.proxy.take_said();
        let acting = Acting {
            officer: OfficerId::parse("petugas-1").unwrap(),
            purpose: Purpose::CreditApplication,
        };
        let person = &self.people[kind][number % EACH];
        let asked = [Nik::parse_bytes(person.expose())];
        let lists = [self.list.clone()];
        let answers = self.agent.check(&asked, &lists, &acting).await.unwrap();
        let (name, expected) = KINDS[kind];
        assert_eq!(answers[0].answer, expected, "{name}: {:?}", answers[0]);
        self.proxy.take_turns()
    }

    /// `count` checks of each kind; `plant` says what the proxy adds for a kind.
    async fn watch(&self, count: usize, plant: impl Fn(usize) -> Option<Plant>) -> Vec<Seen> {
        let mut seen: Vec<Seen> = KINDS.iter().map(|_| Seen::default()).collect();
        let began = Instant::now();
        for round in 0..count {
            if count > UNPACED {
                let due = began + PACE * u32::try_from(round).unwrap();
                tokio::time::sleep_until(due.into()).await;
            }
            for kind in shuffled(KINDS.len()) {
                self.proxy.plant(plant(kind));
                let turns = self.check(kind, round).await;
                self.proxy.plant(None);
                seen[kind].take(&turns);
            }
        }
        seen
    }
}

impl Seen {
    fn take(&mut self, turns: &[Turn]) {
        let lengths = turns.iter().map(|turn| turn.bytes).collect();
        if !self.lengths.contains(&lengths) {
            self.lengths.push(lengths);
        }
        let [asked, evaluated, fetching, fetched] = turns else {
            panic!("a check is two questions and two answers: {turns:?}");
        };
        let times = [
            evaluated.last - asked.last,
            fetching.first - evaluated.last,
            fetched.last - fetching.last,
            fetched.last - asked.first,
        ];
        for (all, time) in self.times.iter_mut().zip(times) {
            all.push(time.as_secs_f64());
        }
    }
}

/// Lists three kinds of people, settles one, suspends one.
async fn fill(world: &World, contributor: &Member, list: &ListId, people: &[Vec<Nik>]) {
    let door = world.door();
    let view = contributor.view(&door, list).await.unwrap();
    let listed: Vec<Nik> = [&people[0][..], &people[2], &people[3]].concat();
    let evaluated = contributor.evaluate(&door, &view, &listed).await;
    let (elements, _) = evaluated.unwrap();
    let rows = elements.iter().zip(0..);
    let rows = rows.map(|(element, at)| row(*element, at)).collect();
    contributor.submit(&door, &view, rows).await.unwrap();
    let own = contributor.own(&door, list).await.unwrap();
    let entries = |from: usize| -> Vec<EntryId> {
        let of = |at: usize| Digest32::of("saring/test/reference", &(at as u64).to_le_bytes());
        let references: Vec<Digest32> = (from..from + EACH).map(of).collect();
        let mine = own.iter().filter(|own| references.contains(&own.reference));
        mine.map(|own| own.entry).collect()
    };
    for (from, cause) in [
        (EACH, RemovalCause::Lunas),
        (2 * EACH, RemovalCause::Sanggahan),
    ] {
        let removed = contributor.remove(&door, list, cause, &entries(from)).await;
        assert_eq!(removed.unwrap().entries.len(), EACH);
    }
}

/// 0..count in a random order.
fn shuffled(count: usize) -> Vec<usize> {
    let mut order: Vec<(u8, usize)> = random_id().into_iter().zip(0..count).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, kind)| kind).collect()
}

/// What tells two kinds apart: lengths that differ, and times whose separation passes the bar.
fn differences(seen: &[Seen]) -> Vec<String> {
    let mut found = Vec::new();
    for (left, right) in (0..seen.len()).flat_map(|a| (0..a).map(move |b| (a, b))) {
        let names = format!("{} and {}", KINDS[left].0, KINDS[right].0);
        let (left, right) = (&seen[left], &seen[right]);
        if left.lengths != right.lengths || left.lengths.len() != 1 {
            let lengths = (&left.lengths, &right.lengths);
            found.push(format!("{names}: lengths {lengths:?}"));
        }
        for (what, (left, right)) in TIMES.iter().zip(left.times.iter().zip(&right.times)) {
            let area = separation(left, right);
            if area > separation_bar(left.len()) {
                found.push(format!("{names}: {what} {area:.4}"));
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn indistinguishable_by_length_and_time() {
    let stage = Stage::new().await;
    let count = crate::count(100, 100_000) as u64;
    let count = crate::number("SARING_CHECKS", count) as usize;
    let seen = stage.watch(count, |_| None).await;
    println!("bar {:.4}", separation_bar(count));
    for kinds in [(0, 1), (2, 1), (3, 1)] {
        let (left, right) = (&seen[kinds.0], &seen[kinds.1]);
        let pairs = left.times.iter().zip(&right.times);
        let areas: Vec<_> = pairs
            .map(|(a, b)| format!("{:.4}", separation(a, b)))
            .collect();
        println!("{} and {}: {areas:?}", KINDS[kinds.0].0, KINDS[kinds.1].0);
    }
    assert_eq!(differences(&seen), Vec::<String>::new());
}

/// Several people at once: whoever is listed among them changes neither number nor lengths.
#[tokio::test(flavor = "multi_thread")]
async fn indistinguishable_in_company() {
    let stage = Stage::new().await;
    let acting = Acting {
        officer: OfficerId::parse("petugas-1").unwrap(),
        purpose: Purpose::CreditApplication,
    };
    let mut lengths = Vec::new();
    for kinds in [[0, 0, 0], [1, 1, 1], [2, 3, 1], [1, 3, 0]] {
        let people = kinds.iter().enumerate();
        let people = people.map(|(at, &kind)| Nik::parse_bytes(stage.people[kind][at].expose()));
        let people: Vec<_> = people.collect();
        stage.proxy.take_turns();
        let lists = [stage.list.clone()];
        let answers = stage.agent.check(&people, &lists, &acting).await.unwrap();
        for (answer, kind) in answers.iter().zip(kinds) {
            assert_eq!(answer.answer, KINDS[kind].1);
        }
        let turns = stage.proxy.take_turns();
        lengths.push(turns.iter().map(|turn| turn.bytes).collect::<Vec<_>>());
    }
    assert_eq!(lengths[0].len(), 2 * (1 + 3));
    assert!(lengths.iter().all(|one| *one == lengths[0]), "{lengths:?}");
}

/// The controls: a server path that is later, or longer, for one kind is found.
#[tokio::test(flavor = "multi_thread")]
async fn indistinguishable_control_a_planted_difference_is_found() {
    let stage = Stage::new().await;
    // Twice as long as the slowest bucket so far, so that a busy machine does not drown it.
    let calm = stage.watch(5, |_| None).await;
    let buckets = calm.iter().flat_map(|seen| &seen.times[2]);
    let slowest = buckets.fold(0.005, |slowest: f64, time| slowest.max(*time));
    let delay = Duration::from_secs_f64(2.0 * slowest);
    let late = |kind| (kind == 0).then_some(Plant::Delay(delay));
    let found = differences(&stage.watch(30, late).await);
    for other in ["absent", "previously", "suspended"] {
        let both = |line: &String| line.contains("listed") && line.contains(other);
        let times = found
            .iter()
            .filter(|line| both(line) && line.contains("bucket "));
        assert_eq!(times.count(), 1, "{other}: {found:?}");
    }
    let long = |kind| (kind == 3).then_some(Plant::Header);
    let found = differences(&stage.watch(2, long).await);
    let lengths = found.iter().filter(|line| line.contains("lengths"));
    assert_eq!(lengths.count(), 3, "{found:?}");
    drop(stage.world);
}
