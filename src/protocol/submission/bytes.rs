//! The binary forms of a submission and its reply: what an agent sends. JSON stays for everybody
//! else.
//!
//! A submission: `"saring/v1/submission"`, 0x00; version u32 (0: the one that answers); count u32;
//! then a row: element 32, reference 32, reason u8, collectibility u8 and amount band u8 (0: none),
//! flags u8 (bit 0 update, bit 1 an end follows, bit 2 a digest of evidence follows), day of default
//! i32 in days since 1970, the end i32, the digest 32.
//!
//! A reply: `"saring/v1/submitted"`, 0x00; receipt as u16 length and bytes; count u32; then an
//! outcome: u8 (0 new, 1 new and also listed by another, 2 unchanged, 3 updated), entry 16; or u8
//! 16 + n for the refusal of number n ([`RowRefusal::ALL`]).

use super::{RowOutcome, RowRefusal, Submission, SubmissionReply, SubmissionRow};
use crate::protocol::bytes::{DecodeError, Reader, Writer};
use crate::protocol::codes::{AmountBand, Collectibility, Reason};
use crate::protocol::ids::{Digest32, EntryId};
use crate::protocol::limits::MAX_SUBMISSION_ROWS;
use crate::protocol::listing::{Element32, ListingContent};
use crate::protocol::receipt::SignedReceipt;
use crate::protocol::time::Date;
use crate::protocol::version::Version;

const CONTEXT: &str = "saring/v1/submission";
const REPLY_CONTEXT: &str = "saring/v1/submitted";
/// Bytes of a row without its optional fields.
const ROW_BYTES: usize = 72;
const UPDATE: u8 = 1;
const HAS_END: u8 = 2;
const HAS_EVIDENCE: u8 = 4;
/// The outcome byte of the first refusal.
const REFUSED: u8 = 16;

impl Submission {
    /// The binary form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_context(CONTEXT);
        w.reserve(8 + self.rows.len() * (ROW_BYTES + 4));
        w.u32(self.version.map_or(0, |version| version.0));
        w.u32(self.rows.len() as u32);
        for row in &self.rows {
            write_row(&mut w, row);
        }
        w.finish()
    }

    /// Whether bytes are in the binary form, judged by their start; JSON never starts so.
    #[must_use]
    pub fn is_binary(bytes: &[u8]) -> bool {
        Reader::with_context(bytes, CONTEXT).is_ok()
    }

    /// Reads what [`Submission::to_bytes`] makes. Elements are not decoded.
    ///
    /// # Errors
    /// Every [`DecodeError`]; [`DecodeError::TooLong`] for more than [`MAX_SUBMISSION_ROWS`] rows.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::with_context(bytes, CONTEXT)?;
        let version = Some(Version(r.u32()?)).filter(|version| version.0 > 0);
        let count = count(&mut r)?;
        let rows = (0..count).map(|_| read_row(&mut r));
        let rows = rows.collect::<Result<_, _>>()?;
        r.finish()?;
        Ok(Self { version, rows })
    }
}

impl SubmissionReply {
    /// The binary form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_context(REPLY_CONTEXT);
        let receipt = self.receipt.to_bytes();
        w.reserve(receipt.len() + 8 + self.rows.len() * 17);
        w.u16(receipt.len() as u16).raw(&receipt);
        w.u32(self.rows.len() as u32);
        for row in &self.rows {
            let (byte, entry) = match row {
                RowOutcome::Accepted {
                    entry,
                    also_listed_by_another,
                } => (u8::from(*also_listed_by_another), entry),
                RowOutcome::Unchanged { entry } => (2, entry),
                RowOutcome::Updated { entry } => (3, entry),
                RowOutcome::Refused { reason } => {
                    w.u8(REFUSED + reason.number());
                    continue;
                }
            };
            w.u8(byte).raw(&entry.0);
        }
        w.finish()
    }

    /// Reads what [`SubmissionReply::to_bytes`] makes. The receipt is not verified.
    ///
    /// # Errors
    /// Every [`DecodeError`]; [`DecodeError::TooLong`] for more than [`MAX_SUBMISSION_ROWS`] rows.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::with_context(bytes, REPLY_CONTEXT)?;
        let length = usize::from(r.u16()?);
        let receipt = SignedReceipt::from_bytes(r.raw(length)?)?;
        let count = count(&mut r)?;
        let rows = (0..count).map(|_| read_outcome(&mut r));
        let rows = rows.collect::<Result<_, _>>()?;
        r.finish()?;
        Ok(Self { rows, receipt })
    }
}

impl RowRefusal {
    /// Every refusal, in order of its number.
    pub const ALL: [Self; 12] = [
        Self::BadElement,
        Self::Conflict,
        Self::Repeated,
        Self::TooManyListings,
        Self::Reason,
        Self::Collectibility,
        Self::BelowGrade,
        Self::Plafond,
        Self::BelowAmount,
        Self::DefaultedOn,
        Self::ExpiresOn,
        Self::Withdrawn,
    ];

    /// Its place in [`RowRefusal::ALL`].
    #[must_use]
    pub fn number(self) -> u8 {
        let at = Self::ALL.iter().position(|refusal| *refusal == self);
        at.map_or(u8::MAX, |at| at as u8)
    }
}

fn write_row(w: &mut Writer, row: &SubmissionRow) {
    let content = &row.content;
    let flags = (u8::from(row.update) * UPDATE)
        | (u8::from(content.expires_on.is_some()) * HAS_END)
        | (u8::from(content.evidence.is_some()) * HAS_EVIDENCE);
    w.raw(&row.element.0).raw(&row.reference.0);
    w.u8(content.reason.number())
        .u8(content.collectibility.map_or(0, Collectibility::number))
        .u8(content.plafond_band.map_or(0, AmountBand::number))
        .u8(flags)
        .raw(&content.defaulted_on.0.to_le_bytes());
    if let Some(day) = content.expires_on {
        w.raw(&day.0.to_le_bytes());
    }
    if let Some(evidence) = content.evidence {
        w.raw(&evidence.0);
    }
}

fn read_row(r: &mut Reader<'_>) -> Result<SubmissionRow, DecodeError> {
    let element = Element32(r.array()?);
    let reference = Digest32(r.array()?);
    let reason = Reason::from_number(r.u8()?).ok_or(DecodeError::Field("reason"))?;
    let collectibility = match r.u8()? {
        0 => None,
        grade => {
            let grade = Collectibility::from_number(grade);
            Some(grade.ok_or(DecodeError::Field("collectibility"))?)
        }
    };
    let plafond_band = match r.u8()? {
        0 => None,
        band => {
            let band = AmountBand::from_number(band);
            Some(band.ok_or(DecodeError::Field("plafond_band"))?)
        }
    };
    let flags = r.u8()?;
    if flags & !(UPDATE | HAS_END | HAS_EVIDENCE) != 0 {
        return Err(DecodeError::Field("flags"));
    }
    let defaulted_on = day(r)?;
    let expires_on = (flags & HAS_END != 0).then(|| day(r)).transpose()?;
    let evidence = (flags & HAS_EVIDENCE != 0).then(|| r.array());
    let evidence = evidence.transpose()?.map(Digest32);
    Ok(SubmissionRow {
        element,
        reference,
        content: ListingContent {
            reason,
            collectibility,
            plafond_band,
            defaulted_on,
            expires_on,
            evidence,
        },
        update: flags & UPDATE != 0,
    })
}

/// A day of the years that a text can name, so that both forms take the same days.
fn day(r: &mut Reader<'_>) -> Result<Date, DecodeError> {
    let day = Date(i32::from_le_bytes(r.array()?));
    match day.civil() {
        Some(_) => Ok(day),
        None => Err(DecodeError::Field("day")),
    }
}

fn read_outcome(r: &mut Reader<'_>) -> Result<RowOutcome, DecodeError> {
    let byte = r.u8()?;
    if let Some(number) = byte.checked_sub(REFUSED) {
        let reason = RowRefusal::ALL.get(usize::from(number)).copied();
        let reason = reason.ok_or(DecodeError::Field("outcome"))?;
        return Ok(RowOutcome::Refused { reason });
    }
    let entry = EntryId(r.array()?);
    match byte {
        0 | 1 => Ok(RowOutcome::Accepted {
            entry,
            also_listed_by_another: byte == 1,
        }),
        2 => Ok(RowOutcome::Unchanged { entry }),
        3 => Ok(RowOutcome::Updated { entry }),
        _ => Err(DecodeError::Field("outcome")),
    }
}

fn count(r: &mut Reader<'_>) -> Result<usize, DecodeError> {
    match r.u32()? as usize {
        count if count > MAX_SUBMISSION_ROWS => Err(DecodeError::TooLong("count")),
        count => Ok(count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: u8) -> SubmissionRow {
        SubmissionRow {
            element: Element32([number; 32]),
            reference: Digest32([number + 1; 32]),
            content: ListingContent {
                reason: Reason::ALL[usize::from(number) % Reason::ALL.len()],
                collectibility: number.is_multiple_of(2).then_some(Collectibility::Macet),
                plafond_band: number.is_multiple_of(3).then_some(AmountBand::Below5),
                defaulted_on: Date(i32::from(number) - 5),
                expires_on: (number % 4 < 2).then_some(Date(20_000)),
                evidence: number.is_multiple_of(5).then_some(Digest32([9; 32])),
            },
            update: number % 2 == 1,
        }
    }

    #[test]
    fn a_submission_reads_back_and_no_part_of_it_does() {
        for version in [None, Some(Version(7))] {
            let rows: Vec<_> = (0..60).map(row).collect();
            let submission = Submission { version, rows };
            let bytes = submission.to_bytes();
            assert!(Submission::is_binary(&bytes));
            assert_eq!(Submission::from_bytes(&bytes), Ok(submission));
            for length in 0..bytes.len() {
                assert!(
                    Submission::from_bytes(&bytes[..length]).is_err(),
                    "{length}"
                );
            }
            let longer = [&bytes[..], &[0]].concat();
            assert_eq!(Submission::from_bytes(&longer), Err(DecodeError::Trailing));
        }
        assert!(!Submission::is_binary(b"{\"rows\":[]}"));
    }

    #[test]
    fn codes_and_days_out_of_range_are_refused() {
        let one = Submission {
            version: None,
            rows: vec![row(0)],
        };
        let bytes = one.to_bytes();
        let at = CONTEXT.len() + 1 + 8;
        for (field, value) in [(64, 15), (65, 9), (66, 9), (67, 8), (71, 127)] {
            let mut changed = bytes.clone();
            changed[at + field] = value;
            let refused = Submission::from_bytes(&changed);
            assert!(matches!(refused, Err(DecodeError::Field(_))), "{field}");
        }
        let mut many = bytes;
        many[at - 4..at].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(
            Submission::from_bytes(&many),
            Err(DecodeError::TooLong("count"))
        );
    }

    #[test]
    fn every_outcome_reads_back() {
        let entry = EntryId([3; 16]);
        let mut rows = vec![
            RowOutcome::Accepted {
                entry,
                also_listed_by_another: false,
            },
            RowOutcome::Accepted {
                entry,
                also_listed_by_another: true,
            },
            RowOutcome::Unchanged { entry },
            RowOutcome::Updated { entry },
        ];
        rows.extend(RowRefusal::ALL.map(|reason| RowOutcome::Refused { reason }));
        let receipt = crate::protocol::receipt::Receipt {
            order: Digest32([1; 32]),
            list: crate::protocol::ListId::parse("asn").expect("an id"),
            epoch: crate::protocol::Epoch(1),
            record: Digest32([2; 32]),
            sequence: 3,
            time: crate::protocol::Timestamp(4),
        };
        let key = crate::protocol::SigningKey::from_bytes([5; 32]);
        let reply = SubmissionReply {
            rows,
            receipt: receipt.sign(&key),
        };
        let bytes = reply.to_bytes();
        assert_eq!(SubmissionReply::from_bytes(&bytes), Ok(reply));
        for length in 0..bytes.len() {
            assert!(SubmissionReply::from_bytes(&bytes[..length]).is_err());
        }
    }
}
