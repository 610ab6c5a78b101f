//! The nonces of signed reads, remembered as long as a read of theirs could be taken for fresh.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};

use crate::protocol::limits::{MAX_NONCES, MAX_NONCES_PER_ORGANISATION, ORDER_WINDOW};
use crate::protocol::read::Read;
use crate::protocol::time::MINUTE;
use crate::protocol::{Digest32, ErrorCode, Timestamp};

type Seen = [u8; 16];

/// The nonces seen, by the minute in which they may be forgotten. A repeated read has the same
/// signed time, hence the same minute. In memory: a restart forgets them, and reads change nothing.
#[derive(Default)]
pub(super) struct Nonces(Mutex<Minutes>);

#[derive(Default)]
struct Minutes {
    by_minute: BTreeMap<i64, Minute>,
    count: usize,
}

#[derive(Default)]
struct Minute {
    seen: HashSet<Seen>,
    by_organisation: std::collections::HashMap<Box<str>, usize>,
}

impl Nonces {
    /// Remembers a read that verified; a second time it is refused.
    pub(super) fn remember(&self, read: &Read, now: Timestamp) -> Result<(), ErrorCode> {
        let mut minutes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        minutes.forget_before(now.0.div_euclid(MINUTE));
        minutes.remember(read)
    }
}

impl Minutes {
    fn forget_before(&mut self, minute: i64) {
        let kept = self.by_minute.split_off(&minute);
        let gone = std::mem::replace(&mut self.by_minute, kept);
        self.count -= gone.values().map(|minute| minute.seen.len()).sum::<usize>();
    }

    fn remember(&mut self, read: &Read) -> Result<(), ErrorCode> {
        let id = read.organisation.as_str();
        let held = self.by_minute.values();
        let own: usize = held.filter_map(|m| m.by_organisation.get(id)).sum();
        let last = read.created_at.plus(ORDER_WINDOW).0.div_euclid(MINUTE);
        let minute = self.by_minute.entry(last).or_default();
        let digest = Digest32::of("saring/v1/nonce", &[&read.nonce.0, id.as_bytes()].concat());
        let seen: Seen = std::array::from_fn(|at| digest.0[at]);
        if minute.seen.contains(&seen) {
            return Err(ErrorCode::Replayed);
        }
        if self.count >= MAX_NONCES || own >= MAX_NONCES_PER_ORGANISATION {
            return Err(ErrorCode::Overloaded);
        }
        minute.seen.insert(seen);
        *minute.by_organisation.entry(id.into()).or_default() += 1;
        self.count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ContentDigest, Fingerprint, OrderId, OrgId};

    fn read(nonce: u8, at: i64) -> Read {
        Read {
            audience: Fingerprint([0; 32]),
            organisation: OrgId::parse("ksp-maju").expect("an id"),
            method: "GET".into(),
            path: "/".into(),
            body: ContentDigest::of(b""),
            created_at: Timestamp(at),
            nonce: OrderId([nonce; 16]),
        }
    }

    #[test]
    fn a_read_is_taken_once_as_long_as_it_is_fresh_and_then_forgotten() {
        let nonces = Nonces::default();
        assert_eq!(nonces.remember(&read(1, 0), Timestamp(0)), Ok(()));
        for now in [0, 1, ORDER_WINDOW - 1, ORDER_WINDOW] {
            let again = nonces.remember(&read(1, 0), Timestamp(now));
            assert_eq!(again, Err(ErrorCode::Replayed), "at {now}");
        }
        assert_eq!(nonces.remember(&read(2, 0), Timestamp(0)), Ok(()));
        let later = ORDER_WINDOW + 2 * MINUTE;
        assert_eq!(nonces.remember(&read(3, later), Timestamp(later)), Ok(()));
        assert_eq!(nonces.0.lock().expect("not poisoned").count, 1);
    }

    #[test]
    fn one_organisation_does_not_fill_the_memory() {
        let nonces = Nonces::default();
        let mut read = read(0, 0);
        for at in 0..MAX_NONCES_PER_ORGANISATION {
            read.nonce.0[..8].copy_from_slice(&at.to_le_bytes());
            assert_eq!(nonces.remember(&read, Timestamp(0)), Ok(()));
        }
        read.nonce.0 = [0xff; 16];
        assert_eq!(
            nonces.remember(&read, Timestamp(0)),
            Err(ErrorCode::Overloaded)
        );
        read.organisation = OrgId::parse("ksp-lain").expect("an id");
        assert_eq!(nonces.remember(&read, Timestamp(0)), Ok(()));
    }
}
