//! A registry and two who use it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::{Body, to_bytes};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, Request};
use bytes::Bytes;
use serde_json::Value;
use tower::ServiceExt;

use crate::api::registry::Service;
use crate::custodian::{CustodianOptions, EmbeddedCustodian, LEDGER_NAME};
use crate::group::EncodedElement;
use crate::keys::{KeyFiles, KeyProvider, Sealing};
use crate::net::layers::{Gate, Permits};
use crate::protocol::codes::{Purpose, Role};
use crate::protocol::evaluation::BlindedElements;
use crate::protocol::limits::DEFAULT_EPOCH_DAYS;
use crate::protocol::order::{ORDER_HEADER, Order, OrderKind, SignedOrder};
use crate::protocol::organisation::{Admit, CreateList, Grant, Invite, Join, LegalRecord};
use crate::protocol::policy::ListPolicy;
use crate::protocol::read::{READ_HEADER, Read, SignedRead};
use crate::protocol::trust::InvitationCode;
use crate::protocol::{
    Clock, ContentDigest, Digest32, Fingerprint, JobId, ListId, ListKind, OfficerId, OrderId,
    OrgId, PaddingKey, PublicKey, SigningKey, Timestamp, paths,
};
use crate::registry::{Registry, RegistryOptions, RegistryParts};
use crate::store::Memory;
use crate::store::log::AppendLog;

const NOW: Timestamp = Timestamp(20_500 * 86_400_000 + 43_200_000);

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// An answer, read whole.
pub(super) struct Got {
    pub(super) status: u16,
    headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Got {
    pub(super) fn header(&self, name: impl axum::http::header::AsHeaderName) -> String {
        let value = self.headers.get(name);
        value.map_or_else(String::new, |value| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        })
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// The registry, its operator, a member and a stranger.
pub(super) struct World {
    pub(super) service: Arc<Service<Memory>>,
    pub(super) operator: SigningKey,
    pub(super) member: SigningKey,
    pub(super) stranger: SigningKey,
    registry: Arc<Registry<Memory>>,
    custodian: Fingerprint,
    record: Digest32,
    random: AtomicU64,
    _folder: tempfile::TempDir,
}

impl World {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let key = |seed| SigningKey::from_bytes([seed; 32]);
        let keys = KeyFiles::open(&folder.path().join("keys"), Sealing::Plain).expect("opens");
        let keys: Arc<dyn KeyProvider + Send + Sync> = Arc::new(keys);
        let ledger = folder.path().join("ledger");
        let ledger = AppendLog::create(&ledger, LEDGER_NAME, Arc::new(key(2)));
        let options = CustodianOptions {
            registry: key(1).public_key(),
            administrator: key(3).public_key(),
            most_daily_cap: 1_000_000,
        };
        let clock: Arc<dyn Clock> = Arc::new(Still);
        let custodian = EmbeddedCustodian::open(
            options,
            key(2),
            Arc::clone(&keys),
            Arc::clone(&clock),
            ledger.expect("a ledger"),
        );
        let custodian = Arc::new(custodian.expect("starts"));
        let registry = Registry::open(RegistryParts {
            store: Memory::default(),
            signing: key(1),
            padding: PaddingKey::from_bytes([4; 32]),
            keys,
            evaluator: Arc::clone(&custodian) as _,
            holder: Arc::clone(&custodian) as _,
            clock,
            options: RegistryOptions {
                operator: OrgId::parse("operator").expect("an id"),
                operator_key: key(3).public_key(),
                operator_legal: LegalRecord::default(),
                snapshots: folder.path().join("snapshots"),
            },
        });
        let registry = Arc::new(registry.await.expect("opens"));
        Self {
            service: Service::new(
                Arc::clone(&registry),
                Arc::clone(&custodian),
                Gate::new(&Permits::default()),
                Arc::default(),
            ),
            custodian: custodian.audience(),
            registry,
            operator: key(3),
            member: key(5),
            stranger: key(6),
            record: Digest32([0; 32]),
            random: AtomicU64::new(0),
            _folder: folder,
        }
    }

    /// With the list `peminjam`, on which the member may check and has this daily quota.
    pub(super) async fn with_list(daily_quota: u64) -> Self {
        let mut world = Self::new().await;
        let list = CreateList {
            list: world.list(),
            kind: ListKind::OprfNik,
            hash_key: None,
            policy: ListPolicy::default(),
            epoch_days: DEFAULT_EPOCH_DAYS as u16,
            daily_cap: 1_000,
        };
        world
            .administer(paths::LISTS, OrderKind::CreateList, &list)
            .await;
        let code = InvitationCode::from_bytes([7; 16]);
        let invite = Invite {
            organisation: world.member_id(),
            legal: LegalRecord::default(),
            code: code.digest(),
        };
        world
            .administer(paths::ORGANISATIONS, OrderKind::Invite, &invite)
            .await;
        let key = world.member.public_key();
        let content = bytes_of(&Join { code, key });
        let mut join = world.operator_order(OrderKind::Join, &content);
        join.organisation = world.member_id();
        let got = world
            .post(paths::JOIN, join.sign(&world.member), &content)
            .await;
        assert_eq!(got.status, 200, "{}", got.text());
        let grant = Grant {
            organisation: world.member_id(),
            list: world.list(),
            roles: vec![Role::Check],
            daily_quota,
        };
        world
            .administer(paths::GRANTS, OrderKind::SetGrant, &grant)
            .await;
        let admit = Admit {
            organisation: world.member_id(),
            key,
            list: world.list(),
            daily_quota: 1_000,
        };
        world
            .administer(paths::ROLL, OrderKind::Admit, &admit)
            .await;
        let records = world
            .member_get(&paths::fill(paths::RECORDS, &["peminjam"]))
            .await;
        let records: Vec<crate::protocol::record::SignedRecord> =
            serde_json::from_slice(&records.body).expect("records");
        world.record = records[0].record.digest();
        world
    }

    async fn administer(&self, path: &str, kind: OrderKind, content: &impl serde::Serialize) {
        let content = bytes_of(content);
        let mut order = self.operator_order(kind, &content);
        let on_no_list = [OrderKind::Invite, OrderKind::SetStanding];
        order.list = (!on_no_list.contains(&kind)).then(|| self.list());
        if kind == OrderKind::Admit {
            order.audience = self.custodian;
        }
        let got = self.post(path, order.sign(&self.operator), &content).await;
        assert_eq!(got.status, 200, "{path}: {}", got.text());
    }

    pub(super) fn now(&self) -> Timestamp {
        NOW
    }

    pub(super) fn list(&self) -> ListId {
        ListId::parse("peminjam").expect("an id")
    }

    pub(super) fn member_id(&self) -> OrgId {
        OrgId::parse("ksp-maju").expect("an id")
    }

    pub(super) fn registry_key(&self) -> PublicKey {
        self.registry.info().registry
    }

    /// An element that decodes.
    pub(super) fn element(&self, number: u8) -> EncodedElement {
        let scalar = [number; 32];
        let mut wide = [0; 64];
        wide[..32].copy_from_slice(&scalar);
        curve25519_dalek::RistrettoPoint::from_uniform_bytes(&wide)
            .compress()
            .to_bytes()
    }

    fn random16(&self) -> [u8; 16] {
        let number = self.random.fetch_add(1, Ordering::Relaxed);
        let digest = Digest32::of("test-random", &number.to_le_bytes()).0;
        std::array::from_fn(|at| digest[at])
    }

    pub(super) fn operator_order(&self, kind: OrderKind, content: &[u8]) -> Order {
        Order {
            kind,
            audience: self.registry.info().fingerprint,
            organisation: OrgId::parse("operator").expect("an id"),
            officer: OfficerId::parse("petugas-07").expect("an id"),
            list: None,
            record: Digest32([0; 32]),
            purpose: Purpose::Administration,
            job: JobId(self.random16()),
            chunk: 0,
            count: 1,
            content: ContentDigest::of(content),
            id: OrderId(self.random16()),
            created_at: NOW,
        }
    }

    /// The member's order for these elements.
    pub(super) fn evaluation(&self, elements: &BlindedElements) -> SignedOrder {
        let order = Order {
            organisation: self.member_id(),
            list: Some(self.list()),
            record: self.record,
            count: elements.0.len() as u32,
            content: elements.content(),
            ..self.operator_order(OrderKind::Evaluate, b"")
        };
        order.sign(&self.member)
    }

    fn read(&self, by: &OrgId, key: &SigningKey, path: &str) -> SignedRead {
        let read = Read {
            audience: self.registry.info().fingerprint,
            organisation: by.clone(),
            method: "GET".into(),
            path: path.into(),
            body: ContentDigest::of(b""),
            created_at: NOW,
            nonce: OrderId(self.random16()),
        };
        read.sign(key)
    }

    pub(super) fn operator_read(&self, path: &str) -> SignedRead {
        let operator = OrgId::parse("operator").expect("an id");
        self.read(&operator, &self.operator, path)
    }

    pub(super) async fn member_get(&self, path: &str) -> Got {
        let read = self.read(&self.member_id(), &self.member, path);
        self.get(path, &read).await
    }

    pub(super) async fn get(&self, path: &str, read: &SignedRead) -> Got {
        self.get_with(path, &read.to_header()).await
    }

    pub(super) async fn get_with(&self, path: &str, header: &str) -> Got {
        let request = Request::get(path).header(READ_HEADER, header);
        self.send(request.body(Body::empty()).expect("a request"))
            .await
    }

    pub(super) async fn post(&self, path: &str, order: SignedOrder, content: &[u8]) -> Got {
        let request = Request::post(path)
            .header(CONTENT_TYPE, "application/json")
            .header(ORDER_HEADER, order.to_header())
            .body(Body::from(content.to_vec()));
        self.send(request.expect("a request")).await
    }

    /// Sends elements in the form of a media type, asking for another where given.
    pub(super) async fn evaluate(
        &self,
        path: &str,
        order: &SignedOrder,
        media: &str,
        accept: Option<&str>,
        elements: &BlindedElements,
    ) -> Got {
        let hex: Vec<_> = elements
            .0
            .iter()
            .map(|element| Digest32(*element))
            .collect();
        let body = match media {
            "application/json" => bytes_of(&serde_json::json!({ "elements": hex })),
            _ => elements.to_bytes(),
        };
        let mut request = Request::post(path)
            .header(CONTENT_TYPE, media)
            .header(ORDER_HEADER, order.to_header());
        if let Some(accept) = accept {
            request = request.header(ACCEPT, accept);
        }
        self.send(request.body(Body::from(body)).expect("a request"))
            .await
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Got {
        got(self.service.routes(), request).await
    }

    pub(super) async fn send_admin(&self, request: Request<Body>) -> Got {
        got(self.service.admin_routes(), request).await
    }
}

async fn got(router: axum::Router, request: Request<Body>) -> Got {
    let response = router.oneshot(request).await.expect("infallible");
    let (head, body) = response.into_parts();
    Got {
        status: head.status.as_u16(),
        headers: head.headers,
        body: to_bytes(body, usize::MAX).await.expect("a body"),
    }
}

pub(super) fn bytes_of(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("serialises")
}
