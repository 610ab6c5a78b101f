//! An organisation's own entries: its pages, and which buckets hold them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::BASE64URL_NOPAD;

use super::members::Member;
use super::{Refusal, Registry};
use crate::protocol::codes::{ListingStatus, Role};
use crate::protocol::limits::{MAX_BUCKET_BITS, MAX_PAGE, MAX_REMEMBERED_OWN_BUCKETS};
use crate::protocol::listing::Person;
use crate::protocol::submission::{OwnEntry, OwnPage};
use crate::protocol::{BucketShape, EntryId, ErrorCode, ListId, Locator, OrgId};
use crate::store::{Store, View};

/// Which buckets hold an organisation's own entries, as the finest numbers, sorted; remembered for
/// as long as the list does not change.
#[derive(Default)]
pub(super) struct OwnBuckets(Mutex<HashMap<(OrgId, View), Remembered>>);

#[derive(Clone)]
struct Remembered {
    sequence: u64,
    finest: Arc<[u32]>,
}

impl<S: Store> Registry<S> {
    /// A page of the member's own entries on a list, by entry id, after the cursor of the page
    /// before; `limit` is 1 to [`MAX_PAGE`]. For a `contribute` grant.
    ///
    /// # Errors
    /// [`ErrorCode::NotGranted`], [`ErrorCode::InvalidField`] naming `limit` or `after`,
    /// [`ErrorCode::NotFound`], the store's.
    pub async fn own_page(
        &self,
        member: &Member,
        list: &ListId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<OwnPage, Refusal> {
        if !(1..=MAX_PAGE).contains(&limit) {
            return Err(Refusal::field("limit"));
        }
        let after = after.map(read_cursor).transpose()?;
        self.granted(member, list, &[Role::Contribute]).await?;
        let list = self.store.list(list).await?.ok_or(ErrorCode::NotFound)?;
        let view = View::answering(list.list, list.epoch);
        let id = &member.organisation;
        let own = self.store.own_entries(&view, id, after, limit).await?;
        let locators: Vec<Locator> = own.iter().map(|(_, locator)| *locator).collect();
        let people = self.store.people(&view, &locators).await?;
        let last = own.last().map(|(entry, _)| *entry);
        let next = last.filter(|_| own.len() == limit).map(cursor);
        let entries = own.iter().zip(people);
        let entries = entries.filter_map(|((entry, _), person)| own_entry(*entry, &person?));
        Ok(OwnPage {
            entries: entries.collect(),
            next,
        })
    }

    /// Refuses a bucket without an entry of the member's own: with them all, a contributor could
    /// check anybody.
    pub(super) async fn require_own_bucket(
        &self,
        member: &Member,
        view: &View,
        shape: BucketShape,
        bucket: u32,
    ) -> Result<(), Refusal> {
        let finest = self.own_buckets(&member.organisation, view).await?;
        let shift = MAX_BUCKET_BITS - shape.bits();
        let first = bucket << shift;
        let at = finest.partition_point(|number| *number < first);
        match finest.get(at) {
            Some(number) if number >> shift == bucket => Ok(()),
            _ => Err(ErrorCode::NotGranted.into()),
        }
    }

    async fn own_buckets(&self, id: &OrgId, view: &View) -> Result<Arc<[u32]>, Refusal> {
        let list = self.store.list(&view.list).await?;
        let sequence = list.ok_or(ErrorCode::NotFound)?.sequence;
        let place = (id.clone(), view.clone());
        if let Some(known) = self.own_buckets.get(&place)
            && known.sequence == sequence
        {
            return Ok(known.finest);
        }
        let mut finest = Vec::new();
        let mut after = None;
        loop {
            let own = self.store.own_entries(view, id, after, MAX_PAGE).await?;
            finest.extend(
                own.iter()
                    .map(|(_, locator)| locator.bucket(MAX_BUCKET_BITS)),
            );
            after = own.last().map(|(entry, _)| *entry);
            if own.len() < MAX_PAGE {
                break;
            }
        }
        finest.sort_unstable();
        finest.dedup();
        let finest: Arc<[u32]> = finest.into();
        let remembered = Remembered {
            sequence,
            finest: Arc::clone(&finest),
        };
        self.own_buckets.put(place, remembered);
        Ok(finest)
    }
}

impl OwnBuckets {
    fn get(&self, place: &(OrgId, View)) -> Option<Remembered> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(place).cloned()
    }

    fn put(&self, place: (OrgId, View), remembered: Remembered) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_REMEMBERED_OWN_BUCKETS {
            known.clear();
        }
        known.insert(place, remembered);
    }
}

fn own_entry(entry: EntryId, person: &Person) -> Option<OwnEntry> {
    let listing = person
        .listings
        .iter()
        .find(|listing| listing.entry == entry && listing.status != ListingStatus::Withdrawn)?;
    Some(OwnEntry {
        entry,
        reference: listing.reference,
        content: listing.content.clone(),
        status: listing.status,
        element: person.element,
    })
}

fn cursor(entry: EntryId) -> String {
    BASE64URL_NOPAD.encode(&entry.0)
}

fn read_cursor(text: &str) -> Result<EntryId, Refusal> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok();
    let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
    bytes.map(EntryId).ok_or(Refusal::field("after"))
}
