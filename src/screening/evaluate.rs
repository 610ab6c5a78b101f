//! The second reading: each person once, in the file's order, chunk by chunk, several on their way
//! at once. What is computed runs beside the threads that serve the network, and keys are kept in
//! the chunks' order, so that a job goes on exactly where it was.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use tokio::sync::mpsc;

use super::ScreenError;
use super::firsts::Firsts;
use super::input::Input;
use super::kept::KeptKeys;
use super::meter::{Meter, blocking};
use crate::agent::{
    Agent, AgentError, BulkList, FileDigests, FilterKeys, Patience, People, Prepared, RegistryDoor,
};
use crate::intake::Verdict;
use crate::protocol::evaluation::{BlindedElements, Evaluated};
use crate::protocol::limits::MAX_CHUNK;
use crate::protocol::limits::screening::CHUNKS_IN_FLIGHT;

/// Chunks that are read ahead.
const AHEAD: usize = 2;

/// The second reading of a file.
pub(super) struct Reading {
    pub(super) input: Input,
    pub(super) digests: FileDigests,
    pub(super) firsts: Arc<Firsts>,
    pub(super) meter: Arc<Meter>,
}

/// What came of evaluating: the keys, kept, and why there are not more.
pub(super) struct Evaluation {
    pub(super) kept: KeptKeys,
    pub(super) fault: Option<AgentError>,
}

/// Evaluates every chunk that is not kept yet. `told` hears how many are on the disk.
///
/// # Errors
/// [`ScreenError::InputChanged`], [`ScreenError::File`], [`ScreenError::Output`],
/// [`ScreenError::Damaged`], [`ScreenError::Interrupted`]. A fault of the registry ends the
/// evaluation and is part of its result.
pub(super) async fn evaluate<D: RegistryDoor>(
    agent: &Agent<D>,
    list: &Arc<BulkList>,
    reading: Reading,
    patience: Duration,
    mut kept: KeptKeys,
    mut told: impl FnMut(u32) -> Result<(), ScreenError>,
) -> Result<Evaluation, ScreenError> {
    use crate::protocol::limits::screening::CHUNKS_TOGETHER;
    let meter = Arc::clone(&reading.meter);
    let (first, people) = (kept.chunks, kept.people);
    meter.add(people)?;
    if people == reading.firsts.count() {
        return Ok(Evaluation { kept, fault: None });
    }
    let (sender, receiver) = mpsc::channel(AHEAD);
    let reader = blocking(move || read(&reading, first, &sender));
    let chunks = stream::unfold(receiver, |mut receiver| async {
        let next = receiver.recv().await?;
        Some((next, receiver))
    });
    let answers = chunks
        .map(|(number, people)| chunk(agent, list, number, people, patience))
        .buffered(CHUNKS_IN_FLIGHT);
    let asking = async {
        let mut answers = std::pin::pin!(answers);
        let mut forced = kept.chunks;
        let mut fault = None;
        while let Some(answer) = answers.next().await {
            let found = match answer {
                Ok(found) => found,
                Err(Asking::Fault(stopped)) => {
                    fault = Some(stopped);
                    break;
                }
                Err(Asking::Stopped(error)) => return Err(error),
            };
            let count = found.keys.len() as u64;
            let force = kept.chunks + 1 - forced >= CHUNKS_TOGETHER;
            kept = keep(kept, found, force).await?;
            if force {
                forced = kept.chunks;
                told(forced)?;
            }
            meter.add(count)?;
        }
        kept.force()?;
        told(kept.chunks)?;
        Ok(Evaluation { kept, fault })
    };
    // Dropping the answers drops the receiver, which ends the reader.
    let (evaluation, read) = tokio::join!(asking, reader);
    match (evaluation, read) {
        (Ok(evaluation), Err(error)) if evaluation.fault.is_none() => Err(error),
        (evaluation, _) => evaluation,
    }
}

async fn keep(mut kept: KeptKeys, found: FilterKeys, force: bool) -> Result<KeptKeys, ScreenError> {
    blocking(move || {
        kept.append(&found)?;
        if force {
            kept.force()?;
        }
        Ok(kept)
    })
    .await
}

/// Reads people into chunks from chunk `first` on, until nobody takes them any more.
fn read(
    reading: &Reading,
    first: u32,
    chunks: &mpsc::Sender<(u32, People)>,
) -> Result<(), ScreenError> {
    let mut file = reading.input.open(false)?;
    let (mut place, mut person) = (0, 0);
    let mut people = People::with_room(MAX_CHUNK);
    let chunk_of = |person: u64| (person / MAX_CHUNK as u64) as u32;
    while let Some(outcome) = file.rows.next().transpose()? {
        let Verdict::Accepted(applicant) = outcome.verdict else {
            continue;
        };
        if reading.firsts.is_first(place) {
            if chunk_of(person) >= first {
                people.push(&applicant.nik);
            }
            person += 1;
            if people.len() == MAX_CHUNK {
                reading.meter.go_on()?;
                let full = std::mem::replace(&mut people, People::with_room(MAX_CHUNK));
                if chunks.blocking_send((chunk_of(person - 1), full)).is_err() {
                    return Ok(());
                }
            }
        }
        place += 1;
    }
    // Before the last chunk is handed on: what was read is what was counted.
    let quiet = Meter::new();
    let same = file.digests(&quiet)? == reading.digests && person == reading.firsts.count();
    if !same {
        return Err(ScreenError::InputChanged);
    }
    if !people.is_empty() {
        // Whoever stopped taking chunks says why.
        let _stopped = chunks.blocking_send((chunk_of(person - 1), people));
    }
    Ok(())
}

/// Why a chunk has no keys.
enum Asking {
    /// The registry's fault, or its answer's.
    Fault(AgentError),
    /// The job ends.
    Stopped(ScreenError),
}

/// One chunk: prepared once, asked until it is answered, opened.
async fn chunk<D: RegistryDoor>(
    agent: &Agent<D>,
    list: &Arc<BulkList>,
    number: u32,
    people: People,
    patience: Duration,
) -> Result<FilterKeys, Asking> {
    let with = Arc::clone(list);
    match compute(move || with.prepare(&people)).await? {
        Prepared::Keys(keys) => Ok(FilterKeys {
            keys,
            charged: None,
        }),
        Prepared::Blinded { blinded, sent } => {
            let reply = patiently(agent, list, number, &sent, patience).await;
            let reply = reply.map_err(Asking::Fault)?;
            let with = Arc::clone(list);
            compute(move || with.open(&blinded, reply)).await
        }
    }
}

async fn compute<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AgentError> + Send + 'static,
) -> Result<T, Asking> {
    let done = blocking(move || Ok(work())).await;
    done.map_err(Asking::Stopped)?.map_err(Asking::Fault)
}

/// A chunk, asked again while the registry is away or busy, never sooner than it wishes: the same
/// chunk is charged once.
async fn patiently<D: RegistryDoor>(
    agent: &Agent<D>,
    list: &BulkList,
    number: u32,
    sent: &BlindedElements,
    patience: Duration,
) -> Result<Evaluated, AgentError> {
    let mut patience = Patience::new(patience, number);
    loop {
        match agent.ask_chunk(list, number, sent).await {
            Ok(reply) => return Ok(reply),
            Err(fault) => patience.after(fault).await?,
        }
    }
}
