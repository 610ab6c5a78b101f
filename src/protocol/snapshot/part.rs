//! Snapshot parts, for checks in bulk and offline: filter keys that nobody can compute from a NIK
//! without the list's key, tested on the client's own machine.
//!
//! | bytes | field |
//! |---|---|
//! | 19 | `"saring/v1/snapshot"`, 0x00 |
//! | 1 | version, 1 |
//! | 2 | count of sections: u16 |
//! | 10 each | class u8 (1 listed, 2 previously), category u8, count of keys u64 |
//! | 8 each | the keys of the first section, then of the next, ...: u64, ascending |
//!
//! The category is 0 for debtors, whatever the reason, and else the number of a programme's reason.
//! Sections ascend by class, then category; none is empty. Persons who are suspended, gone or only
//! victims (`KORBAN`) stand in none. Keys form a multiset: two persons with one key leave two copies,
//! and the key leaves with the last of them.

use std::collections::BTreeMap;

use super::super::answer::AnswerClass;
use super::super::bytes::{DecodeError, Reader, Writer};
use super::super::codes::Reason;

const CONTEXT: &str = "saring/v1/snapshot";
const VERSION: u8 = 1;
const KEY_BYTES: usize = 8;
const DEBTORS: u8 = 0;
/// A listed and a previously listed section for debtors and, generously, for every reason.
const MAX_SECTIONS: usize = 2 * (1 + Reason::ALL.len());

/// Collects filter keys and writes a snapshot part.
#[derive(Default)]
pub struct SnapshotBuilder(BTreeMap<(AnswerClass, Option<Reason>), Vec<u64>>);

impl SnapshotBuilder {
    /// Adds one person's key, in any order. The category is a programme's reason; none, like every
    /// other reason, is the group of debtors. `NOT_LISTED` stands in no snapshot and is passed over.
    pub fn add(&mut self, class: AnswerClass, category: Option<Reason>, key: u64) {
        if class != AnswerClass::NotListed {
            let category = category.filter(|reason| reason.is_programme());
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
            w.u8(class.number());
            w.u8(category.map_or(DEBTORS, Reason::number));
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
    /// A programme's reason; none for debtors.
    pub category: Option<Reason>,
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

    /// The first section that has `key`, so that listed beats previously; none if no section has
    /// it. A stranger shares some person's key with a chance of about entries / 2^64, and whoever
    /// acts on a match checks it first.
    #[must_use]
    pub fn look_up(&self, key: u64) -> Option<Section<'a>> {
        let mut sections = self.0.iter().copied();
        sections.find(|section| section.count(key) > 0)
    }
}

type Title = (AnswerClass, Option<Reason>, u64);

fn read_title(r: &mut Reader<'_>) -> Result<Title, DecodeError> {
    let class = AnswerClass::from_number(r.u8()?)
        .filter(|&class| class != AnswerClass::NotListed)
        .ok_or(DecodeError::Field("class"))?;
    let category = match r.u8()? {
        DEBTORS => None,
        number => Some(
            Reason::from_number(number)
                .filter(|reason| reason.is_programme())
                .ok_or(DecodeError::Field("category"))?,
        ),
    };
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

    type Key = (AnswerClass, Option<Reason>, u64);

    const ASN: Option<Reason> = Some(Reason::Asn);
    const HEADER: usize = CONTEXT.len() + 1 + 1 + 2;

    fn part(keys: &[Key]) -> Vec<u8> {
        let mut builder = SnapshotBuilder::default();
        for &(class, category, key) in keys {
            builder.add(class, category, key);
        }
        builder.to_bytes()
    }

    #[test]
    fn the_byte_table_is_as_documented() {
        let bytes = part(&[
            (Previously, ASN, 3),
            (Listed, None, 0x0102),
            (Listed, Some(Reason::Kabur), 1),
        ]);
        let mut expected = b"saring/v1/snapshot\0\x01\x02\0".to_vec();
        expected.extend(b"\x01\x00\x02\0\0\0\0\0\0\0\x02\x10\x01\0\0\0\0\0\0\0");
        expected.extend(b"\x01\0\0\0\0\0\0\0\x02\x01\0\0\0\0\0\0\x03\0\0\0\0\0\0\0");
        assert_eq!(bytes, expected);
    }

    #[test]
    fn listed_beats_previously_and_absence_is_silence() {
        let bytes = part(&[
            (Previously, ASN, 5),
            (Listed, ASN, 5),
            (Previously, None, 6),
            (NotListed, None, 8),
            (Previously, None, 6),
            (Previously, None, 5),
        ]);
        let view = SnapshotView::from_bytes(&bytes).expect("reads");
        let found = |key| view.look_up(key).map(|s| (s.class, s.category));
        assert_eq!(found(5), Some((Listed, ASN)));
        assert_eq!(found(6), Some((Previously, None)));
        assert_eq!([7, 8, 0, u64::MAX].map(found), [None; 4]);
        let previously = view.sections()[1];
        assert_eq!(previously.keys().collect::<Vec<_>>(), [5, 6, 6]);
        assert_eq!(previously.count(6), 2);
        let empty = part(&[]);
        let empty = SnapshotView::from_bytes(&empty).expect("an empty list's part");
        assert_eq!(empty.look_up(5), None);
    }

    #[test]
    fn every_wrong_form_is_refused() {
        let good = part(&[(Listed, None, 1), (Listed, None, 2), (Listed, ASN, 3)]);
        let refused = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            SnapshotView::from_bytes(&bytes).expect_err("a wrong form")
        };
        let (second, keys) = (HEADER + 10, HEADER + 2 * 10);
        assert_eq!(refused(0, 0), DecodeError::WrongContext);
        assert_eq!(refused(HEADER - 3, 2), DecodeError::WrongContext);
        assert_eq!(refused(HEADER - 1, 1), DecodeError::TooLong("sections"));
        assert_eq!(refused(HEADER, 0), DecodeError::Field("class"));
        assert_eq!(refused(HEADER, 3), DecodeError::Field("class"));
        assert_eq!(refused(HEADER, 2), DecodeError::Field("sections"));
        assert_eq!(refused(second + 1, 0), DecodeError::Field("sections"));
        for reason in [Reason::MacetBunga, Reason::Korban] {
            let category = refused(second + 1, reason.number());
            assert_eq!(category, DecodeError::Field("category"));
        }
        assert_eq!(refused(second + 1, 9), DecodeError::Field("category"));
        assert_eq!(refused(HEADER + 2, 0), DecodeError::Field("count"));
        assert_eq!(refused(HEADER + 2, 1), DecodeError::Trailing);
        assert_eq!(refused(HEADER + 2, 4), DecodeError::Truncated);
        assert_eq!(refused(HEADER + 9, 0xff), DecodeError::Truncated);
        assert_eq!(refused(keys, 3), DecodeError::Field("keys"));
    }

    fn any_keys() -> impl Strategy<Value = Vec<Key>> {
        let one = (
            proptest::sample::select(AnswerClass::ALL.to_vec()),
            proptest::option::of(proptest::sample::select(Reason::ALL)),
            prop_oneof![0..40u64, any::<u64>()],
        );
        proptest::collection::vec(one, 0..60)
    }

    proptest! {
        #[test]
        fn a_part_says_what_its_keys_say(keys in any_keys(), stranger: u64) {
            let bytes = part(&keys);
            let view = SnapshotView::from_bytes(&bytes).expect("reads");
            let group = |category: Option<Reason>| category.filter(|r| r.is_programme());
            let counted: Vec<_> = keys.iter().filter(|key| key.0 != NotListed).collect();
            let total: usize = view.sections().iter().map(|s| s.keys().len()).sum();
            prop_assert_eq!(total, counted.len());
            for key in keys.iter().map(|&(.., key)| key).chain([stranger]) {
                let of_key = counted.iter().filter(|k| k.2 == key);
                let expected = of_key.map(|k| (k.0, group(k.1))).min();
                let found = view.look_up(key).map(|s| (s.class, s.category));
                prop_assert_eq!(found, expected);
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
