//! Deltas: what changed since a client's copy, as a net.

use super::ServedBody;
use crate::protocol::limits::{MAX_DELTA_KEYS, MOVES_KEPT_AT_LEAST};
use crate::protocol::{Delta, Epoch, ErrorCode, HeadSubject, ListId};
use crate::registry::members::{Member, SNAPSHOTS};
use crate::registry::{Refusal, Registry};
use crate::store::{Store, View};

impl<S: Store> Registry<S> {
    /// What changed in the list's snapshot from sequence `from` to now, for a `screen` or `watch` grant. An
    /// empty delta says that nothing did.
    ///
    /// # Errors
    /// [`ErrorCode::NotGranted`], [`ErrorCode::NotFound`] for another epoch,
    /// [`ErrorCode::SnapshotNeeded`] if what changed is not known from there, or a whole snapshot
    /// is cheaper, [`ErrorCode::ClockWrong`], the store's.
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
        // One at a time: each may take 50 bytes of memory a move.
        let _alone = self.snapshots.netting.lock().await;
        let after = self.store.moves(&view, from, most_moves(stored.people));
        let after = after.await?;
        let moves = after.moves.ok_or(ErrorCode::SnapshotNeeded)?;
        let netting = tokio::task::spawn_blocking(move || {
            let delta = Delta::net(moves);
            (delta.keys() <= MAX_DELTA_KEYS as u64).then(|| delta.to_bytes())
        });
        let netted = netting.await.map_err(|_| ErrorCode::Internal)?;
        let body = netted.ok_or(ErrorCode::SnapshotNeeded)?;
        self.counters.deltas.add(1);
        let to = after.sequence;
        let what = HeadSubject::Delta { from, to };
        let head = self.head(&record, to, as_of, what, &body);
        Ok(ServedBody { body, head })
    }
}

/// From how many moves on a whole snapshot is cheaper: half of the list's people, each of whom may
/// come and leave.
fn most_moves(people: u64) -> usize {
    let half = people / 2;
    usize::try_from(half.clamp(MOVES_KEPT_AT_LEAST, MAX_DELTA_KEYS as u64)).unwrap_or(usize::MAX)
}
