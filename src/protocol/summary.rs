//! What a sealed row says about one person: 72 bytes, bands only, never a contributor.
//!
//! | bytes | field |
//! |---|---|
//! | 0 | version, 1 |
//! | 1 | class: 1 listed, 2 previously, 3 not listed |
//! | 2 | count band: 0 none, 1 one, 2 two or three, 3 more |
//! | 3 | grade (kolektibilitas) 1 to 5, 0 none |
//! | 4 | plafond band 1 to 4, 0 none |
//! | 5..9 | reasons, u32: bit r for the reason of number r |
//! | 9 | flags: bit 0 `verify_identity` |
//! | 10..18 | `listed_until`, i64 milliseconds |
//! | 18..26 | `gone_after`, i64 milliseconds, not before `listed_until` |
//! | 26..34 | sequence of the person's last change, u64 |
//! | 34..72 | zeros |

use serde::{Deserialize, Serialize};

use super::answer::AnswerClass;
use super::bytes::{DecodeError, Reader};
use super::codes::{AmountBand, Collectibility, CountBand, Reason};
use super::limits::SUMMARY_BYTES;
use super::time::Timestamp;

const VERSION: u8 = 1;
const VERIFY_IDENTITY: u8 = 1;

/// A set of reasons, one bit for each. JSON carries the names, in order of their number.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(from = "Vec<Reason>", into = "Vec<Reason>")]
pub struct Reasons(u32);

impl Reasons {
    /// Whether `reason` is in the set.
    #[must_use]
    pub const fn contains(self, reason: Reason) -> bool {
        self.0 & (1 << reason.number()) != 0
    }

    /// Adds `reason`.
    pub const fn insert(&mut self, reason: Reason) {
        self.0 |= 1 << reason.number();
    }

    /// Whether the set has no reason.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The reasons, in order of their number.
    pub fn iter(self) -> impl Iterator<Item = Reason> {
        Reason::ALL
            .iter()
            .copied()
            .filter(move |&r| self.contains(r))
    }

    /// The bitmap: bit r for the reason of number r.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The set of a bitmap, absent if a bit belongs to no reason.
    #[must_use]
    pub fn from_bits(bits: u32) -> Option<Self> {
        let all: Self = Reason::ALL.iter().copied().collect();
        (bits & !all.0 == 0).then_some(Self(bits))
    }
}

impl FromIterator<Reason> for Reasons {
    fn from_iter<I: IntoIterator<Item = Reason>>(reasons: I) -> Self {
        let mut set = Self::default();
        reasons.into_iter().for_each(|reason| set.insert(reason));
        set
    }
}

impl From<Vec<Reason>> for Reasons {
    fn from(reasons: Vec<Reason>) -> Self {
        reasons.into_iter().collect()
    }
}

impl From<Reasons> for Vec<Reason> {
    fn from(reasons: Reasons) -> Self {
        reasons.iter().collect()
    }
}

/// What a list says about one person, over all listings that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The class at the time the row was sealed. Readers ask [`Summary::class_at`] instead.
    pub class: AnswerClass,
    /// How many listings count.
    pub count: CountBand,
    /// The worst collectibility, absent on programme lists.
    pub grade: Option<Collectibility>,
    /// The highest band of a credit limit, absent on programme lists.
    pub plafond: Option<AmountBand>,
    /// Every reason given.
    pub reasons: Reasons,
    /// A victim of identity theft (`KORBAN`): verify who the applicant is. It protects the person
    /// and stands beside any class; no time ends it but the row's next change.
    pub verify_identity: bool,
    /// From this time on the person is no longer `LISTED`.
    pub listed_until: Timestamp,
    /// From this time on nothing counts any more; not before `listed_until`.
    pub gone_after: Timestamp,
    /// The sequence number of the person's last change.
    pub sequence: u64,
}

impl Summary {
    /// The class at `time`, the signed time of the answer that carries the row: both times are
    /// applied here, so that an expiry job that runs late lists nobody.
    #[must_use]
    pub fn class_at(&self, time: Timestamp) -> AnswerClass {
        match self.class {
            AnswerClass::NotListed => AnswerClass::NotListed,
            _ if time >= self.gone_after => AnswerClass::NotListed,
            AnswerClass::Listed if time < self.listed_until => AnswerClass::Listed,
            AnswerClass::Listed | AnswerClass::Previously => AnswerClass::Previously,
        }
    }

    /// The 72 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; SUMMARY_BYTES] {
        let mut bytes = [0; SUMMARY_BYTES];
        bytes[0] = VERSION;
        bytes[1] = self.class.number();
        bytes[2] = self.count.number();
        bytes[3] = self.grade.map_or(0, Collectibility::number);
        bytes[4] = self.plafond.map_or(0, AmountBand::number);
        bytes[5..9].copy_from_slice(&self.reasons.bits().to_le_bytes());
        bytes[9] = u8::from(self.verify_identity) * VERIFY_IDENTITY;
        bytes[10..18].copy_from_slice(&self.listed_until.0.to_le_bytes());
        bytes[18..26].copy_from_slice(&self.gone_after.0.to_le_bytes());
        bytes[26..34].copy_from_slice(&self.sequence.to_le_bytes());
        bytes
    }

    /// Reads the 72 bytes.
    ///
    /// # Errors
    /// [`DecodeError::WrongContext`] for another version, [`DecodeError::Field`] naming a field with
    /// an unknown value or bit, times in the wrong order, or padding that is not zero.
    pub fn from_bytes(bytes: &[u8; SUMMARY_BYTES]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != VERSION {
            return Err(DecodeError::WrongContext);
        }
        let summary = Self {
            class: known("class", reader.u8()?, AnswerClass::from_number)?,
            count: known("count", reader.u8()?, CountBand::from_number)?,
            grade: optional("grade", reader.u8()?, Collectibility::from_number)?,
            plafond: optional("plafond", reader.u8()?, AmountBand::from_number)?,
            reasons: known("reasons", reader.u32()?, Reasons::from_bits)?,
            verify_identity: known("flags", reader.u8()?, |flags| {
                (flags & !VERIFY_IDENTITY == 0).then_some(flags != 0)
            })?,
            listed_until: reader.time()?,
            gone_after: reader.time()?,
            sequence: reader.u64()?,
        };
        if summary.gone_after < summary.listed_until {
            return Err(DecodeError::Field("gone_after"));
        }
        let zeros = reader.raw(reader.remaining())?;
        if zeros.iter().any(|&byte| byte != 0) {
            return Err(DecodeError::Field("zeros"));
        }
        Ok(summary)
    }
}

fn known<N, T>(
    field: &'static str,
    number: N,
    read: impl Fn(N) -> Option<T>,
) -> Result<T, DecodeError> {
    read(number).ok_or(DecodeError::Field(field))
}

fn optional<T>(
    field: &'static str,
    number: u8,
    read: impl Fn(u8) -> Option<T>,
) -> Result<Option<T>, DecodeError> {
    if number == 0 {
        return Ok(None);
    }
    known(field, number, read).map(Some)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in super::super) fn any_summary() -> impl Strategy<Value = Summary> {
        let of = |values| proptest::sample::select(values);
        (
            proptest::sample::select(AnswerClass::ALL.to_vec()),
            of(CountBand::ALL.to_vec()).boxed(),
            proptest::option::of(proptest::sample::select(Collectibility::ALL)),
            proptest::option::of(proptest::sample::select(AmountBand::ALL)),
            proptest::sample::subsequence(Reason::ALL, 0..=Reason::ALL.len()),
            any::<bool>(),
            (any::<i64>(), 0..i64::MAX),
            any::<u64>(),
        )
            .prop_map(
                |(class, count, grade, plafond, reasons, flag, times, sequence)| Summary {
                    class,
                    count,
                    grade,
                    plafond,
                    reasons: reasons.into_iter().collect(),
                    verify_identity: flag,
                    listed_until: Timestamp(times.0),
                    gone_after: Timestamp(times.0).plus(times.1),
                    sequence,
                },
            )
    }

    fn listed(until: i64, gone: i64) -> Summary {
        Summary {
            class: AnswerClass::Listed,
            count: CountBand::One,
            grade: Some(Collectibility::Macet),
            plafond: Some(AmountBand::From5To25),
            reasons: [Reason::MacetPokok, Reason::Asn].into_iter().collect(),
            verify_identity: true,
            listed_until: Timestamp(until),
            gone_after: Timestamp(gone),
            sequence: 7,
        }
    }

    #[test]
    fn the_byte_table_is_as_documented() {
        let mut expected = [0; SUMMARY_BYTES];
        expected[..10].copy_from_slice(&[1, 1, 1, 5, 2, 1, 0, 1, 0, 1]);
        expected[10..13].copy_from_slice(&[0xe8, 3, 0]);
        expected[18..21].copy_from_slice(&[0xd0, 7, 0]);
        expected[26] = 7;
        assert_eq!(listed(1_000, 2_000).to_bytes(), expected);
    }

    #[test]
    fn a_late_expiry_job_lists_nobody() {
        use AnswerClass::{Listed, NotListed, Previously};
        let at = |summary: &Summary| {
            [999, 1_000, 1_999, 2_000].map(|time| summary.class_at(Timestamp(time)))
        };
        let mut summary = listed(1_000, 2_000);
        assert_eq!(at(&summary), [Listed, Previously, Previously, NotListed]);
        summary.class = Previously;
        assert_eq!(
            at(&summary),
            [Previously, Previously, Previously, NotListed]
        );
        summary.class = NotListed;
        assert_eq!(at(&summary), [NotListed; 4]);
    }

    #[test]
    fn unknown_values_and_bits_are_refused_by_name() {
        let refused = |at: usize, value: u8| {
            let mut bytes = listed(1_000, 2_000).to_bytes();
            bytes[at] = value;
            Summary::from_bytes(&bytes).expect_err("out of range")
        };
        assert_eq!(refused(0, 2), DecodeError::WrongContext);
        for (at, value, field) in [
            (1, 0, "class"),
            (1, 4, "class"),
            (2, 4, "count"),
            (3, 6, "grade"),
            (4, 5, "plafond"),
            (8, 0x80, "reasons"),
            (9, 2, "flags"),
            (25, 0x80, "gone_after"),
            (34, 1, "zeros"),
            (71, 1, "zeros"),
        ] {
            assert_eq!(refused(at, value), DecodeError::Field(field), "byte {at}");
        }
    }

    #[test]
    fn json_names_the_reasons() {
        let json = serde_json::to_value(listed(1, 2)).expect("serialises");
        assert_eq!(json["reasons"], serde_json::json!(["MACET_POKOK", "ASN"]));
        assert_eq!(json["class"], "LISTED");
        let back: Summary = serde_json::from_value(json).expect("parses");
        assert_eq!(back, listed(1, 2));
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes(summary in any_summary()) {
            prop_assert_eq!(Summary::from_bytes(&summary.to_bytes()), Ok(summary));
        }

        #[test]
        fn bytes_that_decode_are_the_only_encoding(summary in any_summary(), bit in 0usize..576) {
            let mut bytes = summary.to_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok(other) = Summary::from_bytes(&bytes) {
                prop_assert_ne!(other, summary);
                prop_assert_eq!(other.to_bytes(), bytes);
            }
        }
    }
}
