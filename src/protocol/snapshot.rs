//! Snapshot parts, for checks in bulk and offline: filter keys that nobody can compute from a NIK
//! without the list's key, tested on the client's own machine.
//!
//! | bytes | field |
//! |---|---|
//! | 19 | `"saring/v1/snapshot"`, 0x00 |
//! | 1 | version, 1 |
//! | 2 | count of sections: u16 |
//! | 10 each | class u8 (1 listed, 2 previously), category u8 (a reason's number), count of keys u64 |
//! | 8 each | the keys of the first section, then of the next, ...: u64, ascending |
//!
//! Sections ascend by class, then category; none is empty. A person's key stands once in the section
//! of each reason that counts. Persons who are suspended, gone or only victims (`KORBAN`) stand in
//! none. Keys form a multiset: two persons with one key leave two copies, and the key leaves with
//! the last of them.

use std::collections::BTreeMap;

use super::answer::AnswerClass;
use super::bytes::{DecodeError, Reader, Writer};
use super::codes::Reason;
use super::summary::Reasons;

const CONTEXT: &str = "saring/v1/snapshot";
const VERSION: u8 = 1;
const KEY_BYTES: usize = 8;
/// A listed and a previously listed section for every reason.
const MAX_SECTIONS: usize = 2 * Reason::ALL.len();

/// Collects filter keys and writes a snapshot part.
#[derive(Default)]
pub struct SnapshotBuilder(BTreeMap<(AnswerClass, Reason), Vec<u64>>);

impl SnapshotBuilder {
    /// Adds one person's key under one reason, in any order. `NOT_LISTED` and `KORBAN` stand in no
    /// snapshot and are passed over.
    pub fn add(&mut self, class: AnswerClass, category: Reason, key: u64) {
        if stands(class, category) {
            self.0.entry((class, category)).or_default().push(key);
        }
    }

    /// The part's bytes; the same multiset gives the same bytes.
    #[must_use]
    pub fn to_bytes(mut self) -> Vec<u8> {
        let mut w = Writer::with_context(CONTEXT);
        w.u8(VERSION).u16(self.0.len() as u16);
        for (&(class, category), keys) in &mut self.0 {
            keys.sort_unstable();
            w.u8(class.number()).u8(category.number());
            w.u64(keys.len() as u64);
        }
        for key in self.0.into_values().flatten() {
            w.u64(key);
        }
        w.finish()
    }
}

/// The keys of one class and category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section<'a> {
    /// What its keys' persons are.
    pub class: AnswerClass,
    /// Why.
    pub category: Reason,
    keys: &'a [[u8; KEY_BYTES]],
}

impl<'a> Section<'a> {
    /// The keys, ascending, with repetitions.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = u64> + use<'a> {
        self.keys.iter().copied().map(u64::from_le_bytes)
    }

    /// How many persons have `key`: a binary search.
    #[must_use]
    pub fn count(&self, key: u64) -> usize {
        let below = |bound: &dyn Fn(u64) -> bool| {
            let at = |bytes: &[u8; KEY_BYTES]| bound(u64::from_le_bytes(*bytes));
            self.keys.partition_point(at)
        };
        below(&|at| at <= key) - below(&|at| at < key)
    }
}

/// What a snapshot says of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// The class that counts: listed beats previously.
    pub class: AnswerClass,
    /// The reasons given in that class.
    pub reasons: Reasons,
}

/// A snapshot part read where it lies: nothing is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotView<'a>(Vec<Section<'a>>);

impl<'a> SnapshotView<'a> {
    /// Reads a part. Every key is looked at once, because an unsorted section would hide people.
    ///
    /// # Errors
    /// [`DecodeError::WrongContext`] for another kind or version, [`DecodeError::TooLong`] for more
    /// sections than can be, [`DecodeError::Field`] for an unknown class or category, sections or
    /// keys out of order or an empty section, [`DecodeError::Truncated`], [`DecodeError::Trailing`].
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::with_context(bytes, CONTEXT)?;
        if r.u8()? != VERSION {
            return Err(DecodeError::WrongContext);
        }
        let count = usize::from(r.u16()?);
        if count > MAX_SECTIONS {
            return Err(DecodeError::TooLong("sections"));
        }
        let titles: Vec<_> = (0..count)
            .map(|_| read_title(&mut r))
            .collect::<Result<_, _>>()?;
        if !titles.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)) {
            return Err(DecodeError::Field("sections"));
        }
        let sections = titles.into_iter().map(|title| read_section(&mut r, title));
        let view = Self(sections.collect::<Result<_, _>>()?);
        r.finish()?;
        Ok(view)
    }

    /// The sections, ascending by class and category.
    #[must_use]
    pub fn sections(&self) -> &[Section<'a>] {
        &self.0
    }

    /// What the part says of `key`; nothing if it stands in no section. Two persons share a key
    /// with a chance of about entries / 2^64, so a match is to be checked before acting on it.
    #[must_use]
    pub fn look_up(&self, key: u64) -> Option<Match> {
        let mut found: Option<Match> = None;
        for section in self.0.iter().filter(|section| section.count(key) > 0) {
            let strongest = found.get_or_insert(Match {
                class: section.class,
                reasons: Reasons::default(),
            });
            if strongest.class == section.class {
                strongest.reasons.insert(section.category);
            }
        }
        found
    }
}

fn stands(class: AnswerClass, category: Reason) -> bool {
    class != AnswerClass::NotListed && category != Reason::Korban
}

type Title = (AnswerClass, Reason, u64);

fn read_title(r: &mut Reader<'_>) -> Result<Title, DecodeError> {
    let class = AnswerClass::from_number(r.u8()?).ok_or(DecodeError::Field("class"))?;
    let category = Reason::from_number(r.u8()?).ok_or(DecodeError::Field("category"))?;
    if !stands(class, category) {
        return Err(DecodeError::Field("category"));
    }
    match r.u64()? {
        0 => Err(DecodeError::Field("count")),
        keys => Ok((class, category, keys)),
    }
}

fn read_section<'a>(
    r: &mut Reader<'a>,
    (class, category, count): Title,
) -> Result<Section<'a>, DecodeError> {
    let length = usize::try_from(count)
        .ok()
        .and_then(|count| count.checked_mul(KEY_BYTES))
        .ok_or(DecodeError::Truncated)?;
    let (keys, _) = r.raw(length)?.as_chunks::<KEY_BYTES>();
    if !keys.is_sorted_by_key(|bytes| u64::from_le_bytes(*bytes)) {
        return Err(DecodeError::Field("keys"));
    }
    Ok(Section {
        class,
        category,
        keys,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::AnswerClass::{Listed, NotListed, Previously};
    use super::*;

    fn part(keys: &[(AnswerClass, Reason, u64)]) -> Vec<u8> {
        let mut builder = SnapshotBuilder::default();
        for &(class, category, key) in keys {
            builder.add(class, category, key);
        }
        builder.to_bytes()
    }

    const HEADER: usize = CONTEXT.len() + 1 + 1 + 2;

    #[test]
    fn the_byte_table_is_as_documented() {
        let bytes = part(&[
            (Previously, Reason::Kabur, 3),
            (Listed, Reason::MacetPokok, 0x0102),
            (Listed, Reason::MacetPokok, 1),
        ]);
        let mut expected = b"saring/v1/snapshot\0\x01\x02\0".to_vec();
        expected.extend(b"\x01\x00\x02\0\0\0\0\0\0\0\x02\x02\x01\0\0\0\0\0\0\0");
        expected.extend(b"\x01\0\0\0\0\0\0\0\x02\x01\0\0\0\0\0\0\x03\0\0\0\0\0\0\0");
        assert_eq!(bytes, expected);
    }

    #[test]
    fn listed_beats_previously_and_reasons_add_up() {
        let bytes = part(&[
            (Previously, Reason::Kabur, 5),
            (Listed, Reason::MacetPokok, 5),
            (Listed, Reason::MacetBunga, 5),
            (Previously, Reason::Kabur, 6),
            (Listed, Reason::Korban, 7),
            (NotListed, Reason::Kabur, 8),
            (Previously, Reason::Kabur, 6),
        ]);
        let view = SnapshotView::from_bytes(&bytes).expect("reads");
        let reasons = |reasons: &[Reason]| reasons.iter().copied().collect();
        assert_eq!(
            view.look_up(5),
            Some(Match {
                class: Listed,
                reasons: reasons(&[Reason::MacetPokok, Reason::MacetBunga]),
            })
        );
        assert_eq!(
            view.look_up(6),
            Some(Match {
                class: Previously,
                reasons: reasons(&[Reason::Kabur]),
            })
        );
        assert_eq!([7, 8, 0, u64::MAX].map(|key| view.look_up(key)), [None; 4]);
        let previously = view.sections()[2];
        assert_eq!(previously.keys().collect::<Vec<_>>(), [5, 6, 6]);
        assert_eq!(previously.count(6), 2);
        let empty = part(&[]);
        let empty = SnapshotView::from_bytes(&empty).expect("an empty list's part");
        assert_eq!(empty.look_up(5), None);
    }

    #[test]
    fn every_wrong_form_is_refused() {
        let good = part(&[
            (Listed, Reason::MacetPokok, 1),
            (Listed, Reason::MacetPokok, 2),
            (Previously, Reason::Kabur, 3),
        ]);
        let refused = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            SnapshotView::from_bytes(&bytes).expect_err("a wrong form")
        };
        let keys = HEADER + 2 * 10;
        assert_eq!(refused(0, 0), DecodeError::WrongContext);
        assert_eq!(refused(HEADER - 3, 2), DecodeError::WrongContext);
        assert_eq!(refused(HEADER - 1, 1), DecodeError::TooLong("sections"));
        assert_eq!(refused(HEADER, 3), DecodeError::Field("category"));
        assert_eq!(refused(HEADER, 0), DecodeError::Field("class"));
        assert_eq!(refused(HEADER + 1, 9), DecodeError::Field("category"));
        assert_eq!(refused(HEADER + 1, 6), DecodeError::Field("category"));
        assert_eq!(refused(HEADER + 2, 0), DecodeError::Field("count"));
        assert_eq!(refused(HEADER + 2, 1), DecodeError::Trailing);
        assert_eq!(refused(HEADER + 2, 3), DecodeError::Truncated);
        assert_eq!(refused(HEADER + 9, 0xff), DecodeError::Truncated);
        assert_eq!(refused(keys, 3), DecodeError::Field("keys"));
    }

    fn any_keys() -> impl Strategy<Value = Vec<(AnswerClass, Reason, u64)>> {
        let one = (
            proptest::sample::select(AnswerClass::ALL.to_vec()),
            proptest::sample::select(Reason::ALL),
            prop_oneof![0..40u64, any::<u64>()],
        );
        proptest::collection::vec(one, 0..60)
    }

    proptest! {
        #[test]
        fn a_part_says_what_its_keys_say(keys in any_keys(), stranger: u64) {
            let bytes = part(&keys);
            let view = SnapshotView::from_bytes(&bytes).expect("reads");
            let counted: Vec<_> = keys.iter().filter(|&&(c, r, _)| stands(c, r)).collect();
            let total: usize = view.sections().iter().map(|s| s.keys().len()).sum();
            prop_assert_eq!(total, counted.len());
            for key in keys.iter().map(|&(.., key)| key).chain([stranger]) {
                let of_key = || counted.iter().filter(|&&&(.., k)| k == key);
                let class = of_key().map(|&&(class, ..)| class).min();
                let expected = class.map(|class| Match {
                    class,
                    reasons: of_key().filter(|t| t.0 == class).map(|t| t.1).collect(),
                });
                prop_assert_eq!(view.look_up(key), expected);
            }
            let mut reversed = keys;
            reversed.reverse();
            prop_assert_eq!(part(&reversed), bytes);
        }

        #[test]
        fn any_bytes_read_or_are_refused(
            keys in any_keys(),
            at: prop::sample::Index,
            byte: u8,
            noise in proptest::collection::vec(any::<u8>(), 0..64),
        ) {
            let mut bytes = part(&keys);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            for bytes in [bytes, [&part(&[])[..HEADER - 2], &noise].concat(), noise] {
                if let Ok(view) = SnapshotView::from_bytes(&bytes) {
                    let mut again = SnapshotBuilder::default();
                    for section in view.sections() {
                        section.keys().for_each(|k| again.add(section.class, section.category, k));
                    }
                    prop_assert_eq!(again.to_bytes(), bytes);
                }
            }
        }
    }
}
