//! Lists: created by the operator, seen by whoever has a grant on them.

use super::members::{Member, Needs, evidence};
use super::records::{factor, hash_key_fits};
use super::{Refusal, Registry};
use crate::protocol::limits::{MAX_ADMINISTRATION_BYTES, MAX_EPOCH_DAYS};
use crate::protocol::order::{OrderKind, SignedOrder};
use crate::protocol::organisation::CreateList;
use crate::protocol::policy::ListInfo;
use crate::protocol::record::SignedRecord;
use crate::protocol::{ContentDigest, ErrorCode, ListId};
use crate::store::{Change, Store, StoredList};

impl<S: Store> Registry<S> {
    /// Creates a list with its keys and its first record. The same order again answers the same.
    ///
    /// # Errors
    /// Those of an order; [`ErrorCode::NotGranted`] for anybody but the operator,
    /// [`ErrorCode::Malformed`], [`ErrorCode::TooLarge`], [`ErrorCode::InvalidField`] naming
    /// `list`, `hash_key`, `policy`, `epoch_days` or `daily_cap`, [`ErrorCode::AlreadyExists`],
    /// the custodian's, and the store's.
    pub async fn create_list(
        &self,
        order: &SignedOrder,
        content: &[u8],
    ) -> Result<ListInfo, Refusal> {
        if content.len() > MAX_ADMINISTRATION_BYTES {
            return Err(Refusal::limit(MAX_ADMINISTRATION_BYTES));
        }
        let digest = ContentDigest::of(content);
        let member = self
            .authenticate(order, OrderKind::CreateList, &digest, Needs::GoodStanding)
            .await?;
        Self::only_operator(&member)?;
        let create: CreateList =
            serde_json::from_slice(content).map_err(|_| ErrorCode::Malformed)?;
        check(&create, order.order.list.as_ref())?;
        let _one_at_a_time = self.making_records.lock().await;
        let now = self.clock.now();
        let (list, record) = match self.store.list(&create.list).await? {
            // Either this very order made it, and the store says so, or another did.
            Some(list) => (list, self.record_in_force(&create.list).await?),
            None => {
                let record = self.first_record(&create, now).await?;
                let stored = StoredList::new(&record.record, create.policy, create.epoch_days);
                (stored, record)
            }
        };
        if record.record.keys.is_some() {
            let factor = factor(&self.keys, &record.record).await?;
            let held = self.holder.hold(&record, &factor).await;
            held.map_err(Refusal::by_custodian)?;
        }
        let change = Change::CreateList(Box::new(list.clone()), Box::new(record));
        self.store.administer(change, evidence(order, now)).await?;
        Ok(info(list))
    }

    /// The lists that the member has a grant on; all of them for the operator.
    ///
    /// # Errors
    /// The store's.
    pub async fn lists(&self, member: &Member) -> Result<Vec<ListInfo>, Refusal> {
        let all = self.store.lists().await?;
        if member.is_operator {
            return Ok(all.into_iter().map(info).collect());
        }
        let grants = self.store.grants(&member.organisation).await?;
        let granted = |list: &StoredList| grants.iter().any(|grant| grant.list == list.list);
        Ok(all.into_iter().filter(granted).map(info).collect())
    }

    /// A list's records, oldest first.
    ///
    /// # Errors
    /// [`ErrorCode::NotGranted`] without a grant on the list, [`ErrorCode::NotFound`], the store's.
    pub async fn records(
        &self,
        member: &Member,
        list: &ListId,
    ) -> Result<Vec<SignedRecord>, Refusal> {
        let granted = self.store.grant(&member.organisation, list).await?;
        if !member.is_operator && granted.is_none() {
            return Err(ErrorCode::NotGranted.into());
        }
        let records = self.store.records(list).await?;
        if records.is_empty() {
            return Err(ErrorCode::NotFound.into());
        }
        Ok(records)
    }
}

fn check(create: &CreateList, ordered: Option<&ListId>) -> Result<(), Refusal> {
    if ordered != Some(&create.list) {
        return Err(Refusal::field("list"));
    }
    if !hash_key_fits(create.kind, create.hash_key) {
        return Err(Refusal::field("hash_key"));
    }
    if !(1..=MAX_EPOCH_DAYS).contains(&create.epoch_days) {
        return Err(Refusal::field("epoch_days"));
    }
    if create.kind.is_oprf() && create.daily_cap == 0 {
        return Err(Refusal::field("daily_cap"));
    }
    create.policy.check().map_err(|_| Refusal::field("policy"))
}

fn info(list: StoredList) -> ListInfo {
    ListInfo {
        about_entries: two_digits(list.people),
        list: list.list,
        kind: list.kind,
        hash_key: list.hash_key,
        policy: list.policy,
        epoch: list.epoch,
    }
}

/// Rounded down to its two first digits.
fn two_digits(count: u64) -> u64 {
    let mut unit = 1;
    while count / unit >= 100 {
        unit *= 10;
    }
    count / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_show_two_digits() {
        let rounded = [0, 9, 99, 101, 12_345, 99_999].map(two_digits);
        assert_eq!(rounded, [0, 9, 99, 100, 12_000, 99_000]);
    }
}
