//! Deltas: what changed since a client's copy, as a net.

use std::sync::Arc;

use super::ServedBody;
use super::crossing::over_switch;
use super::shelf::{Built, Crossing};
use crate::protocol::limits::{DELTA_SERVED_AGAIN_FOR, MAX_DELTA_KEYS, MOVES_KEPT_AT_LEAST};
use crate::protocol::record::EpochRecord;
use crate::protocol::{Delta, Epoch, ErrorCode, HeadSubject, KeyMove, ListId, Timestamp};
use crate::registry::members::{Member, SNAPSHOTS};
use crate::registry::{Refusal, Registry};
use crate::store::{Store, StoredList, View};

impl<S: Store> Registry<S> {
    /// What changed in the list's snapshot from sequence `from` to now, for a `screen` or `watch` grant. An
    /// empty delta says that nothing did.
    ///
    /// # Errors
    /// [`ErrorCode::NotGranted`], [`ErrorCode::NotFound`] for another epoch,
    /// [`ErrorCode::SnapshotNeeded`] if what changed is not known from there, or a whole snapshot
    /// is cheaper, [`ErrorCode::SnapshotPending`] while it is found out what another version of a
    /// large list changed, [`ErrorCode::ClockWrong`], the store's.
    pub async fn delta(
        &self,
        member: &Member,
        list: &ListId,
        epoch: Epoch,
        from: u64,
    ) -> Result<ServedBody, Refusal> {
        self.granted(member, list, &SNAPSHOTS).await?;
        let record = self.record_of(list, epoch).await?;
        let as_of = self.trusted_now().await?;
        let view = View::answering(list.clone(), epoch);
        self.expire_view(&view, as_of).await?;
        let stored = self.store.list(list).await?.ok_or(ErrorCode::NotFound)?;
        if let Some(switch) = self.store.count_moves(&view, from).await?.switch {
            // Before the turn: a snapshot may have to be built, for which nobody else should wait.
            self.crossing(&record, &stored, switch).await?;
        }
        // One at a time: each may take 50 bytes of memory a move.
        let mut last = self.snapshots.netting.lock().await;
        let sequence = self.store.count_moves(&view, from).await?.sequence;
        let asked = (list.clone(), epoch, from);
        let known = last
            .take()
            .filter(|held| held.of(&asked, (sequence, as_of)));
        let netted = match known {
            Some(netted) => netted,
            None => self.netted(&record, &stored, (from, as_of)).await?,
        };
        let (to, body) = (netted.to, netted.body.clone());
        *last = Some(netted);
        drop(last);
        self.counters.deltas.add(1);
        let what = HeadSubject::Delta { from, to };
        let head = self.head(&record, to, as_of, what, &body);
        Ok(ServedBody { body, head })
    }

    async fn netted(
        &self,
        record: &EpochRecord,
        stored: &StoredList,
        (from, at): (u64, Timestamp),
    ) -> Result<Netted, Refusal> {
        let (moves, to) = self.way(record, stored, from).await?;
        let netting = tokio::task::spawn_blocking(move || {
            let delta = Delta::net(moves);
            (delta.keys() <= MAX_DELTA_KEYS as u64).then(|| delta.to_bytes())
        });
        let netted = netting.await.map_err(|_| ErrorCode::Internal)?;
        Ok(Netted {
            at,
            list: stored.list.clone(),
            epoch: stored.epoch,
            from,
            to,
            body: netted.ok_or(ErrorCode::SnapshotNeeded)?,
        })
    }

    /// The moves that lead from a sequence to now, and the sequence that is: those of the log, and
    /// over each switch of versions the delta that was made of two snapshots.
    async fn way(
        &self,
        record: &EpochRecord,
        stored: &StoredList,
        from: u64,
    ) -> Result<(Vec<KeyMove>, u64), Refusal> {
        let most = most_moves(stored.people);
        let (mut at, mut way) = (from, Vec::new());
        loop {
            let spare = most.checked_sub(way.len());
            let spare = spare.ok_or(ErrorCode::SnapshotNeeded)?;
            let after = self.store.moves(&stored.view(), at, spare).await?;
            way.extend(after.moves.ok_or(ErrorCode::SnapshotNeeded)?);
            let Some(switch) = after.switch else {
                return Ok((way, after.sequence));
            };
            let crossing = self.crossing(record, stored, switch).await?;
            at = crossing.to;
            let reading = tokio::task::spawn_blocking(move || crossing.read());
            let read = reading.await.map_err(|_| ErrorCode::Internal)?;
            let delta = read.ok().flatten().ok_or(ErrorCode::SnapshotNeeded)?;
            way.extend(delta.moves());
        }
    }

    /// The delta over a switch, made now if a snapshot is soon built.
    async fn crossing(
        &self,
        record: &EpochRecord,
        stored: &StoredList,
        switch: u64,
    ) -> Result<Arc<Crossing>, Refusal> {
        let (list, epoch, shelf) = (&stored.list, stored.epoch, &self.snapshots.shelf);
        if let Some(crossing) = shelf.over(list, epoch, switch) {
            return Ok(crossing);
        }
        let newest = shelf.newest(list, epoch);
        if newest.is_some_and(|built| built.head.sequence < switch) {
            self.build_soon(record, stored).await?;
        }
        let crossing = shelf.over(list, epoch, switch);
        crossing.ok_or_else(|| ErrorCode::SnapshotNeeded.into())
    }

    /// Where versions were switched since the newest snapshot, puts on the shelf what leads over
    /// that switch to one that is just built, if that is cheaper than the whole of it.
    pub(super) async fn cross(
        &self,
        record: &EpochRecord,
        built: &Arc<Built>,
    ) -> Result<(), Refusal> {
        let (list, epoch) = (&record.list, record.epoch);
        let Some(older) = self.snapshots.shelf.newest(list, epoch) else {
            return Ok(());
        };
        let view = View::answering(list.clone(), epoch);
        let since = self.store.moves(&view, older.head.sequence, MAX_DELTA_KEYS);
        let since = since.await?;
        let to = built.head.sequence;
        let switch = since.switch.filter(|switch| *switch <= to);
        let (Some(switch), Some(moves)) = (switch, since.moves) else {
            return Ok(());
        };
        let newer = Arc::clone(built);
        let comparing = tokio::task::spawn_blocking(move || over_switch(&older, &newer, moves));
        let compared = comparing.await.map_err(|_| ErrorCode::Internal)?;
        let put = compared.and_then(|delta| {
            let Some(delta) = delta else {
                return Ok(());
            };
            let from = switch - 1;
            let body = delta.to_bytes();
            let what = HeadSubject::Delta { from, to };
            let head = self.head(record, to, built.head.as_of, what, &body);
            tracing::info!(%list, from, to, keys = delta.keys(), "a delta leads over a switch");
            self.snapshots.shelf.put_crossing(&head, &body)
        });
        if let Err(error) = put {
            // Copies are fetched anew then: dearer, and as good.
            tracing::warn!(%list, %error, "no delta leads over a switch");
        }
        Ok(())
    }
}

/// A delta's body, and of what and when it is.
pub(super) struct Netted {
    at: Timestamp,
    list: ListId,
    epoch: Epoch,
    from: u64,
    to: u64,
    body: Vec<u8>,
}

impl Netted {
    fn of(&self, (list, epoch, from): &(ListId, Epoch, u64), (to, now): (u64, Timestamp)) -> bool {
        let same = (&self.list, self.epoch, self.from, self.to) == (list, *epoch, *from, to);
        same && now.since(self.at) <= DELTA_SERVED_AGAIN_FOR
    }
}

/// From how many moves on a whole snapshot is cheaper: half of the list's people, each of whom may
/// come and leave.
fn most_moves(people: u64) -> usize {
    let half = people / 2;
    usize::try_from(half.clamp(MOVES_KEPT_AT_LEAST, MAX_DELTA_KEYS as u64)).unwrap_or(usize::MAX)
}
