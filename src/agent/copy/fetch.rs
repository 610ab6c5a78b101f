//! Fetching a snapshot chunk by chunk: what is on the disk was verified, and a fetch goes on where
//! it was broken off, in this process or the next.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::sync::LONGEST_WAIT;
use super::{CopyFolder, Kept, LocalCopy, SyncWatcher};
use crate::agent::door::{DoorError, RegistryDoor};
use crate::agent::{Agent, AgentError, may_pass, orders};
use crate::protocol::paths;
use crate::protocol::snapshot::{CHUNK_BYTES, KeyOrder, SnapshotIndex};

/// How often in a row a range is asked for again while the registry is away, busy or sends what
/// does not fit.
const TRIES: u32 = 6;
/// The wait before the first repetition, doubled each time.
const FIRST_WAIT: Duration = Duration::from_millis(200);
const _: () = assert!(FIRST_WAIT.as_millis() << (TRIES - 1) <= LONGEST_WAIT.as_millis());

impl<D: RegistryDoor> Agent<D> {
    /// Fetches the keys of a snapshot whose index was admitted, from where an earlier fetch ended.
    /// The copy as it stands on the disk, and the bytes that were fetched now.
    ///
    /// # Errors
    /// [`AgentError::Door`], also with `snapshot_gone`; [`AgentError::Snapshot`] if what comes is not
    /// what the index vouches for, or not in order; [`AgentError::Output`], [`AgentError::Home`].
    pub(super) async fn fetch_keys(
        &self,
        folder: &CopyFolder,
        kept: &Kept,
        watcher: &mut dyn SyncWatcher,
    ) -> Result<(LocalCopy, u64), AgentError> {
        let file = Arc::new(folder.fetched_keys()?);
        let index = Arc::new(kept.index.clone());
        let (reading, indexed) = (Arc::clone(&file), Arc::clone(&index));
        let verified = tokio::task::spawn_blocking(move || verified_chunks(&reading, &indexed));
        let (mut next, mut order) = verified.await.map_err(|_| AgentError::Interrupted)??;
        let (mut fetched, mut failed) = (0, 0);
        while next < index.chunks().len() {
            watcher.fetched((next * CHUNK_BYTES) as u64, index.bytes());
            match self.fetch_some(kept, next).await {
                Ok(chunks) => {
                    failed = 0;
                    for chunk in &chunks {
                        if !order.take(chunk) {
                            return Err(AgentError::Snapshot);
                        }
                        file.write_all_at(chunk, (next * CHUNK_BYTES) as u64)?;
                        fetched += chunk.len() as u64;
                        next += 1;
                    }
                }
                Err(fault) if failed < TRIES && is_worth_a_try(&fault) => {
                    let wait = FIRST_WAIT * 2u32.pow(failed);
                    let wished = fault.retry_after().unwrap_or(wait);
                    sleep(wished.clamp(wait, LONGEST_WAIT)).await;
                    failed += 1;
                }
                Err(fault) => return Err(fault),
            }
        }
        watcher.fetched(index.bytes(), index.bytes());
        file.sync_all()?;
        let whole = LocalCopy::new(
            kept.head.head.clone(),
            kept.index.clone(),
            file.try_clone()?,
        )?;
        Ok((whole, fetched))
    }

    /// Asks for the chunk `next`: what came, verified. One a request, so that what is lost with a
    /// connection is a chunk at most.
    async fn fetch_some(&self, kept: &Kept, next: usize) -> Result<Vec<Vec<u8>>, AgentError> {
        let head = &kept.head.head;
        let path = paths::fill(
            paths::SNAPSHOT_KEYS,
            &[
                head.list.as_str(),
                &head.epoch.to_string(),
                &head.sequence.to_string(),
            ],
        );
        let read = orders::read(&self.home, path, self.now())?;
        let start = (next * CHUNK_BYTES) as u64;
        let end = start + kept.index.chunk_bytes(next) as u64;
        let bytes = self
            .door
            .snapshot_keys(&read, &head.list, head.epoch, head.sequence, start..end)
            .await?;
        let mut chunks = Vec::new();
        let mut rest = bytes.as_slice();
        for number in next.. {
            let size = kept.index.chunk_bytes(number);
            let Some((chunk, after)) = rest.split_at_checked(size).filter(|_| size > 0) else {
                break;
            };
            if !kept.index.vouches_for(number, chunk) {
                return Err(AgentError::Snapshot);
            }
            chunks.push(chunk.to_vec());
            rest = after;
        }
        if chunks.is_empty() {
            return Err(AgentError::Snapshot);
        }
        Ok(chunks)
    }
}

fn is_worth_a_try(fault: &AgentError) -> bool {
    match fault {
        // A byte that was changed on the way is not changed again.
        AgentError::Snapshot | AgentError::Door(DoorError::Malformed) => true,
        fault => may_pass(fault),
    }
}

/// How many chunks from the first on the file has, and the order of their keys. What comes after
/// them is cut off.
fn verified_chunks(
    file: &File,
    index: &Arc<SnapshotIndex>,
) -> Result<(usize, KeyOrder), AgentError> {
    let mut order = KeyOrder::of(index);
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut number = 0;
    let length = file.metadata()?.len();
    loop {
        let size = index.chunk_bytes(number);
        let start = (number * CHUNK_BYTES) as u64;
        let chunk = &mut chunk[..size];
        if size == 0 || start + size as u64 > length {
            break;
        }
        file.read_exact_at(chunk, start)?;
        if !index.vouches_for(number, chunk) {
            break;
        }
        if !order.take(chunk) {
            return Err(AgentError::Snapshot);
        }
        number += 1;
    }
    let verified = ((number * CHUNK_BYTES) as u64).min(index.bytes());
    file.set_len(verified)?;
    Ok((number, order))
}
