//! Building a list's snapshot: a store is filled through its own door with synthetic people, and in
//! processes of its own a registry builds, signs and puts on its shelf what clients fetch.
//!
//! `cargo bench --bench snapshot -- [PEOPLE] [--at FOLDER]`, 1,000,000 unless told otherwise, each of
//! them about 200 bytes in FOLDER (the temporary folder) while it runs. One line of JSON for each
//! build.

mod keyed_list;

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use saring::custodian::{CustodianOptions, EmbeddedCustodian, LEDGER_NAME};
use saring::keys::{KeyFiles, KeyProvider, Sealing};
use saring::protocol::codes::{Reason, Role};
use saring::protocol::listing::{Element32, Person};
use saring::protocol::organisation::{Grant, LegalRecord};
use saring::protocol::read::Read;
use saring::protocol::{
    AnswerClass, Clock, ContentDigest, Digest32, Epoch, ErrorCode, ListId, Locator, OrderId, OrgId,
    PaddingKey, SigningKey, SnapshotIndex, Timestamp,
};
use saring::registry::{Registry, RegistryOptions, RegistryParts};
use saring::store::log::AppendLog;
use saring::store::{
    Change, Decide, Decision, Evidence, PersonChange, RocksOptions, RocksStore, Section, Store,
    View,
};

/// People that are written together.
const TOGETHER: u64 = 20_000;
/// Builds of one store, each in a process of its own.
const BUILDS: usize = 3;
const SIGNING: [u8; 32] = [1; 32];
const OPERATOR: [u8; 32] = [3; 32];
/// Of a whole second, because the kernel counts a process's time in this many ticks.
const TICKS: f64 = 100.0;

struct SystemTimes;

impl Clock for SystemTimes {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Timestamp(since.map_or(0, |since| since.as_millis() as i64))
    }
}

fn list() -> ListId {
    ListId::parse("peminjam-macet").expect("an id")
}

fn operator() -> OrgId {
    OrgId::parse("operator").expect("an id")
}

fn view() -> View {
    View::answering(list(), Epoch(1))
}

fn store(folder: &Path) -> RocksStore {
    let key = Arc::new(SigningKey::from_bytes(SIGNING));
    RocksStore::open(RocksOptions::within(&folder.join("store"), key)).expect("opens")
}

/// Evidence of the order of a number.
fn evidence(number: u64) -> Evidence {
    let mut order = [0; 16];
    order[..8].copy_from_slice(&number.to_le_bytes());
    Evidence {
        organisation: operator(),
        order: OrderId(order),
        content: ContentDigest([1; 64]),
        signed_order: vec![0; 400],
        at: SystemTimes.now(),
    }
}

/// Nine of ten are listed, one of ten previously; one of eight for a programme's reason too.
fn person(number: u64) -> PersonChange {
    let locator = Locator(Digest32::of("saring/bench/snapshot", &number.to_le_bytes()).0);
    let class = match number % 10 {
        0 => AnswerClass::Previously,
        _ => AnswerClass::Listed,
    };
    let mut reasons = [Reason::MacetPokok]
        .into_iter()
        .collect::<saring::protocol::Reasons>();
    if number.is_multiple_of(8) {
        reasons.insert(Reason::Asn);
    }
    PersonChange {
        locator,
        person: Some(Person {
            element: Element32(locator.0),
            locator,
            listings: Vec::new(),
        }),
        row: None,
        section: Some(Section { class, reasons }),
        due: None,
    }
}

async fn amend(store: &RocksStore, people: std::ops::Range<u64>) {
    let order = people.start + 1_000;
    let changes: Vec<PersonChange> = people.map(person).collect();
    let locators = changes.iter().map(|change| change.locator).collect();
    let decide: Decide = Arc::new(move |_| Decision {
        changes: changes.clone(),
        ..Decision::default()
    });
    let amended = store
        .amend(&view(), locators, evidence(order), decide)
        .await;
    amended.expect("amends");
}

async fn fill(folder: &Path, people: u64) {
    let store = store(folder);
    let creation = keyed_list::create(list(), &SigningKey::from_bytes(SIGNING));
    let made = store.administer(creation, evidence(1)).await;
    made.expect("creates");
    for start in (0..people).step_by(TOGETHER as usize) {
        amend(&store, start..people.min(start + TOGETHER)).await;
    }
}

async fn registry(folder: &Path) -> Registry<RocksStore> {
    let keys = KeyFiles::open(&folder.join("keys"), Sealing::Plain).expect("opens");
    let keys: Arc<dyn KeyProvider + Send + Sync> = Arc::new(keys);
    let signing = SigningKey::from_bytes(SIGNING);
    let ledger_key = Arc::new(SigningKey::from_bytes([2; 32]));
    let ledger = AppendLog::create(&folder.join("ledger"), LEDGER_NAME, ledger_key);
    let operator_key = SigningKey::from_bytes(OPERATOR).public_key();
    let options = CustodianOptions {
        registry: signing.public_key(),
        administrator: operator_key,
        most_daily_cap: 1,
    };
    let clock = Arc::new(SystemTimes);
    let custodian = EmbeddedCustodian::open(
        options,
        SigningKey::from_bytes([2; 32]),
        Arc::clone(&keys),
        clock.clone(),
        ledger.expect("a ledger"),
    );
    let custodian = Arc::new(custodian.expect("starts"));
    let parts = RegistryParts {
        store: store(folder),
        signing,
        padding: PaddingKey::from_bytes([4; 32]),
        keys,
        evaluator: custodian.clone(),
        holder: custodian,
        clock,
        options: RegistryOptions {
            operator: operator(),
            operator_key,
            operator_legal: LegalRecord::default(),
            snapshots: folder.join("snapshots"),
        },
    };
    let registry = Registry::open(parts).await.expect("starts");
    let grant = Grant {
        organisation: operator(),
        list: list(),
        roles: vec![Role::Screen],
        daily_quota: 1,
    };
    let granted = registry
        .store()
        .administer(Change::Grant(grant), evidence(2));
    granted.await.expect("grants");
    registry
}

/// Asks for the snapshot as a member does; none while it is to be built.
async fn index(registry: &Registry<RocksStore>) -> Option<SnapshotIndex> {
    let read = Read {
        audience: registry.info().fingerprint,
        organisation: operator(),
        method: "GET".to_owned(),
        path: "/".to_owned(),
        body: ContentDigest::of(b""),
        created_at: SystemTimes.now(),
        nonce: evidence(
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |t| t.as_nanos() as u64),
        )
        .order,
    };
    let read = read.sign(&SigningKey::from_bytes(OPERATOR));
    let member = registry
        .authenticate_read(&read, "GET", "/", &ContentDigest::of(b""))
        .await
        .expect("a member");
    match registry.snapshot(&member, &list(), Epoch(1)).await {
        Ok(served) => Some(SnapshotIndex::from_bytes(&served.body).expect("an index")),
        Err(refusal) if refusal.code == ErrorCode::SnapshotPending => None,
        Err(refusal) => panic!("refused: {}", refusal.code.as_str()),
    }
}

async fn build(folder: &Path) -> Result<(), Box<dyn Error>> {
    let registry = registry(folder).await;
    let (began, spent) = (Instant::now(), cpu_seconds()?);
    let index = match index(&registry).await {
        Some(index) => index,
        None => {
            registry.keep_snapshots().await.expect("builds");
            index(&registry).await.expect("was built")
        }
    };
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), cpu_seconds()? - spent);
    writeln!(
        std::io::stdout().lock(),
        "{{\"keys\":{},\"seconds\":{seconds:.2},\"cpu_seconds\":{cpu:.2},\
         \"peak_rss_bytes\":{},\"keys_per_second\":{:.0}}}",
        index.keys(),
        peak_rss()?,
        index.keys() as f64 / seconds
    )?;
    Ok(())
}

/// Seconds of all threads of this process, its own and the kernel's for it.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, after) = stat.rsplit_once(')').ok_or("no name")?;
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
    Ok(ticks / TICKS)
}

fn peak_rss() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    Ok(kib.ok_or("no peak")?.parse::<u64>()? * 1024)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let (mut people, mut at, mut building) = (1_000_000, std::env::temp_dir(), None);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--at" => at = words.next().map(PathBuf::from).ok_or("--at FOLDER")?,
            "--build" => building = words.next().map(PathBuf::from),
            word => people = word.parse().unwrap_or(people),
        }
    }
    let runtime = tokio::runtime::Runtime::new()?;
    if let Some(folder) = building {
        return runtime.block_on(build(&folder));
    }
    let folder = tempfile::tempdir_in(at)?;
    let began = Instant::now();
    runtime.block_on(fill(folder.path(), people));
    writeln!(
        std::io::stderr().lock(),
        "{people} people written in {:.1} s",
        began.elapsed().as_secs_f64()
    )?;
    for _ in 0..BUILDS {
        let mut own = Command::new(std::env::current_exe()?);
        let ended = own.arg("--build").arg(folder.path()).status()?;
        ended.success().then_some(()).ok_or("the build failed")?;
        // What was built stands, and would be found.
        std::fs::remove_dir_all(folder.path().join("snapshots"))?;
        std::fs::remove_file(folder.path().join("ledger"))?;
    }
    Ok(())
}
