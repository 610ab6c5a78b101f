//! Deltas: what changed in a list's snapshot between two sequences, as a net.
//!
//! | bytes | field |
//! |---|---|
//! | 16 | `"saring/v1/delta"`, 0x00 |
//! | 1 | version, 1 |
//! | 2 | count of groups: u16 |
//! | 12 each | section before: class u8, category u8; section after: the same; count of keys u64 |
//! | 8 each | the keys of the first group, then of the next, ...: u64, ascending |
//!
//! Class and category of a key that came, before, and of one that left, after, are 0, 0. Groups
//! ascend by section before, then section after, nowhere first; none is empty, and none leads to
//! where it starts. Keys form a multiset.
//!
//! A delta follows from the two states alone, whatever happened between them: for each key the
//! copies that left a section and the copies that came to one are each put in order of the section,
//! and the first that left became the first that came, and so on; what is left over only left, or
//! only came.

use super::bytes::{DecodeError, Reader, Writer};
use super::limits::MAX_DELTA_KEYS;
use super::section::{KeyMove, Placement, Section};

const CONTEXT: &str = "saring/v1/delta";
const VERSION: u8 = 1;
const KEY_BYTES: usize = 8;
const NOWHERE: u8 = 0;
/// From each section or nowhere to each other.
const MAX_GROUPS: usize = 65 * 65;

/// From where to where: no section is nowhere. At least one side is a section.
type Way = (Option<Section>, Option<Section>);

/// The keys that went one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeltaGroup {
    /// The section they left; none for those that came from nowhere.
    pub before: Option<Section>,
    /// The section they came to; none for those that left for nowhere.
    pub after: Option<Section>,
    /// The keys, ascending, with repetitions.
    pub keys: Vec<u64>,
}

/// What changed between two sequences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta(Vec<DeltaGroup>);

impl Delta {
    /// The net of many moves, in any order. Takes about 16 bytes of memory a key besides them.
    #[must_use]
    pub fn net(mut moves: Vec<KeyMove>) -> Self {
        moves.sort_unstable_by_key(|one| one.key);
        let mut ways: std::collections::BTreeMap<Way, Vec<u64>> = std::collections::BTreeMap::new();
        for of_key in moves.chunk_by(|a, b| a.key == b.key) {
            for way in net_of(of_key) {
                ways.entry(way).or_default().push(of_key[0].key);
            }
        }
        let groups = ways.into_iter().map(|((before, after), keys)| DeltaGroup {
            before,
            after,
            keys,
        });
        Self(groups.collect())
    }

    /// Adds a delta of which every key is above those here.
    pub fn append(&mut self, above: Self) {
        for group in above.0 {
            let way = |held: &DeltaGroup| (held.before, held.after);
            match self.0.binary_search_by_key(&way(&group), way) {
                Ok(at) => self.0[at].keys.extend(group.keys),
                Err(at) => self.0.insert(at, group),
            }
        }
    }

    /// The groups, ascending by section before, then section after.
    #[must_use]
    pub fn groups(&self) -> &[DeltaGroup] {
        &self.0
    }

    /// Keys in all groups.
    #[must_use]
    pub fn keys(&self) -> u64 {
        self.0.iter().map(|group| group.keys.len() as u64).sum()
    }

    /// Whether nothing changed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A move of each key that leads the same way, of one section to one.
    pub fn moves(&self) -> impl Iterator<Item = KeyMove> {
        let side = |section: Option<Section>| section.map(Placement::from).unwrap_or_default();
        self.0.iter().flat_map(move |group| {
            let (before, after) = (side(group.before), side(group.after));
            let keys = group.keys.iter();
            keys.map(move |key| KeyMove {
                key: *key,
                before,
                after,
            })
        })
    }

    /// The keys that leave a section and the keys that come to it, each ascending.
    #[must_use]
    pub fn of_section(&self, section: Section) -> (Vec<u64>, Vec<u64>) {
        let gather = |stands: fn(&DeltaGroup) -> Option<Section>| {
            let groups = self.0.iter().filter(|group| stands(group) == Some(section));
            let mut keys: Vec<u64> = groups
                .flat_map(|group| group.keys.iter().copied())
                .collect();
            keys.sort_unstable();
            keys
        };
        (gather(|group| group.before), gather(|group| group.after))
    }

    /// The delta's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_context(CONTEXT);
        w.u8(VERSION).u16(self.0.len() as u16);
        for group in &self.0 {
            write_side(&mut w, group.before);
            write_side(&mut w, group.after);
            w.u64(group.keys.len() as u64);
        }
        for key in self.0.iter().flat_map(|group| &group.keys) {
            w.u64(*key);
        }
        w.finish()
    }

    /// Reads what [`Delta::to_bytes`] makes.
    ///
    /// # Errors
    /// [`DecodeError::WrongContext`] for another kind or version, [`DecodeError::Field`] for an
    /// unknown class or category, groups or keys out of order, a group that is empty or leads
    /// nowhere new; [`DecodeError::TooLong`] for more groups or keys than can be,
    /// [`DecodeError::Truncated`], [`DecodeError::Trailing`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::with_context(bytes, CONTEXT)?;
        if r.u8()? != VERSION {
            return Err(DecodeError::WrongContext);
        }
        let count = usize::from(r.u16()?);
        if count > MAX_GROUPS {
            return Err(DecodeError::TooLong("groups"));
        }
        let titles: Vec<_> = (0..count)
            .map(|_| read_title(&mut r))
            .collect::<Result<_, _>>()?;
        if !titles.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(DecodeError::Field("groups"));
        }
        let groups = titles.into_iter().map(|title| read_group(&mut r, title));
        let groups = groups.collect::<Result<_, _>>()?;
        r.finish()?;
        Ok(Self(groups))
    }
}

/// The ways that the copies of one key went, all in all.
fn net_of(moves: &[KeyMove]) -> Vec<Way> {
    let mut copies: std::collections::BTreeMap<Section, i64> = std::collections::BTreeMap::new();
    for one in moves {
        for section in one.before.sections() {
            *copies.entry(section).or_default() -= 1;
        }
        for section in one.after.sections() {
            *copies.entry(section).or_default() += 1;
        }
    }
    let repeated = |sign: i64| {
        let copies = copies.iter();
        copies.flat_map(move |(section, count)| {
            std::iter::repeat_n(*section, usize::try_from(count * sign).unwrap_or(0))
        })
    };
    let (mut left, mut came) = (repeated(-1), repeated(1));
    let ways = std::iter::from_fn(|| match (left.next(), came.next()) {
        (None, None) => None,
        way => Some(way),
    });
    ways.collect()
}

fn write_side(w: &mut Writer, side: Option<Section>) {
    match side {
        Some(section) => section.write(w),
        None => {
            w.u8(NOWHERE).u8(NOWHERE);
        }
    }
}

fn read_side(r: &mut Reader<'_>) -> Result<Option<Section>, DecodeError> {
    match (r.u8()?, r.u8()?) {
        (NOWHERE, NOWHERE) => Ok(None),
        (class, category) => Section::of_numbers(class, category).map(Some),
    }
}

fn read_title(r: &mut Reader<'_>) -> Result<(Way, u64), DecodeError> {
    let way = (read_side(r)?, read_side(r)?);
    if way.0 == way.1 {
        return Err(DecodeError::Field("group"));
    }
    match r.u64()? {
        0 => Err(DecodeError::Field("count")),
        keys if keys > MAX_DELTA_KEYS as u64 => Err(DecodeError::TooLong("keys")),
        keys => Ok((way, keys)),
    }
}

fn read_group(
    r: &mut Reader<'_>,
    ((before, after), count): (Way, u64),
) -> Result<DeltaGroup, DecodeError> {
    let bytes = r.raw(count as usize * KEY_BYTES)?;
    let (keys, _) = bytes.as_chunks::<KEY_BYTES>();
    let keys: Vec<u64> = keys.iter().copied().map(u64::from_le_bytes).collect();
    if !keys.is_sorted() {
        return Err(DecodeError::Field("keys"));
    }
    Ok(DeltaGroup {
        before,
        after,
        keys,
    })
}

#[cfg(test)]
mod tests;
