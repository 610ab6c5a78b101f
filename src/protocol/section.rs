//! Where a person's filter key stands: in the sections of a snapshot.
//!
//! A section is an answer class and a category. The category is 0 for debtors, whatever the
//! reason, and else the number of a programme's reason. A person stands under one class, in the
//! section of each category; persons who are suspended, gone or only victims (`KORBAN`) in none.

use serde::{Deserialize, Serialize};

use super::answer::AnswerClass;
use super::bytes::{DecodeError, Reader, Writer};
use super::codes::Reason;
use super::summary::Reasons;

/// The category of debtors in bytes.
const DEBTORS: u8 = 0;
/// Categories have numbers below this: a bitmap of reasons has 32 bits.
const CATEGORIES: u8 = 32;

/// One section. Sections ascend by class, then category, debtors first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Section {
    /// What its keys' persons are: listed or previously listed.
    pub class: AnswerClass,
    /// A programme's reason; none for debtors.
    pub category: Option<Reason>,
}

impl Section {
    /// Two bytes: class and category.
    pub(super) fn write(self, w: &mut Writer) {
        w.u8(self.class.number());
        w.u8(self.category.map_or(DEBTORS, Reason::number));
    }

    /// Reads what [`Section::write`] makes.
    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (class, category) = (r.u8()?, r.u8()?);
        Self::of_numbers(class, category)
    }

    pub(super) fn of_numbers(class: u8, category: u8) -> Result<Self, DecodeError> {
        let class = AnswerClass::from_number(class)
            .filter(|&class| class != AnswerClass::NotListed)
            .ok_or(DecodeError::Field("class"))?;
        let category = match category {
            DEBTORS => None,
            number => Some(
                Reason::from_number(number)
                    .filter(|reason| reason.is_programme())
                    .ok_or(DecodeError::Field("category"))?,
            ),
        };
        Ok(Self { class, category })
    }

    /// 0 to 63, in the order of sections.
    fn bit(self) -> u8 {
        let category = self.category.map_or(DEBTORS, Reason::number);
        (self.class.number() - 1) * CATEGORIES + category
    }

    fn of_bit(bit: u8) -> Result<Self, DecodeError> {
        Self::of_numbers(bit / CATEGORIES + 1, bit % CATEGORIES)
    }
}

/// All sections in which one person's key stands: a bitmap of 64, bit `32 * (class - 1) + category`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u64", into = "u64")]
pub struct Placement(u64);

impl Placement {
    /// In no section.
    pub const NOWHERE: Self = Self(0);

    /// Of a person with this class for these reasons. `NOT_LISTED` stands nowhere.
    #[must_use]
    pub fn of(class: AnswerClass, reasons: Reasons) -> Self {
        if class == AnswerClass::NotListed {
            return Self::NOWHERE;
        }
        let sections = reasons.iter().map(|reason| Section {
            class,
            category: Some(reason).filter(|reason| reason.is_programme()),
        });
        Self(sections.fold(0, |bits, section| bits | 1 << section.bit()))
    }

    /// The sections, ascending.
    pub fn sections(self) -> impl Iterator<Item = Section> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let bit = u8::try_from(left.trailing_zeros()).ok()?;
            left &= left.checked_sub(1)?;
            Section::of_bit(bit).ok()
        })
    }

    /// Whether the person stands in no section.
    #[must_use]
    pub const fn is_nowhere(self) -> bool {
        self.0 == 0
    }

    /// The bitmap.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }
}

impl From<Section> for Placement {
    fn from(section: Section) -> Self {
        Self(1 << section.bit())
    }
}

impl TryFrom<u64> for Placement {
    type Error = DecodeError;

    fn try_from(bits: u64) -> Result<Self, DecodeError> {
        (0..64)
            .filter(|bit| bits >> bit & 1 == 1)
            .try_for_each(|bit| Section::of_bit(bit).map(|_| ()))?;
        Ok(Self(bits))
    }
}

impl From<Placement> for u64 {
    fn from(placement: Placement) -> Self {
        placement.0
    }
}

/// How one person's place in snapshots changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyMove {
    /// The person's filter key.
    pub key: u64,
    /// Where it stood.
    pub before: Placement,
    /// Where it stands.
    pub after: Placement,
}

impl KeyMove {
    /// The way back.
    #[must_use]
    pub const fn undone(self) -> Self {
        Self {
            key: self.key,
            before: self.after,
            after: self.before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placement_is_the_sections_of_its_reasons() {
        let reasons = [
            Reason::MacetPokok,
            Reason::Kabur,
            Reason::Asn,
            Reason::DireksiBumn,
        ];
        for class in [AnswerClass::Listed, AnswerClass::Previously] {
            let placement = Placement::of(class, reasons.into_iter().collect());
            let found: Vec<_> = placement.sections().collect();
            let expected = [None, Some(Reason::Asn), Some(Reason::DireksiBumn)]
                .map(|category| Section { class, category });
            assert_eq!(found, expected);
            assert_eq!(Placement::try_from(placement.bits()), Ok(placement));
            let alone = found
                .into_iter()
                .map(|section| Placement::from(section).bits());
            assert_eq!(alone.sum::<u64>(), placement.bits());
        }
        assert!(Placement::of(AnswerClass::NotListed, reasons.into_iter().collect()).is_nowhere());
        assert_eq!(Placement::NOWHERE.sections().count(), 0);
    }

    #[test]
    fn bits_without_a_section_are_refused() {
        for bit in 0..64 {
            let category = bit % 32;
            let stands =
                category == 0 || Reason::from_number(category).is_some_and(Reason::is_programme);
            assert_eq!(Placement::try_from(1 << bit).is_ok(), stands, "{bit}");
        }
    }
}
