//! Every order is carried out once: sent several times at once, its request lost, its reply lost,
//! its number used again for something else.
//!
//! 40 batches of evaluation, submission and removal; `SARING_FULL=1` takes 10,000.

use saring::agent::{DoorError, RegistryDoor};
use saring::nik::Nik;
use saring::nik::synth::SyntheticNiks;
use saring::protocol::codes::RemovalCause;
use saring::protocol::evaluation::{BlindedElements, Evaluated};
use saring::protocol::order::Order;
use saring::protocol::submission::{RemovalOutcome, RowOutcome};
use saring::protocol::{EntryId, ErrorCode, ListId, paths};
use saring::remote::HttpRegistry;

use crate::count;
use crate::member::{ListView, Member, door, random_id, row};
use crate::proxy::{Fault, Proxy};
use crate::wire;
use crate::world::{COOPERATIVE, World};

/// People in a batch: all are listed, the first is withdrawn again.
const BATCH: usize = 3;

struct Line {
    member: Member,
    list: ListId,
    proxy: Proxy,
    /// Through the proxy.
    far: HttpRegistry,
    /// Past the proxy.
    near: HttpRegistry,
    view: ListView,
}

impl Line {
    async fn new(world: &World, quota: u64) -> Self {
        let list = world.list("peminjam-macet").await;
        let member = world.member("ksp-maju", &list, COOPERATIVE, quota).await;
        let proxy = Proxy::before(world.installation.address).await;
        let near = world.door();
        Self {
            view: member.view(&near, &list).await.unwrap(),
            far: door(&proxy.url()),
            member,
            list,
            proxy,
            near,
        }
    }

    /// Calls under a fault, then again until an answer arrives: every answer that arrived.
    async fn insist<T, C>(&self, fault: Fault, call: impl Fn() -> C) -> Vec<T>
    where
        C: Future<Output = Result<T, DoorError>>,
    {
        self.proxy.set(fault);
        let first = call().await;
        self.proxy.set(Fault::None);
        let lost = first.is_err();
        assert_eq!(lost, fault != Fault::None, "{fault:?}: {:?}", first.err());
        let mut answers: Vec<T> = first.into_iter().collect();
        answers.push(call().await.unwrap());
        // Three at once, all of them late.
        let (a, b, c) = tokio::join!(call(), call(), call());
        answers.extend([a.unwrap(), b.unwrap(), c.unwrap()]);
        answers
    }

    async fn evaluate(&self, niks: &[Nik], fault: Fault) -> Vec<[u8; 32]> {
        let seed = [random_id(), random_id()].concat().try_into().unwrap();
        let blinded = Member::blind(&self.view, niks, seed);
        let sent = BlindedElements(blinded.sent().encodings().to_vec());
        let order = self
            .member
            .evaluation(&self.view, &sent)
            .sign(&self.member.key);
        let replies: Vec<Evaluated> = self
            .insist(fault, || self.far.evaluate(&order, &sent))
            .await;
        let opened = |reply: &Evaluated| {
            blinded
                .open(&reply.chain().unwrap(), &self.view.publics)
                .unwrap()
                .to_vec()
        };
        let elements = opened(&replies[0]);
        for reply in &replies {
            assert_eq!(opened(reply), elements);
            assert_eq!(reply.quota.used, replies[0].quota.used);
        }
        self.other_elements_under_this_charge(&order.order).await;
        elements
    }

    /// The same charge key with other elements.
    async fn other_elements_under_this_charge(&self, first: &Order) {
        let niks: Vec<_> = SyntheticNiks::new(9).take(BATCH).collect();
        let blinded = Member::blind(&self.view, &niks, [3; 32]);
        let sent = BlindedElements(blinded.sent().encodings().to_vec());
        let order = Order {
            job: first.job,
            ..self.member.evaluation(&self.view, &sent)
        };
        let order = order.sign(&self.member.key);
        let refused = self.near.evaluate(&order, &sent).await;
        let code = refused.unwrap_err().code();
        assert_eq!(code, Some(ErrorCode::OrderConflict));
    }

    async fn submit(&self, elements: &[[u8; 32]], first: u64, fault: Fault) -> Vec<EntryId> {
        let rows = elements.iter().zip(first..);
        let rows: Vec<_> = rows.map(|(element, n)| row(*element, n)).collect();
        let (order, content) = self.member.submission(&self.view, rows.clone());
        let signed = order.clone().sign(&self.member.key);
        let replies = self
            .insist(fault, || self.far.submit(&signed, &content))
            .await;
        for reply in &replies {
            assert_eq!(reply.rows, replies[0].rows);
        }

        let fewer = rows[1..].to_vec();
        let (other, other_content) = self.member.submission(&self.view, fewer);
        let other = Order {
            id: order.id,
            ..other
        };
        let refused = self
            .near
            .submit(&other.sign(&self.member.key), &other_content)
            .await;
        let code = refused.unwrap_err().code();
        assert_eq!(code, Some(ErrorCode::OrderConflict));
        let refused = self.near.submit(&signed, &other_content).await;
        let code = refused.unwrap_err().code();
        assert_eq!(code, Some(ErrorCode::ContentMismatch));

        let entry = |outcome: &RowOutcome| match outcome {
            RowOutcome::Accepted { entry, .. } => *entry,
            other => panic!("{other:?}"),
        };
        replies[0].rows.iter().map(entry).collect()
    }

    async fn remove(&self, entry: EntryId, fault: Fault) {
        let entries = [entry];
        let cause = RemovalCause::DicabutPelapor;
        let (order, content) = self.member.removal(&self.list, cause, &entries);
        let signed = order.sign(&self.member.key);
        let replies = self
            .insist(fault, || self.far.remove(&signed, &content))
            .await;
        for reply in replies {
            assert_eq!(reply.entries, [RemovalOutcome::Done]);
        }
        let again = self
            .member
            .remove(&self.near, &self.list, cause, &entries)
            .await;
        assert_eq!(again.unwrap().entries, [RemovalOutcome::NotFound]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_once_whatever_is_lost_or_doubled() {
    const FAULTS: [Fault; 4] = [
        Fault::None,
        Fault::LoseRequest,
        Fault::LoseReply,
        Fault::CutReply,
    ];
    let batches = count(40, 10_000);
    // Not one element to spare: a charge made twice would be refused at the end.
    let world = World::new();
    let line = Line::new(&world, (batches * BATCH) as u64).await;
    let mut niks = SyntheticNiks::new(2);
    let mut line = line;
    for batch in 0..batches {
        let niks: Vec<_> = niks.by_ref().take(BATCH).collect();
        let fault = |shift: usize| FAULTS[(batch + shift) % FAULTS.len()];
        let elements = line.evaluate(&niks, fault(0)).await;
        let first = (batch * BATCH) as u64;
        let entries = line.submit(&elements, first, fault(1)).await;
        line.remove(entries[0], fault(2)).await;
        // A list that grows gets finer buckets, and its orders must name the new record.
        line.view = line.member.view(&line.near, &line.list).await.unwrap();
    }
    let own = line.member.own(&line.near, &line.list).await.unwrap();
    assert_eq!(own.len(), batches * (BATCH - 1));
    let quota = line.member.quota(&line.near).await.unwrap();
    let quota = quota[0].quota;
    assert_eq!(quota.used, (batches * BATCH) as u64);
    assert_eq!(quota.used, quota.allowed);
    let over = line
        .member
        .evaluate(&line.near, &line.view, &niks.take(1).collect::<Vec<_>>())
        .await;
    let code = over.err().unwrap().code();
    assert_eq!(code, Some(ErrorCode::QuotaExceeded));
}

/// The statuses that other programs see.
#[tokio::test(flavor = "multi_thread")]
async fn exactly_once_conflicts_have_their_statuses() {
    let world = World::new();
    let line = Line::new(&world, 100).await;
    let niks: Vec<_> = SyntheticNiks::new(3).take(2).collect();
    let (elements, _) = line
        .member
        .evaluate(&line.near, &line.view, &niks)
        .await
        .unwrap();
    let path = paths::fill(paths::SUBMISSIONS, &[line.list.as_str()]);
    let post = async |order: &Order, content: &[u8]| {
        let header = order.clone().sign(&line.member.key).to_header();
        let headers = [
            ("saring-order", header.as_str()),
            ("content-type", "application/json"),
        ];
        let posted = format!("POST {path}");
        let answer = wire::request(world.installation.address, &posted, &headers, content).await;
        answer.unwrap()
    };
    let (order, content) = line
        .member
        .submission(&line.view, vec![row(elements[0], 1)]);
    let (other, other_content) = line
        .member
        .submission(&line.view, vec![row(elements[1], 2)]);
    assert_eq!(post(&order, &content).await.status, 200);
    assert_eq!(post(&order, &content).await.status, 200);
    assert_eq!(post(&order, &other_content).await.status, 400);
    let reused = Order {
        id: order.id,
        ..other
    };
    let answer = post(&reused, &other_content).await;
    assert_eq!(answer.status, 409);
    assert_eq!(answer.problem().as_deref(), Some("order_conflict"));
    assert_eq!(post(&order, b"{\"rows\":[").await.status, 400);
    let bad = b"{\"rows\":[{\"element\":1}]}";
    let (order, _) = line.member.submission(&line.view, vec![]);
    let order = Order {
        content: saring::protocol::ContentDigest::of(bad),
        count: 1,
        ..order
    };
    let answer = post(&order, bad).await;
    assert!([400, 422].contains(&answer.status), "{answer:?}");
    assert_eq!(
        line.member.own(&line.near, &line.list).await.unwrap().len(),
        1
    );
}
