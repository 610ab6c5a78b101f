//! The service over loopback: a registry on RocksDB with the embedded custodian behind its own
//! HTTP server, and an agent that verifies everything. Inputs are seeded.
//!
//! The disk's own fsync is measured in the same run, because a single check waits for two of them.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use saring::agent::{Acting, Agent, Home, SubmitOptions, Unwatched, key_folder};
use saring::app::clock::SystemClock;
use saring::app::config::Config;
use saring::app::{InitOptions, Initialised, Listeners, init, run};
use saring::keys::{KeyFiles, Sealing};
use saring::net::{Client, ClientOptions};
use saring::nik::Nik;
use saring::nik::synth::SyntheticNiks;
use saring::protocol::codes::{Purpose, Role};
use saring::protocol::organisation::{Admit, CreateList, Grant};
use saring::protocol::policy::ListPolicy;
use saring::protocol::{ListId, ListKind, OfficerId, OrgId};
use saring::remote::HttpRegistry;
use tokio::runtime::Runtime;

/// People on the list before anything is measured.
const LISTED: usize = 10_000;
/// Rows of the measured uploads: less than a chunk, and ten chunks, of which several are under way.
const UPLOADED: [usize; 2] = [2_000, 100_000];
/// People of the measured check of many.
const CHECKED: usize = 64;

/// A served registry and one member, the operator itself.
struct Service {
    folder: tempfile::TempDir,
    runtime: Runtime,
    agent: Agent<HttpRegistry>,
    list: ListId,
    officer: OfficerId,
    people: RefCell<SyntheticNiks>,
}

impl Service {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let operator = OrgId::parse("operator").expect("an id");
        let loopback = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let options = InitOptions {
            address: loopback,
            admin_address: loopback,
            ..InitOptions::new(operator.clone())
        };
        let made = init(&folder.path().join("registry"), &options).expect("a new folder");
        let address = serve(&made.config_file);
        let keys = KeyFiles::open(&key_folder(&made.operator_home), Sealing::Plain);
        let keys = Box::new(keys.expect("the operator's keys"));
        let home = Home::open(&made.operator_home, keys).expect("the operator's home");
        let client = Client::new(ClientOptions::default()).expect("a client");
        let door = HttpRegistry::new(client, &format!("http://{address}"));
        let service = Self {
            folder,
            runtime: Runtime::new().expect("a runtime"),
            agent: Agent::new(home, door, Arc::new(SystemClock)),
            list: ListId::parse("peminjam-macet").expect("an id"),
            officer: OfficerId::parse("bench").expect("an id"),
            people: RefCell::new(SyntheticNiks::new(1)),
        };
        service.set_up(&made, operator);
        service
    }

    fn set_up(&self, made: &Initialised, organisation: OrgId) {
        let wanted = CreateList {
            list: self.list.clone(),
            kind: ListKind::OprfNik,
            hash_key: None,
            policy: ListPolicy::default(),
            epoch_days: 60,
            daily_cap: u64::MAX >> 1,
        };
        let grant = Grant {
            organisation: organisation.clone(),
            list: self.list.clone(),
            roles: vec![Role::Contribute, Role::Check],
            daily_quota: u64::MAX >> 1,
        };
        let admit = Admit {
            organisation,
            key: made.operator,
            list: self.list.clone(),
            daily_quota: u64::MAX >> 1,
        };
        let (agent, officer) = (&self.agent, &self.officer);
        self.runtime.block_on(async {
            agent.create_list(&wanted, officer).await.expect("a list");
            agent.grant(&grant, officer).await.expect("a grant");
            let admitted = agent.admit_to_roll(made.custodian, &admit, officer).await;
            admitted.expect("on the roll");
        });
    }

    /// A file of `count` people not listed before.
    fn file(&self, count: usize) -> PathBuf {
        let mut text =
            String::from("nik,kolektibilitas,kode_alasan,plafond_band,tgl_macet,no_ref_internal\n");
        for nik in self.people.borrow_mut().by_ref().take(count) {
            let digits = std::str::from_utf8(nik.expose()).expect("digits");
            let row = writeln!(
                text,
                "{digits},5,MACET_POKOK,<5,2026-01-15,R-{}",
                &digits[10..]
            );
            row.expect("memory");
        }
        let (mut file, path) = tempfile::Builder::new()
            .suffix(".csv")
            .tempfile_in(&self.folder)
            .and_then(|file| Ok(file.keep()?))
            .expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        path
    }

    fn submit(&self, file: &Path) {
        let mut watcher = Unwatched;
        let upload = self.agent.submit(
            &self.list,
            file,
            SubmitOptions::default(),
            &self.officer,
            &mut watcher,
        );
        black_box(self.runtime.block_on(upload).expect("accepted"));
        std::fs::remove_file(file).expect("removed");
    }

    fn check(&self, people: Vec<Nik>) {
        let acting = Acting {
            officer: self.officer.clone(),
            purpose: Purpose::CreditApplication,
        };
        let people: Vec<_> = people.into_iter().map(Ok).collect();
        let lists = [self.list.clone()];
        let checked = self
            .runtime
            .block_on(self.agent.check(&people, &lists, &acting));
        for result in black_box(checked.expect("checked")) {
            assert!(result.reason.is_none(), "unavailable: {:?}", result.reason);
        }
    }
}

/// Serves the registry of a configuration from threads of its own until the process ends.
fn serve(config: &Path) -> SocketAddr {
    let config = Config::load(config).expect("a configuration");
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let listeners = Listeners::bind(&config).await.expect("listening");
            let ready = move |addresses: &saring::app::Addresses| {
                tell.send(addresses.listening).expect("awaited");
            };
            run(&config, listeners, ready, std::future::pending())
                .await
                .expect("served");
        });
    });
    told.recv().expect("ready")
}

fn fsync(criterion: &mut Criterion) {
    let mut file = tempfile::tempfile().expect("a file");
    criterion.bench_function("disk/append 4 KiB and fsync", |bencher| {
        bencher.iter(|| {
            file.write_all(&[0; 4096]).expect("written");
            file.sync_data().expect("synced");
        });
    });
}

fn service(criterion: &mut Criterion) {
    let service = Service::new();
    let first = service.file(LISTED);
    service.submit(&first);
    let mut applicants = SyntheticNiks::new(2);

    let mut group = criterion.benchmark_group("service");
    group.sample_size(20);
    group.throughput(Throughput::Elements(1));
    group.bench_function("check one applicant", |bencher| {
        bencher.iter_batched(
            || applicants.by_ref().take(1).collect(),
            |people| service.check(people),
            BatchSize::PerIteration,
        );
    });
    group.throughput(Throughput::Elements(CHECKED as u64));
    group.bench_function("check 64 applicants", |bencher| {
        bencher.iter_batched(
            || applicants.by_ref().take(CHECKED).collect(),
            |people| service.check(people),
            BatchSize::PerIteration,
        );
    });
    group.sample_size(10);
    for rows in UPLOADED {
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_function(format!("upload {rows} borrowers, durable"), |bencher| {
            bencher.iter_batched(
                || service.file(rows),
                |file| service.submit(&file),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, fsync, service);
criterion_main!(benches);
