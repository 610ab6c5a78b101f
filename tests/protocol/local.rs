//! The agent's door to a registry in the same process.

use std::ops::Range;
use std::sync::Arc;

use saring::agent::{Answering, DoorError, RefusalDetail, RegistryDoor, Served};
use saring::custodian::EmbeddedCustodian;
use saring::protocol::evaluation::{BlindedElements, Evaluated};
use saring::protocol::limits::MAX_PAGE;
use saring::protocol::order::{OrderKind, SignedOrder};
use saring::protocol::organisation::{Done, Organisation, QuotaOf, RegistryInfo};
use saring::protocol::policy::ListInfo;
use saring::protocol::read::SignedRead;
use saring::protocol::record::SignedRecord;
use saring::protocol::submission::{OwnPage, RemovalReply, SubmissionReply};
use saring::protocol::version::{Version, VersionDiff, VersionInfo};
use saring::protocol::{ContentDigest, Epoch, ErrorCode, ListId, Timestamp};
use saring::registry::{Member, Refusal, RefusalDetail as Told, Registry};
use saring::store::memory::Memory;

pub(crate) struct Local {
    pub(crate) registry: Arc<Registry<Memory>>,
    pub(crate) custodian: Arc<EmbeddedCustodian>,
}

impl Local {
    async fn member(&self, read: &SignedRead) -> Result<Member, DoorError> {
        let nothing = ContentDigest::of(b"");
        let path = &read.read.path;
        let member = self.registry.authenticate_read(read, "GET", path, &nothing);
        member.await.map_err(refused)
    }
}

fn refused(refusal: Refusal) -> DoorError {
    let mut detail = RefusalDetail::default();
    match refusal.detail {
        Told::ServerTime(time) => detail.server_time = Some(time),
        Told::Quota(quota) => detail.quota = Some(quota),
        Told::Records { in_force, .. } => detail.record = Some(in_force),
        _ => {}
    }
    DoorError::Refused {
        code: refusal.code,
        detail: Box::new(detail),
    }
}

impl RegistryDoor for Local {
    fn info(&self) -> Answering<'_, RegistryInfo> {
        Box::pin(async { Ok(self.registry.info()) })
    }

    fn join<'a>(&'a self, order: &'a SignedOrder, content: &'a [u8]) -> Answering<'a, Done> {
        Box::pin(async { self.registry.join(order, content).await.map_err(refused) })
    }

    fn lists<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, Vec<ListInfo>> {
        Box::pin(async {
            let member = self.member(read).await?;
            self.registry.lists(&member).await.map_err(refused)
        })
    }

    fn records<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
    ) -> Answering<'a, Vec<SignedRecord>> {
        Box::pin(async {
            let member = self.member(read).await?;
            self.registry.records(&member, list).await.map_err(refused)
        })
    }

    fn evaluate<'a>(
        &'a self,
        order: &'a SignedOrder,
        elements: &'a BlindedElements,
    ) -> Answering<'a, Evaluated> {
        Box::pin(async {
            let evaluated = self.registry.evaluate(order, elements.clone());
            evaluated.await.map_err(refused)
        })
    }

    fn submit<'a>(
        &'a self,
        order: &'a SignedOrder,
        content: &'a [u8],
    ) -> Answering<'a, SubmissionReply> {
        Box::pin(async { self.registry.submit(order, content).await.map_err(refused) })
    }

    fn remove<'a>(
        &'a self,
        order: &'a SignedOrder,
        content: &'a [u8],
    ) -> Answering<'a, RemovalReply> {
        Box::pin(async { self.registry.remove(order, content).await.map_err(refused) })
    }

    fn bucket<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
        epoch: Epoch,
        bucket: u32,
    ) -> Answering<'a, Served> {
        Box::pin(async move {
            let member = self.member(read).await?;
            let served = self.registry.bucket(&member, list, epoch, bucket).await;
            let served = served.map_err(refused)?;
            Ok(Served {
                head: served.head,
                body: served.body,
            })
        })
    }

    fn delta<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
        epoch: Epoch,
        from: u64,
    ) -> Answering<'a, Served> {
        Box::pin(async move {
            let member = self.member(read).await?;
            let served = self.registry.delta(&member, list, epoch, from).await;
            let served = served.map_err(refused)?;
            Ok(Served {
                head: served.head,
                body: served.body,
            })
        })
    }

    fn snapshot_keys<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
        epoch: Epoch,
        sequence: u64,
        range: Range<u64>,
    ) -> Answering<'a, Vec<u8>> {
        Box::pin(async move {
            let member = self.member(read).await?;
            let range = (range.start, range.end - range.start);
            let keys = self
                .registry
                .snapshot_keys(&member, list, epoch, sequence, range);
            Ok(keys.await.map_err(refused)?.bytes)
        })
    }

    fn snapshot<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
        epoch: Epoch,
    ) -> Answering<'a, Served> {
        Box::pin(async move {
            let member = self.member(read).await?;
            let served = self.registry.snapshot(&member, list, epoch).await;
            let served = served.map_err(refused)?;
            Ok(Served {
                head: served.head,
                body: served.body,
            })
        })
    }

    fn quota<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, Vec<QuotaOf>> {
        Box::pin(async {
            let member = self.member(read).await?;
            self.registry.quota(&member).await.map_err(refused)
        })
    }

    fn own<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
        after: Option<&'a str>,
        limit: usize,
    ) -> Answering<'a, OwnPage> {
        Box::pin(async move {
            let member = self.member(read).await?;
            let page = self.registry.own_page(&member, list, after, limit);
            page.await.map_err(refused)
        })
    }

    fn organisations<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, Vec<Organisation>> {
        Box::pin(async {
            let member = self.member(read).await?;
            let all = self.registry.organisations(&member, None, MAX_PAGE);
            all.await.map_err(refused)
        })
    }

    fn create_list<'a>(
        &'a self,
        order: &'a SignedOrder,
        content: &'a [u8],
    ) -> Answering<'a, ListInfo> {
        Box::pin(async {
            self.registry
                .create_list(order, content)
                .await
                .map_err(refused)
        })
    }

    fn open_version<'a>(
        &'a self,
        order: &'a SignedOrder,
        content: &'a [u8],
    ) -> Answering<'a, VersionInfo> {
        Box::pin(async {
            let begun = self.registry.open_version(order, content).await;
            begun.map_err(refused)
        })
    }

    fn versions<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, Vec<VersionInfo>> {
        Box::pin(async move {
            let member = self.member(read).await?;
            let (list, _) = of_versions(&read.read.path)?;
            let versions = self.registry.versions(&member, &list).await;
            versions.map_err(refused)
        })
    }

    fn version_diff<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, VersionDiff> {
        Box::pin(async move {
            let member = self.member(read).await?;
            let (list, version) = of_versions(&read.read.path)?;
            let diff = self.registry.version_diff(&member, &list, version).await;
            diff.map_err(refused)
        })
    }

    fn administer<'a>(&'a self, order: &'a SignedOrder, content: &'a [u8]) -> Answering<'a, Done> {
        Box::pin(async {
            let registry = &self.registry;
            let done = match order.order.kind {
                OrderKind::Invite => registry.invite(order, content).await,
                OrderKind::SetStanding => registry.set_standing(order, content).await,
                OrderKind::SetGrant => registry.set_grant(order, content).await,
                OrderKind::AcceptClock => registry.accept_clock(order, content).await,
                OrderKind::CloseVersion => registry.close_version(order, content).await,
                OrderKind::SwitchVersion => registry.switch_version(order, content).await,
                OrderKind::DropVersion => registry.drop_version(order, content).await,
                OrderKind::Admit => {
                    let admitted = self.custodian.admit(order, content).await;
                    admitted.map_err(DoorError::refused)?;
                    return Ok(Done {
                        order: order.order.digest(),
                        time: Timestamp(0),
                    });
                }
                _ => return Err(DoorError::refused(ErrorCode::ContentMismatch)),
            };
            done.map_err(refused)
        })
    }
}

/// The list and, if it names one, the version of a path under `/v1/lists/{list}/versions`.
fn of_versions(path: &str) -> Result<(ListId, Version), DoorError> {
    let parts: Vec<&str> = path.split('/').collect();
    let list = parts.get(3).and_then(|list| ListId::parse(list).ok());
    let version = parts.get(5).and_then(|version| version.parse().ok());
    let list = list.ok_or(DoorError::Malformed)?;
    Ok((list, version.unwrap_or(Version(0))))
}
