//! One registry in this process with an operator and members, each with a home of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use saring::agent::{Acting, Agent, CheckResult, Home, Profile, Provider, key_folder};
use saring::custodian::{CustodianOptions, EmbeddedCustodian, LEDGER_NAME};
use saring::keys::{KeyFiles, Sealing};
use saring::nik::Nik;
use saring::nik::synth::SyntheticNiks;
use saring::protocol::codes::{Purpose, Role};
use saring::protocol::organisation::{Admit, CreateList, Grant, LegalRecord};
use saring::protocol::policy::ListPolicy;
use saring::protocol::time::MINUTE;
use saring::protocol::trust::TrustRoot;
use saring::protocol::{
    Answer, Clock, Date, ListId, ListKind, OfficerId, OrgId, PaddingKey, SigningKey, Timestamp,
};
use saring::registry::{Registry, RegistryOptions, RegistryParts};
use saring::store::log::AppendLog;
use saring::store::memory::Memory;

use crate::cheating::Cheating;
use crate::local::Local;

/// The registry's secret signing key: a cheating registry has it, of course.
pub(crate) const REGISTRY_KEY: [u8; 32] = [11; 32];
/// The custodian's, which is in the registry's process.
pub(crate) const CUSTODIAN_KEY: [u8; 32] = [12; 32];
const URL: &str = "http://127.0.0.1:1";

/// A clock that tests set.
pub(crate) struct SetClock(AtomicI64);

impl SetClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_800_000_000_000)))
    }

    pub(crate) fn pass(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// The registry as members reach it: honest until told to cheat.
pub(crate) type Door = Cheating<Local>;
pub(crate) type Member = Agent<Door>;

pub(crate) struct House {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) door: Door,
    pub(crate) operator: Member,
    pub(crate) list: ListId,
}

pub(crate) fn org(name: &str) -> OrgId {
    OrgId::parse(name).expect("an id")
}

pub(crate) fn officer() -> OfficerId {
    OfficerId::parse("petugas-07").expect("an id")
}

pub(crate) fn acting() -> Acting {
    Acting {
        officer: officer(),
        purpose: Purpose::CreditApplication,
    }
}

/// Synthetic NIKs, the same for a seed.
pub(crate) fn niks(seed: u64, count: usize) -> Vec<Nik> {
    SyntheticNiks::new(seed).take(count).collect()
}

pub(crate) fn digits(nik: &Nik) -> String {
    String::from_utf8(nik.expose().to_vec()).expect("digits")
}

pub(crate) fn provider(folder: &Path) -> Provider {
    Box::new(KeyFiles::open(&key_folder(folder), Sealing::Plain).expect("a folder"))
}

impl House {
    /// A registry with one list and the operator's own agent.
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = SetClock::new();
        let trust = TrustRoot {
            registry: SigningKey::from_bytes(REGISTRY_KEY).public_key(),
            custodians: vec![SigningKey::from_bytes(CUSTODIAN_KEY).public_key()],
        };
        let profile = Profile {
            url: URL.to_owned(),
            organisation: org("operator"),
            trust,
        };
        let at = folder.path().join("operator");
        let home = Home::create(&at, profile, provider(&at)).expect("a home");
        let local = local(folder.path(), clock.clone(), &home).await;
        let door = Cheating::honest(local);
        let operator = Agent::new(home, door.clone(), clock.clone());
        let list = ListId::parse("peminjam-macet").expect("an id");
        let wanted = CreateList {
            list: list.clone(),
            kind: ListKind::OprfNik,
            hash_key: None,
            policy: ListPolicy::default(),
            epoch_days: 60,
            daily_cap: 1_000_000,
        };
        operator
            .create_list(&wanted, &officer())
            .await
            .expect("a list");
        Self {
            folder,
            clock,
            door,
            operator,
            list,
        }
    }

    /// A member with every role on the list, joined by invitation.
    pub(crate) async fn member(&self, name: &str) -> Member {
        let invitation = self
            .operator
            .invite(
                org(name),
                LegalRecord::default(),
                URL.to_owned(),
                &officer(),
            )
            .await
            .expect("invited");
        let at = self.home(name);
        let door = self.door.clone();
        let member = saring::agent::join(
            &at,
            provider(&at),
            invitation,
            officer(),
            door,
            self.clock.clone(),
        );
        let member = member.await.expect("joins");
        let grant = Grant {
            organisation: org(name),
            list: self.list.clone(),
            roles: vec![Role::Contribute, Role::Check, Role::Screen],
            daily_quota: 100_000,
        };
        self.operator
            .grant(&grant, &officer())
            .await
            .expect("granted");
        let admit = Admit {
            organisation: org(name),
            key: member.home().public_key(),
            list: self.list.clone(),
            daily_quota: 100_000,
        };
        let custodian = SigningKey::from_bytes(CUSTODIAN_KEY)
            .public_key()
            .fingerprint();
        let officer = officer();
        let admitted = self.operator.admit_to_roll(custodian, &admit, &officer);
        admitted.await.expect("admitted");
        member
    }

    /// Today, by everybody's clock.
    pub(crate) fn today(&self) -> Date {
        self.clock.now().date()
    }

    pub(crate) fn home(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A further list of the same registry, on which a member may do everything.
    pub(crate) async fn further_list(&self, wanted: CreateList, member: &Member) {
        let list = wanted.list.clone();
        let created = self.operator.create_list(&wanted, &officer()).await;
        created.expect("a list");
        let grant = Grant {
            organisation: member.home().profile().organisation.clone(),
            list,
            roles: vec![Role::Contribute, Role::Check, Role::Screen],
            daily_quota: 1_000_000,
        };
        let granted = self.operator.grant(&grant, &officer()).await;
        granted.expect("granted");
        if wanted.kind.is_oprf() {
            let admit = Admit {
                organisation: grant.organisation,
                key: member.home().public_key(),
                list: grant.list,
                daily_quota: 1_000_000,
            };
            let custodian = SigningKey::from_bytes(CUSTODIAN_KEY).public_key();
            let officer = officer();
            let admitted = self
                .operator
                .admit_to_roll(custodian.fingerprint(), &admit, &officer);
            admitted.await.expect("admitted");
        }
    }

    /// A member again, as after a restart.
    pub(crate) fn reopen(&self, name: &str) -> Member {
        let at = self.home(name);
        let home = Home::open(&at, provider(&at)).expect("opens");
        Agent::new(home, self.door.clone(), self.clock.clone())
    }

    /// A file of defaulters with references `PK-0`, `PK-1`, ...
    pub(crate) fn defaulters(&self, name: &str, niks: &[Nik]) -> PathBuf {
        let mut text =
            "nik,kolektibilitas,kode_alasan,plafond_band,tgl_macet,no_ref_internal\n".to_owned();
        for (at, nik) in niks.iter().enumerate() {
            text += &format!("{},5,MACET_POKOK,5-25,2026-05-01,PK-{at}\n", digits(nik));
        }
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("writes");
        path
    }

    /// Checks one person and answers the only result.
    pub(crate) async fn check(&self, member: &Member, nik: &Nik) -> CheckResult {
        // Another moment than the last check's: the registry signs anew.
        self.clock.pass(1);
        let people = [Ok(nik.clone())];
        let lists = [self.list.clone()];
        let results = member
            .check(&people, &lists, &acting())
            .await
            .expect("checks");
        results.into_iter().next().expect("one result")
    }

    /// The answer for one person; the registry must then be believed.
    pub(crate) async fn answer(&self, member: &Member, nik: &Nik) -> Answer {
        let result = self.check(member, nik).await;
        assert_eq!(result.reason, None);
        result.answer
    }
}

async fn local(folder: &Path, clock: Arc<SetClock>, operator: &Home) -> Local {
    let keys = KeyFiles::open(&folder.join("registry-keys"), Sealing::Plain);
    let keys = Arc::new(keys.expect("a folder"));
    let signing = Arc::new(SigningKey::from_bytes(CUSTODIAN_KEY));
    let ledger = AppendLog::create(&folder.join("ledger"), LEDGER_NAME, signing);
    let options = CustodianOptions {
        registry: SigningKey::from_bytes(REGISTRY_KEY).public_key(),
        administrator: operator.public_key(),
        most_daily_cap: 10_000_000,
    };
    let custodian = EmbeddedCustodian::open(
        options,
        SigningKey::from_bytes(CUSTODIAN_KEY),
        keys.clone(),
        clock.clone(),
        ledger.expect("a ledger"),
    );
    let custodian = Arc::new(custodian.expect("opens"));
    let registry = Registry::open(RegistryParts {
        store: Memory::default(),
        signing: SigningKey::from_bytes(REGISTRY_KEY),
        padding: PaddingKey::from_bytes([13; 32]),
        keys,
        evaluator: custodian.clone(),
        holder: custodian.clone(),
        clock,
        options: RegistryOptions {
            operator: org("operator"),
            operator_key: operator.public_key(),
            operator_legal: LegalRecord::default(),
            snapshots: folder.join("snapshots"),
        },
    });
    Local {
        registry: Arc::new(registry.await.expect("opens")),
        custodian,
    }
}

/// Time enough that an order is stale.
pub(crate) const STALE: i64 = 6 * MINUTE;
