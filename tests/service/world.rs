//! A registry and its members, in a fresh folder.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use saring::custodian::{CustodianOptions, EmbeddedCustodian, LEDGER_NAME, LedgerLog};
use saring::keys::{KeyFiles, KeyProvider, Sealing};
use saring::protocol::codes::{AmountBand, Collectibility, Purpose, Reason};
use saring::protocol::listing::{Element32, ListingContent};
use saring::protocol::order::{Order, OrderKind};
use saring::protocol::organisation::LegalRecord;
use saring::protocol::submission::SubmissionRow;
use saring::protocol::{
    Clock, ContentDigest, Date, Digest32, Fingerprint, JobId, ListId, OfficerId, OrderId, OrgId,
    PaddingKey, SigningKey, Timestamp,
};
use saring::registry::{Registry, RegistryOptions, RegistryParts};
use saring::store::log::AppendLog;
use saring::store::{Memory, StoreError};

pub(crate) const TODAY: Date = Date(20_500);
pub(crate) const DAY: i64 = 86_400_000;

pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::SeqCst);
    }
    pub(crate) fn advance(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// The real ledger, with a disk that fills at the test's word.
struct FillingLog(AppendLog, Arc<AtomicBool>);

impl LedgerLog for FillingLog {
    fn append_all(&mut self, entries: &[Vec<u8>]) -> Result<(), StoreError> {
        if self.1.load(Ordering::SeqCst) {
            return Err(StoreError::Full);
        }
        self.0.append_all(entries)
    }
}

pub(crate) struct Actor {
    pub(crate) id: OrgId,
    pub(crate) key: SigningKey,
}

impl Actor {
    pub(crate) fn new(id: &str, seed: u8) -> Self {
        Self {
            id: OrgId::parse(id).expect("an id"),
            key: SigningKey::from_bytes([seed; 32]),
        }
    }
}

pub(crate) struct World {
    pub(crate) registry: Arc<Registry<Memory>>,
    pub(crate) custodian: Arc<EmbeddedCustodian>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) operator: Actor,
    pub(crate) ledger_full: Arc<AtomicBool>,
    folder: tempfile::TempDir,
    random: AtomicU64,
}

const REGISTRY_SEED: [u8; 32] = [1; 32];
const CUSTODIAN_SEED: [u8; 32] = [2; 32];

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(TestClock(AtomicI64::new(TODAY.start().0 + DAY / 2)));
        Self::on(Memory::default(), folder, clock).await
    }

    async fn on(store: Memory, folder: tempfile::TempDir, clock: Arc<TestClock>) -> Self {
        let operator = Actor::new("operator", 3);
        let keys = KeyFiles::open(&folder.path().join("keys"), Sealing::Plain).expect("opens");
        let keys: Arc<dyn KeyProvider + Send + Sync> = Arc::new(keys);
        let signing = SigningKey::from_bytes(REGISTRY_SEED);
        let path = folder.path().join("ledger");
        let log_key = Arc::new(SigningKey::from_bytes(CUSTODIAN_SEED));
        let log = match AppendLog::create(&path, LEDGER_NAME, Arc::clone(&log_key)) {
            Err(StoreError::Exists) => AppendLog::open(&path, LEDGER_NAME, log_key),
            made => made,
        };
        let log = log.expect("a ledger");
        let ledger_full = Arc::new(AtomicBool::new(false));
        let entries: Vec<_> = log.entries(0).expect("reads").collect();
        let custodian = EmbeddedCustodian::with_log(
            CustodianOptions {
                registry: signing.public_key(),
                administrator: operator.key.public_key(),
                most_daily_cap: 1_000_000,
            },
            SigningKey::from_bytes(CUSTODIAN_SEED),
            Arc::clone(&keys),
            clock.clone(),
            FillingLog(log, Arc::clone(&ledger_full)),
            entries,
        );
        let custodian = Arc::new(custodian.expect("the custodian starts"));
        let parts = RegistryParts {
            store,
            signing,
            padding: PaddingKey::from_bytes([4; 32]),
            keys,
            evaluator: custodian.clone(),
            holder: custodian.clone(),
            clock: clock.clone(),
            options: RegistryOptions {
                operator: operator.id.clone(),
                operator_key: operator.key.public_key(),
                operator_legal: LegalRecord::default(),
                snapshots: folder.path().join("snapshots"),
            },
        };
        let registry = Registry::open(parts).await.expect("the registry starts");
        Self {
            registry: Arc::new(registry),
            custodian,
            clock,
            operator,
            ledger_full,
            folder,
            random: AtomicU64::new(1),
        }
    }

    /// Ends both processes and starts them again on the same folder, over what `store` makes of the
    /// store they had.
    pub(crate) async fn restart(self, store: impl FnOnce(Memory) -> Memory) -> Self {
        let registry = Arc::into_inner(self.registry).expect("nobody else uses it");
        let held = store(registry.into_store());
        drop(Arc::into_inner(self.custodian).expect("nobody else uses it"));
        let random = self.random;
        Self {
            random,
            ..Self::on(held, self.folder, self.clock).await
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The registry's folder of snapshots.
    pub(crate) fn snapshots(&self) -> std::path::PathBuf {
        self.folder.path().join("snapshots")
    }

    pub(crate) fn audience(&self) -> Fingerprint {
        self.registry.info().fingerprint
    }

    pub(crate) fn random16(&self) -> [u8; 16] {
        let number = self.random.fetch_add(1, Ordering::SeqCst);
        let digest = Digest32::of("test-random", &number.to_le_bytes());
        std::array::from_fn(|at| digest.0[at])
    }

    pub(crate) fn order(&self, by: &Actor, kind: OrderKind, content: &[u8]) -> Order {
        Order {
            kind,
            audience: self.audience(),
            organisation: by.id.clone(),
            officer: OfficerId::parse("petugas-07").expect("an id"),
            list: None,
            record: Digest32([0; 32]),
            purpose: Purpose::Administration,
            job: JobId(self.random16()),
            chunk: 0,
            count: 1,
            content: ContentDigest::of(content),
            id: OrderId(self.random16()),
            created_at: self.now(),
        }
    }

    pub(crate) fn on_list(
        &self,
        by: &Actor,
        kind: OrderKind,
        list: &ListId,
        content: &[u8],
    ) -> Order {
        Order {
            list: Some(list.clone()),
            ..self.order(by, kind, content)
        }
    }
}

pub(crate) fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("serialises")
}

pub(crate) fn debt() -> ListingContent {
    ListingContent {
        reason: Reason::MacetPokok,
        collectibility: Some(Collectibility::Macet),
        plafond_band: Some(AmountBand::From5To25),
        defaulted_on: Date(TODAY.0 - 200),
        expires_on: None,
        evidence: None,
    }
}

pub(crate) fn row(element: Element32, reference: u8) -> SubmissionRow {
    SubmissionRow {
        element,
        reference: Digest32([reference; 32]),
        content: debt(),
        update: false,
    }
}

/// Somebody on a keyed-hash list.
pub(crate) fn somebody(number: u32) -> Element32 {
    Element32(Digest32::of("test-person", &number.to_le_bytes()).0)
}
