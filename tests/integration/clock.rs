//! A wrong clock refuses and waits; it decides nothing. The server runs in this process, by a
//! clock that the test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use saring::agent::DoorError;
use saring::app::clock::SystemClock;
use saring::app::config::Config;
use saring::app::{Listeners, RunError, run_by};
use saring::protocol::codes::{ListingStatus, RemovalCause};
use saring::protocol::order::Order;
use saring::protocol::policy::ListPolicy;
use saring::protocol::submission::RowOutcome;
use saring::protocol::time::{DAY, MINUTE, SECOND};
use saring::protocol::{AnswerClass, Clock, Date, EntryId, ErrorCode, ListId, Timestamp, paths};
use saring::remote::HttpRegistry;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::installation::Installation;
use crate::member::{ListView, Member, now, row};
use crate::wire;
use crate::world::{COOPERATIVE, World, officer, operator, people};

const YEAR: i64 = 365 * DAY;
/// Longer than the server's pause between two passes of expiry, twice.
const PASSES: Duration = Duration::from_millis(2_500);

/// The machine's clock, moved.
struct Moved(AtomicI64);

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(self.0.load(Ordering::SeqCst))
    }
}

/// A server in this process.
struct Inside {
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), RunError>>,
}

/// A registry by a clock that moves, with one person listed for 100 days.
struct Scene {
    world: World<Inside>,
    clock: Arc<Moved>,
    member: Member,
    list: ListId,
    view: ListView,
    elements: Vec<[u8; 32]>,
    entry: EntryId,
}

impl Scene {
    async fn new() -> Self {
        let installation = Installation::new();
        installation.configure("expiry", "interval_seconds", 1);
        let clock = Arc::new(Moved(AtomicI64::new(0)));
        let world = World {
            server: inside(&installation, Arc::clone(&clock)).await,
            operator: operator(&installation, Arc::clone(&clock) as _),
            installation,
        };
        let policy = ListPolicy {
            listed_days: 100,
            look_back_days: 100,
            ..ListPolicy::default()
        };
        let list = world.list_with("peminjam-macet", policy).await;
        let member = world.member("ksp-maju", &list, COOPERATIVE, 1_000).await;
        let door = world.door();
        let view = member.view(&door, &list).await.unwrap();
        let (elements, _) = member.evaluate(&door, &view, &people(9, 4)).await.unwrap();
        let mut scene = Self {
            world,
            clock,
            member,
            list,
            view,
            elements,
            entry: EntryId([0; 16]),
        };
        scene.entry = scene.submit(0).await.unwrap();
        scene
    }

    fn door(&self) -> HttpRegistry {
        self.world.door()
    }

    /// Moves the server's clock, and its member's with it.
    fn set(&mut self, ahead: i64) {
        self.clock.0.store(ahead, Ordering::SeqCst);
        self.member.ahead = ahead;
    }

    async fn submit(&self, person: usize) -> Result<EntryId, DoorError> {
        let mut row = row(self.elements[person], person as u64);
        // Long ago by any of the clocks here.
        row.content.defaulted_on = Date(now().date().0 - 1_000);
        let reply = self
            .member
            .submit(&self.door(), &self.view, vec![row])
            .await?;
        match reply.rows[0] {
            RowOutcome::Accepted { entry, .. } => Ok(entry),
            outcome => panic!("{outcome:?}"),
        }
    }

    async fn class(&self, person: usize) -> AnswerClass {
        let door = self.door();
        let elements = &self.elements[person..=person];
        let shown = self.member.look_up(&door, &self.view, elements).await;
        shown.unwrap()[0]
    }

    /// The statuses of the member's own entries, as they are stored.
    async fn stored(&self) -> Vec<ListingStatus> {
        let own = self.member.own(&self.door(), &self.list).await.unwrap();
        own.iter().map(|entry| entry.status).collect()
    }

    /// Whether readiness comes to answer `status`: an examination is good for a second.
    async fn readiness_becomes(&self, status: u16) -> bool {
        let line = format!("GET {}", paths::READY);
        let address = self.world.installation.address;
        for _ in 0..50 {
            let answer = wire::request(address, &line, &[], b"").await.unwrap();
            if answer.status == status {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        false
    }

    async fn end(self) {
        self.world.server.stop.send(()).unwrap();
        self.world.server.serving.await.unwrap().unwrap();
    }
}

async fn inside(installation: &Installation, clock: Arc<Moved>) -> Inside {
    let config = Config::load(&installation.config()).unwrap();
    let listeners = Listeners::bind(&config).await.unwrap();
    let (stop, stopped) = oneshot::channel();
    let (tell, told) = oneshot::channel();
    let serving = tokio::spawn(async move {
        let ready = move |_: &_| tell.send(()).unwrap();
        let shutdown = async {
            let _dropped = stopped.await;
        };
        run_by(&config, clock, listeners, ready, shutdown).await
    });
    told.await.unwrap();
    Inside { stop, serving }
}

/// Orders that are minutes or years off are refused, and told the server's time.
#[tokio::test(flavor = "multi_thread")]
async fn clock_of_a_member_that_is_wrong_is_told_the_time() {
    let scene = Scene::new().await;
    let door = scene.door();
    for off in [-YEAR, -6 * MINUTE, 6 * MINUTE, YEAR] {
        let mut wrong = scene.member.clone();
        wrong.ahead = off;
        let refused = wrong.evaluate(&door, &scene.view, &people(9, 1)).await;
        let told = match refused.err().unwrap() {
            DoorError::Refused {
                code: ErrorCode::StaleOrder,
                detail,
            } => detail.server_time.unwrap(),
            fault => panic!("{off} ms: {fault:?}"),
        };
        assert!(told.since(now()).abs() < 30 * SECOND, "{off} ms: {told:?}");
        let removal = wrong
            .remove(
                &door,
                &scene.list,
                RemovalCause::DicabutPelapor,
                &[scene.entry],
            )
            .await;
        assert_eq!(removal.unwrap_err().code(), Some(ErrorCode::StaleOrder));
        wrong.ahead = told.since(now());
        wrong
            .evaluate(&door, &scene.view, &people(9, 1))
            .await
            .unwrap();
    }
    for off in [-4 * MINUTE, 4 * MINUTE] {
        let mut near = scene.member.clone();
        near.ahead = off;
        near.evaluate(&door, &scene.view, &people(9, 1))
            .await
            .unwrap();
    }
    scene.end().await;
}

/// A server whose clock leaps a year ahead ends nobody's listing, says that it is not ready, and
/// finds everything as it was when the clock is right again.
#[tokio::test(flavor = "multi_thread")]
async fn clock_that_leaps_ends_no_listing() {
    let mut scene = Scene::new().await;
    assert_eq!(scene.class(0).await, AnswerClass::Listed);
    for ahead in [YEAR, 90 * DAY, 150 * DAY, 2 * DAY] {
        scene.set(ahead);
        tokio::time::sleep(PASSES).await;
        assert_eq!(
            scene.stored().await,
            [ListingStatus::Active],
            "{ahead} ms ahead"
        );
        assert!(scene.readiness_becomes(503).await, "{ahead} ms ahead");
        scene.set(0);
        assert_eq!(
            scene.class(0).await,
            AnswerClass::Listed,
            "after {ahead} ms"
        );
        assert!(scene.readiness_becomes(200).await);
    }
    for ahead in [5 * MINUTE, -5 * MINUTE] {
        scene.set(ahead);
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        assert!(scene.readiness_becomes(200).await, "{ahead} ms ahead");
        assert_eq!(scene.class(0).await, AnswerClass::Listed);
    }
    scene.set(0);

    // The control: the very pass that held back ends the listing once the operator says so.
    scene.set(150 * DAY);
    scene.world.operator.accept_clock(&officer()).await.unwrap();
    tokio::time::sleep(PASSES).await;
    assert_eq!(scene.stored().await, [ListingStatus::Previously]);
    assert!(scene.readiness_becomes(200).await);
    scene.end().await;
}

/// What was done later stands, whatever the clock said: changes are ordered by their sequence.
#[tokio::test(flavor = "multi_thread")]
async fn clock_that_goes_back_orders_nothing() {
    for behind in [5 * MINUTE, DAY, YEAR] {
        let mut scene = Scene::new().await;
        let second = scene.submit(1).await.unwrap();
        scene.set(-behind);
        let door = scene.door();
        let removed = scene
            .member
            .remove(&door, &scene.list, RemovalCause::Lunas, &[second])
            .await;
        // A removal is never held up by a clock.
        let settled = removed.unwrap().receipt.receipt;
        let listed = scene.submit(2).await;
        scene.set(0);
        assert_eq!(
            scene.class(1).await,
            AnswerClass::Previously,
            "{behind} ms behind"
        );
        assert_eq!(scene.class(0).await, AnswerClass::Listed);
        // A listing is dated by the clock of its day: one that was a year behind shortens it.
        let expected = if listed.is_ok() && behind < YEAR {
            AnswerClass::Listed
        } else {
            AnswerClass::NotListed
        };
        assert_eq!(scene.class(2).await, expected, "{listed:?}");
        let cause = RemovalCause::DicabutPelapor;
        let (order, content) = scene.member.removal(&scene.list, cause, &[scene.entry]);
        let order = Order {
            created_at: now().plus(-4 * MINUTE),
            ..order
        };
        let signed = order.sign(&scene.member.key);
        let reply = saring::agent::RegistryDoor::remove(&door, &signed, &content).await;
        let later = reply.unwrap().receipt.receipt;
        assert!(
            later.sequence > settled.sequence,
            "{later:?} after {settled:?}"
        );
        assert_eq!(scene.class(0).await, AnswerClass::NotListed);
        scene.end().await;
    }
}
