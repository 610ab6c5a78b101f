//! The first reading: which rows are valid, and which of them repeat a person. People are told
//! apart by 128-bit keyed hashes under the job's seed, which lie sealed on the disk; a NIK never
//! does. Among 5*10^8 people two share a token with a chance below 10^-21.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use zeroize::Zeroizing;

use super::firsts::Firsts;
use super::input::{Input, Reading};
use super::job::Census;
use super::manifest::Counts;
use super::meter::Meter;
use super::ranges::Ranges;
use super::spill::{Extent, Parting, Spill, remove_folder};
use super::{Phase, ScreenError};
use crate::hash::{HashKey, keyed_blake3};
use crate::intake::{ErrorFile, Verdict};
use crate::protocol::limits::screening::RECORDS_TOGETHER;
use crate::texts::Lang;

/// NIKs that are hashed together.
const BATCH: usize = 16_384;
/// Fewest bytes of a row: sixteen digits and the end of the line.
const SHORTEST_ROW: u64 = 17;
/// Repetitions that are handed over together.
const PAIRS: usize = 4_096;

/// Where and under which keys the first reading works.
pub(super) struct Counting {
    pub(super) input: Input,
    pub(super) lang: Lang,
    pub(super) tokens: std::path::PathBuf,
    pub(super) repeats: std::path::PathBuf,
    pub(super) token_key: HashKey,
    pub(super) spill_key: HashKey,
}

/// A row's token and place: 20 bytes.
type Record = [u8; 20];
/// A first row and one that repeats it: 8 bytes.
pub(super) type Pair = [u8; 8];

impl Counting {
    /// Reads the file, writes problems to `errors`, and finds the repetitions.
    pub(super) fn run<W: Write>(
        &self,
        errors: W,
        meter: &Meter,
    ) -> Result<(Census, W), ScreenError> {
        let reading = self.input.open(false)?;
        let size = reading.rows.progress().total;
        meter.enter(Phase::Reading, size);
        let parting = Parting::for_records(size / SHORTEST_ROW);
        let tokens = Spill::begin(&self.tokens, &self.spill_key, parting.parts())?;
        let mut tokens = Tokens {
            key: &self.token_key,
            parting,
            spill: tokens,
            batch: Zeroizing::new(Vec::with_capacity(BATCH)),
            rows: 0,
        };
        let errors = ErrorFile::new(errors, &reading.rows.header(), self.lang)?;
        let (mut counts, reading, errors) = read(reading, &mut tokens, errors, meter)?;
        let digests = reading.digests(meter)?;
        let bytes = std::fs::metadata(&self.input.path)?.len();
        let mut spill = tokens.finish()?;
        spill.flush()?;
        let repeats = self.repeats(&spill, counts.valid, meter)?;
        counts.duplicate = repeats.total();
        counts.unique = counts.valid - counts.duplicate;
        let census = Census {
            digests,
            bytes,
            counts,
            repeats: repeats.keep()?,
        };
        remove_folder(&self.tokens)?;
        Ok((census, errors))
    }

    /// The pairs of first rows and rows that repeat them. A part is read in the rows' order, so
    /// memory is bounded by its people, however often they are repeated.
    fn repeats(
        &self,
        tokens: &Spill<20>,
        rows: u64,
        meter: &Meter,
    ) -> Result<Repeats, ScreenError> {
        meter.enter(Phase::Comparing, rows);
        let ranges = Ranges::of_rows(rows);
        let repeats = Mutex::new(Repeats {
            spill: Spill::begin(&self.repeats, &self.spill_key, ranges.count())?,
            ranges,
        });
        let parts: Vec<usize> = (0..tokens.parts()).collect();
        parts.into_par_iter().try_for_each(|part| {
            let hand_over = |pairs: &mut Vec<(u32, u32)>| {
                let mut repeats = repeats.lock().unwrap_or_else(PoisonError::into_inner);
                pairs.drain(..).try_for_each(|pair| repeats.push(pair))
            };
            compare(tokens, part, meter, hand_over)?;
            tokens.remove(part)
        })?;
        Ok(repeats.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Reads all rows: the valid ones are told to `tokens`, the others to `errors`.
fn read<W: Write>(
    mut reading: Reading,
    tokens: &mut Tokens<'_>,
    mut errors: ErrorFile<W>,
    meter: &Meter,
) -> Result<(Counts, Reading, W), ScreenError> {
    let mut counts = Counts::default();
    while let Some(outcome) = reading.rows.next().transpose()? {
        counts.rows += 1;
        match outcome.verdict {
            Verdict::Accepted(applicant) => {
                counts.valid += 1;
                tokens.push(applicant.nik.expose())?;
            }
            verdict => {
                counts.invalid += 1;
                for problem in verdict.problems() {
                    errors.write(problem, &outcome.echo.masked())?;
                }
            }
        }
        if counts.rows.is_multiple_of(BATCH as u64) {
            let read = reading.rows.progress();
            meter.at(read.done, read.total)?;
        }
    }
    Ok((counts, reading, errors.finish()?))
}

/// From NIKs to tokens, a batch at a time.
struct Tokens<'a> {
    key: &'a HashKey,
    parting: Parting,
    spill: Spill<20>,
    batch: Zeroizing<Vec<[u8; 16]>>,
    rows: u32,
}

impl Tokens<'_> {
    fn push(&mut self, digits: &[u8; 16]) -> Result<(), ScreenError> {
        self.batch.push(*digits);
        match self.batch.len() {
            BATCH => self.flush(),
            _ => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<(), ScreenError> {
        let mut hashes = vec![[0; 32]; self.batch.len()];
        keyed_blake3(self.key, &self.batch, &mut hashes);
        for hash in &hashes {
            let (high, _) = hash.split_first_chunk::<8>().expect("8 of 32 bytes");
            let mut record: Record = [0; 20];
            record[..16].copy_from_slice(&hash[..16]);
            record[16..].copy_from_slice(&self.rows.to_le_bytes());
            self.spill
                .push(self.parting.of(u64::from_be_bytes(*high)), record)?;
            self.rows += 1;
        }
        self.batch.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<Spill<20>, ScreenError> {
        self.flush()?;
        Ok(self.spill)
    }
}

/// Pairs of rows, by the range of the first one.
struct Repeats {
    spill: Spill<8>,
    ranges: Ranges,
}

impl Repeats {
    fn push(&mut self, (first, again): (u32, u32)) -> Result<(), ScreenError> {
        let mut pair: Pair = [0; 8];
        pair[..4].copy_from_slice(&first.to_le_bytes());
        pair[4..].copy_from_slice(&again.to_le_bytes());
        self.spill.push(self.ranges.of(first), pair)
    }

    fn total(&self) -> u64 {
        self.spill.total()
    }

    fn keep(mut self) -> Result<Vec<Extent>, ScreenError> {
        self.spill.keep()
    }
}

/// The rows of a pair.
pub(super) fn rows_of(pair: &Pair) -> (u32, u32) {
    let (first, again) = pair.split_at(4);
    let place = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("4 of 8 bytes"));
    (place(first), place(again))
}

/// Reads the repetitions of every range into bits.
pub(super) fn firsts(repeats: &Spill<8>, counts: &Counts) -> Result<Firsts, ScreenError> {
    let mut firsts = Firsts::all(counts.valid);
    for range in 0..Ranges::of_rows(counts.valid).count() {
        repeats.read(range, |pairs| {
            for pair in pairs {
                let (first, again) = rows_of(pair);
                if first >= again || u64::from(again) >= counts.valid {
                    return Err(ScreenError::Damaged);
                }
                firsts.clear(again);
            }
            Ok(())
        })?;
    }
    match firsts.count() == counts.unique {
        true => Ok(firsts),
        false => Err(ScreenError::Damaged),
    }
}

/// Finds the repetitions within a part.
fn compare(
    tokens: &Spill<20>,
    part: usize,
    meter: &Meter,
    hand_over: impl Fn(&mut Vec<(u32, u32)>) -> Result<(), ScreenError>,
) -> Result<(), ScreenError> {
    let room = usize::try_from(tokens.records(part)).unwrap_or(0);
    let room = room.min(4 * RECORDS_TOGETHER as usize);
    let mut seen: HashMap<Token, u32, BuildHasherDefault<Middle>> =
        HashMap::with_capacity_and_hasher(room, BuildHasherDefault::default());
    let mut pairs = Vec::with_capacity(PAIRS);
    tokens.read(part, |records| {
        for record in records {
            let (token, place) = record.split_at(16);
            let token = Token(token.try_into().expect("16 of 20 bytes"));
            let place = u32::from_le_bytes(place.try_into().expect("4 of 20 bytes"));
            let first = *seen.entry(token).or_insert(place);
            if first != place {
                pairs.push((first, place));
                if pairs.len() == PAIRS {
                    hand_over(&mut pairs)?;
                }
            }
        }
        meter.add(records.len() as u64)
    })?;
    hand_over(&mut pairs)
}

#[derive(PartialEq, Eq)]
struct Token([u8; 16]);

impl Hash for Token {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (_, low) = self.0.split_last_chunk::<8>().expect("8 of 16 bytes");
        state.write_u64(u64::from_le_bytes(*low));
    }
}

/// A token is a keyed hash already: bits of it are as good as any hash of it.
#[derive(Default)]
struct Middle(u64);

impl Hasher for Middle {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// What a counting thread gives back.
pub(super) type Counted<W> = Result<(Census, W), ScreenError>;

/// Counts on a thread of its own.
pub(super) async fn counted<W: Write + Send + 'static>(
    counting: Counting,
    errors: W,
    meter: &Arc<Meter>,
) -> Counted<W> {
    let meter = Arc::clone(meter);
    super::meter::blocking(move || counting.run(errors, &meter)).await
}
