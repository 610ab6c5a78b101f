//! Whole versions of a programme's list: begun, closed, switched in or dropped by the list's owner,
//! each by an order of its own. The one that answers is destroyed once another took its place.

use super::enrol::parse;
use super::members::{Member, evidence};
use super::{Refusal, Registry};
use crate::protocol::codes::{Purpose, Role};
use crate::protocol::order::{OrderKind, SignedOrder};
use crate::protocol::organisation::Done;
use crate::protocol::version::{
    CloseVersion, DropVersion, OpenVersion, StagedBy, SwitchVersion, Version, VersionDiff,
    VersionInfo, VersionState,
};
use crate::protocol::{BucketShape, Digest32, ErrorCode, ListId, Timestamp};
use crate::store::{Change, StagedVersion, Store, StoreError, StoredList, View};

impl<S: Store> Registry<S> {
    /// Begins a version of a list, which nobody is answered from; for the list's owner. The same
    /// source again, while its version is staged, gives that version.
    ///
    /// # Errors
    /// Those of an order; [`ErrorCode::NotGranted`], [`ErrorCode::NotFound`] for another list or a
    /// version that this very order began and that is no longer staged, [`ErrorCode::Malformed`],
    /// [`ErrorCode::TooLarge`], [`ErrorCode::InvalidField`] naming `list` (it is not handed in as
    /// versions), `purpose` or `validity`, [`ErrorCode::AlreadyExists`] while a version of another
    /// source is staged, and the store's.
    pub async fn open_version(
        &self,
        order: &SignedOrder,
        content: &[u8],
    ) -> Result<VersionInfo, Refusal> {
        let (list, now) = self.owned(order, OrderKind::OpenVersion, content).await?;
        let open: OpenVersion = parse(content)?;
        if !open.validity.is_sound() || open.validity.ends().is_some_and(|end| end.start() <= now) {
            return Err(Refusal::field("validity"));
        }
        let staged_by = StagedBy {
            organisation: order.order.organisation.clone(),
            officer: order.order.officer.clone(),
        };
        let staged = StagedVersion {
            version: Version::FIRST,
            staged_by,
            source: open.source,
            validity: open.validity,
            since: now,
            closed: false,
            people: 0,
            listings: 0,
        };
        if !is_staged(&list, open.source) {
            let change = Change::OpenVersion(list.list.clone(), Box::new(staged));
            self.store.administer(change, evidence(order, now)).await?;
        }
        let list = self.store.list(&list.list).await?;
        let list = list.filter(|list| is_staged(list, open.source));
        let staged = list.as_ref().and_then(staged_info);
        staged.ok_or_else(|| ErrorCode::NotFound.into())
    }

    /// Closes a staged version: its owner says that every row came, and how many listings they made.
    ///
    /// # Errors
    /// Those of an order; [`ErrorCode::NotGranted`], [`ErrorCode::NotFound`] unless that version is
    /// staged, [`ErrorCode::Malformed`], [`ErrorCode::TooLarge`], [`ErrorCode::InvalidField`] naming
    /// `list`, `purpose` or `listings` (it holds another number), and the store's.
    pub async fn close_version(
        &self,
        order: &SignedOrder,
        content: &[u8],
    ) -> Result<Done, Refusal> {
        let (list, now) = self.owned(order, OrderKind::CloseVersion, content).await?;
        let close: CloseVersion = parse(content)?;
        let change = Change::CloseVersion(list.list, close.version, close.listings);
        match self.store.administer(change, evidence(order, now)).await {
            Err(StoreError::Exists) => Err(Refusal::field("listings")),
            done => {
                done?;
                Ok(done_at(order, now))
            }
        }
    }

    /// Makes a closed version answer, at once and for everybody. A second officer of the owner's
    /// orders it, under the agency's handing over.
    ///
    /// # Errors
    /// Those of an order; [`ErrorCode::NotGranted`], [`ErrorCode::NotFound`] unless that version is
    /// staged, [`ErrorCode::Malformed`], [`ErrorCode::TooLarge`], [`ErrorCode::InvalidField`] naming
    /// `list`, `purpose`, `version` (it is not closed), `replaces` (another answers), `officer` (who
    /// staged it), `validity` (it does not hold today) or `handover`, and the store's.
    pub async fn switch_version(
        &self,
        order: &SignedOrder,
        content: &[u8],
    ) -> Result<Done, Refusal> {
        let (list, now) = self.owned(order, OrderKind::SwitchVersion, content).await?;
        let switch: SwitchVersion = parse(content)?;
        let known = self
            .store
            .reply_to(&order.order.organisation, &order.order.id);
        if known.await?.is_none() {
            may_switch(&list, &switch, order, now)?;
            let people = list
                .versions
                .staged
                .as_ref()
                .map_or(0, |staged| staged.people);
            let bits = BucketShape::for_entries(people).bits();
            // Before the switch, so that no bucket is too small for a moment.
            self.refine_buckets(&list.list, bits).await?;
        }
        let change = Change::SwitchVersion {
            list: list.list,
            version: switch.version,
            replaces: switch.replaces,
            handover: Box::new(switch.handover),
        };
        let done = self.carry_out(order, change, now).await?;
        self.snapshots.look_again();
        Ok(done)
    }

    /// Discards a staged version; for the list's owner or an administrator.
    ///
    /// # Errors
    /// Those of an order; [`ErrorCode::NotGranted`], [`ErrorCode::NotFound`] unless that version is
    /// staged, [`ErrorCode::Malformed`], [`ErrorCode::TooLarge`], [`ErrorCode::InvalidField`] naming
    /// `list` or `purpose`, and the store's.
    pub async fn drop_version(&self, order: &SignedOrder, content: &[u8]) -> Result<Done, Refusal> {
        let (member, now) = self
            .administrative(order, OrderKind::DropVersion, content)
            .await?;
        let id = order.order.list.clone().ok_or(Refusal::field("list"))?;
        if !self.administers(&member, &id).await? {
            self.require_owner(&member, &id).await?;
        }
        require_administration(order)?;
        let discard: DropVersion = parse(content)?;
        let change = Change::DropVersion(id, discard.version);
        self.carry_out(order, change, now).await
    }

    /// The version that answers and, after it, the one that is staged; for the list's owner and its
    /// administrators.
    ///
    /// # Errors
    /// [`ErrorCode::NotGranted`], [`ErrorCode::NotFound`], the store's.
    pub async fn versions(
        &self,
        member: &Member,
        list: &ListId,
    ) -> Result<Vec<VersionInfo>, Refusal> {
        let list = self.seen(member, list).await?;
        let answering = &list.versions.answering;
        let info = VersionInfo {
            list: list.list.clone(),
            version: answering.version,
            state: VersionState::Answering,
            people: list.people,
            listings: answering.listings,
            validity: answering.validity,
            since: answering.since,
            staged_by: answering.staged_by.clone(),
            handover: answering.handover.clone(),
        };
        Ok([Some(info), staged_info(&list)]
            .into_iter()
            .flatten()
            .collect())
    }

    /// What switching the staged version in would change, counted at one moment; for the list's
    /// owner and its administrators. It reads both versions through: 10^7 people take seconds.
    ///
    /// # Errors
    /// [`ErrorCode::NotGranted`], [`ErrorCode::NotFound`] unless that version is staged, the store's.
    pub async fn version_diff(
        &self,
        member: &Member,
        list: &ListId,
        version: Version,
    ) -> Result<VersionDiff, Refusal> {
        let list = self.seen(member, list).await?;
        let staged = list.versions.staged.as_ref();
        let staged = staged.filter(|staged| staged.version == version);
        let closed = staged.ok_or(ErrorCode::NotFound)?.closed;
        let answering = list.versions.answering.version;
        // By their numbers: if a switch comes between, there is nothing to compare any more.
        let old = View::numbered(list.list.clone(), list.epoch, answering);
        let new = View::numbered(list.list.clone(), list.epoch, version);
        let counts = self.store.diff(&old, &new).await?;
        Ok(VersionDiff {
            answering,
            staged: version,
            closed,
            counts,
        })
    }

    /// Destroys everybody of versions that no longer answer or were dropped.
    pub(super) async fn forget_retired(&self, list: &StoredList) -> Result<(), Refusal> {
        for version in &list.versions.retired {
            let id = list.list.clone();
            let content = [id.as_str().as_bytes(), &version.0.to_le_bytes()].concat();
            let evidence = self.own_act("saring/v1/act-forget", &content, self.clock.now());
            let change = Change::ForgetVersion(id, *version);
            self.store.administer(change, evidence).await?;
        }
        Ok(())
    }

    /// Refuses a submission to a list that is another's to hand in.
    pub(super) fn require_contributor(member: &Member, list: &StoredList) -> Result<(), Refusal> {
        match &list.policy.owner {
            Some(owner) if *owner != member.organisation => Err(ErrorCode::NotGranted.into()),
            _ => Ok(()),
        }
    }

    /// The list of an order that only its owner may give.
    async fn owned(
        &self,
        order: &SignedOrder,
        kind: OrderKind,
        content: &[u8],
    ) -> Result<(StoredList, Timestamp), Refusal> {
        let (member, now) = self.administrative(order, kind, content).await?;
        let id = order.order.list.as_ref().ok_or(Refusal::field("list"))?;
        let list = self.require_owner(&member, id).await?;
        require_administration(order)?;
        Ok((list, now))
    }

    /// A list whose owner the member is, by the list's rules and by its grant.
    async fn require_owner(&self, member: &Member, id: &ListId) -> Result<StoredList, Refusal> {
        self.granted(member, id, &[Role::Contribute]).await?;
        let list = self.store.list(id).await?.ok_or(ErrorCode::NotFound)?;
        match &list.policy.owner {
            None => Err(Refusal::field("list")),
            Some(owner) if *owner != member.organisation => Err(ErrorCode::NotGranted.into()),
            Some(_) => Ok(list),
        }
    }

    /// A list whose versions the member may see.
    async fn seen(&self, member: &Member, id: &ListId) -> Result<StoredList, Refusal> {
        if self.administers(member, id).await? {
            let list = self.store.list(id).await?;
            return list.ok_or_else(|| ErrorCode::NotFound.into());
        }
        self.require_owner(member, id).await
    }
}

fn may_switch(
    list: &StoredList,
    switch: &SwitchVersion,
    order: &SignedOrder,
    now: Timestamp,
) -> Result<(), Refusal> {
    let staged = list.versions.staged.as_ref();
    let staged = staged.filter(|staged| staged.version == switch.version);
    let staged = staged.ok_or(ErrorCode::NotFound)?;
    let ended = staged.validity.ends().is_some_and(|end| end.start() <= now);
    if !staged.closed {
        return Err(Refusal::field("version"));
    }
    if list.versions.answering.version != switch.replaces {
        return Err(Refusal::field("replaces"));
    }
    if staged.staged_by.officer == order.order.officer {
        return Err(Refusal::field("officer"));
    }
    if staged.validity.begins(now) > now || ended {
        return Err(Refusal::field("validity"));
    }
    if !switch.handover.is_sound() {
        return Err(Refusal::field("handover"));
    }
    Ok(())
}

fn require_administration(order: &SignedOrder) -> Result<(), Refusal> {
    match order.order.purpose {
        Purpose::Administration => Ok(()),
        _ => Err(Refusal::field("purpose")),
    }
}

fn is_staged(list: &StoredList, source: Digest32) -> bool {
    let staged = list.versions.staged.as_ref();
    staged.is_some_and(|staged| staged.source == source)
}

fn staged_info(list: &StoredList) -> Option<VersionInfo> {
    let staged = list.versions.staged.as_ref()?;
    Some(VersionInfo {
        list: list.list.clone(),
        version: staged.version,
        state: match staged.closed {
            true => VersionState::Closed,
            false => VersionState::Staging,
        },
        people: staged.people,
        listings: staged.listings,
        validity: staged.validity,
        since: staged.since,
        staged_by: Some(staged.staged_by.clone()),
        handover: None,
    })
}

fn done_at(order: &SignedOrder, time: Timestamp) -> Done {
    Done {
        order: order.order.digest(),
        time,
    }
}
