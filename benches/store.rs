//! How fast the durable store is: every write includes its fsyncs, so the disk decides much of it.

mod keyed_list;

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use saring::protocol::limits::ROW_BYTES;
use saring::protocol::listing::{Element32, Person};
use saring::protocol::order::ChargeKey;
use saring::protocol::summary::Reasons;
use saring::protocol::{
    AnswerClass, ContentDigest, Date, Digest32, Epoch, JobId, ListId, Locator, OrderId, OrgId,
    SigningKey, Timestamp,
};
use saring::store::{
    Charge, Decide, Decision, Evidence, PersonChange, RocksOptions, RocksStore, Section, Store,
    View,
};
use tokio::runtime::Runtime;

const PEOPLE: u64 = 100_000;
const BATCH: u64 = 1_000;
const CALLERS: u64 = 64;

static NEXT: AtomicU64 = AtomicU64::new(1);

fn next() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn list() -> ListId {
    ListId::parse("peminjam").expect("a good name")
}

fn view() -> View {
    View::answering(list(), Epoch(1))
}

fn evidence() -> Evidence {
    let mut order = [0; 16];
    order[..8].copy_from_slice(&next().to_le_bytes());
    Evidence {
        organisation: OrgId::parse("kop-satu").expect("a good name"),
        order: OrderId(order),
        content: ContentDigest([1; 64]),
        signed_order: vec![0; 400],
        at: Timestamp(1),
    }
}

fn locator(number: u64) -> Locator {
    Locator(Digest32::of("bench", &number.to_le_bytes()).0)
}

fn person(locator: Locator) -> PersonChange {
    PersonChange {
        locator,
        person: Some(Person {
            element: Element32(locator.0),
            locator,
            listings: Vec::new(),
        }),
        row: Some([locator.0[0]; ROW_BYTES]),
        section: Some(Section {
            class: AnswerClass::Listed,
            reasons: Reasons::default(),
        }),
        due: Some(Timestamp(i64::from(locator.0[1]))),
    }
}

async fn amend(store: &RocksStore, from: u64, count: u64) {
    let locators: Vec<Locator> = (from..from + count).map(locator).collect();
    let changes: Vec<PersonChange> = locators.iter().copied().map(person).collect();
    let decide: Decide = Arc::new(move |_| Decision {
        changes: changes.clone(),
        reply: vec![0; 100],
        ..Decision::default()
    });
    let amended = store.amend(&view(), locators, evidence(), decide).await;
    amended.expect("amends");
}

async fn charge(store: &RocksStore) {
    let evidence = evidence();
    let charge = Charge {
        key: ChargeKey {
            organisation: evidence.organisation,
            list: list(),
            epoch: Epoch(1),
            job: JobId(evidence.order.0),
            chunk: 0,
        },
        content: evidence.content,
        count: 1,
        day: Date(1),
        allowed: u64::MAX,
    };
    store.charge(charge).await.expect("charges");
}

/// `CALLERS` of a thing at once, on a store that they share.
async fn at_once<F, R>(store: &Arc<RocksStore>, one: F)
where
    F: Fn(Arc<RocksStore>) -> R,
    R: Future<Output = ()> + Send + 'static,
{
    let calls: Vec<_> = (0..CALLERS)
        .map(|_| tokio::spawn(one(Arc::clone(store))))
        .collect();
    for call in calls {
        call.await.expect("runs");
    }
}

fn store(runtime: &Runtime, folder: &std::path::Path) -> Arc<RocksStore> {
    let key = Arc::new(SigningKey::from_bytes([9; 32]));
    let store = RocksStore::open(RocksOptions::within(folder, key)).expect("opens");
    runtime.block_on(async {
        let creation = keyed_list::create(list(), &SigningKey::from_bytes([3; 32]));
        let made = store.administer(creation, evidence()).await;
        made.expect("creates");
        for from in (0..PEOPLE).step_by(BATCH as usize) {
            amend(&store, from, BATCH).await;
        }
    });
    Arc::new(store)
}

fn writes(c: &mut Criterion, runtime: &Runtime, store: &Arc<RocksStore>) {
    let mut group = c.benchmark_group("store/write");
    group
        .sample_size(20)
        .throughput(Throughput::Elements(BATCH));
    group.bench_function("amend 1,000 people", |b| {
        b.to_async(runtime)
            .iter(|| amend(store, PEOPLE + next() * BATCH, BATCH));
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("amend 1 person", |b| {
        b.to_async(runtime)
            .iter(|| amend(store, PEOPLE + next() * BATCH, 1));
    });
    group.bench_function("charge", |b| b.to_async(runtime).iter(|| charge(store)));
    group.throughput(Throughput::Elements(CALLERS));
    group.bench_function("charge, 64 at once", |b| {
        b.to_async(runtime)
            .iter(|| at_once(store, |store| async move { charge(&store).await }));
    });
    group.finish();
}

fn reads(c: &mut Criterion, runtime: &Runtime, store: &Arc<RocksStore>) {
    let mut group = c.benchmark_group("store/read");
    group.sample_size(20).throughput(Throughput::Elements(1));
    group.bench_function("bucket of about 390 rows", |b| {
        b.to_async(runtime).iter(|| async {
            let bucket = (next() % 256) as u32;
            black_box(store.bucket(&view(), 8, bucket).await.expect("reads"))
        });
    });
    group.throughput(Throughput::Elements(BATCH));
    group.bench_function("1,000 people", |b| {
        b.to_async(runtime).iter(|| async {
            let at: Vec<_> = (0..BATCH).map(|_| locator(next() * 7 % PEOPLE)).collect();
            black_box(store.people(&view(), &at).await.expect("reads"))
        });
    });
    group.finish();
}

fn store_benches(c: &mut Criterion) {
    let runtime = Runtime::new().expect("starts");
    let folder = tempfile::tempdir().expect("a fresh folder");
    let store = store(&runtime, folder.path());
    reads(c, &runtime, &store);
    writes(c, &runtime, &store);
}

criterion_group!(benches, store_benches);
criterion_main!(benches);
