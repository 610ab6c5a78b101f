//! A registry with its durable store, started, asked, stopped, backed up and restored.
#![cfg(feature = "rocks")]

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;
use crate::app::clock::SystemClock;
use crate::app::doctor::{Grade, doctor};
use crate::app::{InitOptions, backup, init, restore};
use crate::net::{Call, Client, ClientOptions};
use crate::protocol::organisation::RegistryInfo;
use crate::protocol::{Clock, OrgId, paths};
use crate::store::StoreError;
use crate::texts::Lang;

struct Running {
    addresses: Addresses,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), RunError>>,
}

impl Running {
    async fn start(config: &Config) -> Result<Self, RunError> {
        let listeners = Listeners::bind(config).await?;
        let (stop, stopped) = oneshot::channel::<()>();
        let (told, ready) = oneshot::channel();
        let config = config.clone();
        let ended = tokio::spawn(async move {
            let tell = |addresses: &Addresses| {
                let _ = told.send(*addresses);
            };
            let stopped = async {
                let _ = stopped.await;
            };
            run(&config, listeners, tell, stopped).await
        });
        match ready.await {
            Ok(addresses) => Ok(Self {
                addresses,
                stop,
                ended,
            }),
            Err(_) => Err(ended
                .await
                .expect("no panic")
                .expect_err("ended without being ready")),
        }
    }

    async fn stop(self) {
        self.stop.send(()).expect("still running");
        self.ended.await.expect("no panic").expect("ends well");
    }
}

async fn get(address: SocketAddr, path: &str) -> bytes::Bytes {
    let client = Client::new(ClientOptions::default()).expect("a client");
    let call = Call::get(&format!("http://{address}{path}")).expect("a call");
    client.call(call).await.expect("an answer").body
}

fn set_up(folder: &Path) -> (std::path::PathBuf, Config) {
    let options = InitOptions {
        address: Some(([127, 0, 0, 1], 0).into()),
        admin_address: Some(([127, 0, 0, 1], 0).into()),
        ..InitOptions::new(OrgId::parse("operator").expect("an id"))
    };
    let made = init(folder, &options).expect("sets up");
    let config = Config::load(&made.config_file).expect("loads");
    (made.config_file, config)
}

async fn grade(config_file: &Path, code: &str) -> Option<Grade> {
    let findings = doctor(config_file, &SystemClock).await;
    let found = findings.iter().find(|finding| finding.code == code);
    found.map(|finding| finding.grade)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_serves_stops_and_serves_again() {
    let parent = tempfile::tempdir().expect("a folder");
    let (config_file, config) = set_up(&parent.path().join("registry"));
    let running = Running::start(&config).await.expect("starts");
    let addresses = running.addresses;
    assert!(addresses.listening.port() > 0 && addresses.admin.port() > 0);
    let info = get(addresses.listening, paths::REGISTRY).await;
    let info: RegistryInfo = serde_json::from_slice(&info).expect("reads");
    assert_eq!(info.trust, "1 of 1: trusts the operator");
    let metrics = get(addresses.admin, paths::METRICS).await;
    assert!(metrics.starts_with(b"# HELP"));

    // Its store is its own while it runs, and its readiness is asked for where it listens.
    assert_eq!(grade(&config_file, "store").await, Some(Grade::Fault));
    let second = Running::start(&config).await;
    let locked = second.err().expect("refused");
    assert!(
        matches!(locked, RunError::Store(StoreError::Locked)),
        "{locked}"
    );
    assert!(locked.advice(Lang::Id).is_some() && locked.advice(Lang::En).is_some());
    let told = std::fs::read_to_string(&config_file).expect("reads");
    let admin = format!("admin_address = \"{}\"", addresses.admin);
    let beside = config_file.with_file_name("told.toml");
    std::fs::write(
        &beside,
        told.replace("admin_address = \"127.0.0.1:0\"", &admin),
    )
    .expect("writes");
    assert_eq!(grade(&beside, "service").await, Some(Grade::Ok));

    running.stop().await;
    assert_eq!(grade(&config_file, "store").await, Some(Grade::Ok));
    assert_eq!(grade(&config_file, "clock").await, Some(Grade::Ok));
    Running::start(&config)
        .await
        .expect("starts again")
        .stop()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_at_work_is_finished_before_the_end() {
    let parent = tempfile::tempdir().expect("a folder");
    let (_, config) = set_up(&parent.path().join("registry"));
    let running = Running::start(&config).await.expect("starts");
    let address = running.addresses.listening;
    let asking = tokio::spawn(async move { get(address, paths::OPENAPI).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.stop().await;
    assert!(asking.await.expect("answered").len() > 10_000);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_guards_the_store_must_be_there_and_a_backup_brings_it_back() {
    let parent = tempfile::tempdir().expect("a folder");
    let (config_file, config) = set_up(&parent.path().join("registry"));
    Running::start(&config).await.expect("starts").stop().await;
    let copy = parent.path().join("backup");
    let held = backup(&config, &copy).await.expect("backs up");
    assert_eq!(held.organisations, 1);

    let ledger = config.folders.ledger.join("ledger");
    let hidden = parent.path().join("hidden");
    std::fs::rename(&ledger, &hidden).expect("hides");
    let refused = Running::start(&config).await.err().expect("refused");
    assert!(matches!(refused, RunError::LedgerMissing), "{refused}");
    std::fs::rename(&hidden, &ledger).expect("shows");

    std::fs::remove_dir_all(&config.folders.database).expect("lost");
    let refused = Running::start(&config).await.err().expect("refused");
    assert!(
        matches!(refused, RunError::Store(StoreError::BelowMark { .. })),
        "{refused}"
    );
    assert!(
        refused
            .advice(Lang::En)
            .expect("advice")
            .contains("saring restore")
    );
    let now = SystemClock.now();
    let restored = restore(&config, &copy, false, now).expect("restores");
    assert!(!restored.loss_accepted);
    Running::start(&config).await.expect("starts").stop().await;
    assert_eq!(grade(&config_file, "restore").await, Some(Grade::Ok));

    let mark = config.folders.mark.join("mark");
    std::fs::remove_file(&mark).expect("lost");
    let refused = Running::start(&config).await.err().expect("refused");
    assert!(
        matches!(refused, RunError::Store(StoreError::Mark)),
        "{refused}"
    );
    assert_eq!(grade(&config_file, "store").await, Some(Grade::Fault));
}
