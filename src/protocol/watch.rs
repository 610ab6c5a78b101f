//! What a client remembers of a registry's heads, and what it therefore refuses: a pure state
//! machine that the agent keeps on disk between runs.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::head::{Evidence, Head, HeadSubject, SignedHead};
use super::ids::{Digest32, Epoch, ListId};
use super::limits::{MAX_BUCKET_AGE, MAX_CLOCK_LAG, MAX_REMEMBERED_HEADS, MAX_SNAPSHOT_AGE};
use super::sign::{PublicKey, SignatureError};
use super::time::Timestamp;

/// Why a head is refused: the answer is `UNAVAILABLE`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadFault {
    /// The registry did not sign it.
    #[error("the head is not signed by the registry: {0}")]
    Signature(#[from] SignatureError),
    /// The body is not the one that the head vouches for.
    #[error("the body is not the one that the head vouches for")]
    Body,
    /// Two bodies were signed for one sequence and subject: keep the evidence.
    #[error("the registry signed two bodies for one sequence")]
    TwoBodies(Box<Evidence>),
    /// Another list, epoch, revision or record than the pinned one.
    #[error("the head is of another record than the pinned one")]
    Record,
    /// Another bucket or delta than the one asked for.
    #[error("the head is of another body than the one asked for")]
    Subject,
    /// A lower sequence than the client had seen when it asked.
    #[error("the head's sequence {got} is lower than {seen}, seen before")]
    WentBack {
        /// The highest sequence seen when the question was asked.
        seen: u64,
        /// The head's sequence.
        got: u64,
    },
    /// The head is older than its limit.
    #[error("the head is {age} ms old, the limit is {limit} ms")]
    TooOld {
        /// Milliseconds from the head's time to now.
        age: i64,
        /// The limit, milliseconds.
        limit: i64,
    },
    /// The local clock is behind the newest time seen.
    #[error("the local clock is {lag} ms behind the registry's newest signed time")]
    ClockBehind {
        /// Milliseconds from now to the newest time seen.
        lag: i64,
    },
}

/// A question as it was when it was asked. Several may be under way at once: a reply is held to what
/// was seen before its own question, so replies that overtake one another are no fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The list.
    pub list: ListId,
    /// The epoch of the pinned record.
    pub epoch: Epoch,
    /// The revision of the pinned record.
    pub revision: u32,
    /// The digest of the pinned record.
    pub record: Digest32,
    /// What is asked for; of a delta, `to` is the least that it may lead to.
    pub what: HeadSubject,
    floor: u64,
}

/// The two ways a list is read; a copy of its snapshot may be hours behind a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Highest {
    buckets: u64,
    snapshots: u64,
}

impl Highest {
    /// A bucket knows the list's last change, so none seen anywhere may be missing from it. A
    /// snapshot is only a base: the delta that leads on from it must not go back.
    fn floor(self, what: HeadSubject) -> u64 {
        match what {
            HeadSubject::Bucket(_) => self.buckets.max(self.snapshots),
            HeadSubject::Snapshot => 0,
            HeadSubject::Delta { .. } => self.snapshots,
        }
    }

    fn raise(&mut self, what: HeadSubject, sequence: u64) {
        let held = match what {
            HeadSubject::Bucket(_) => &mut self.buckets,
            HeadSubject::Snapshot => return,
            HeadSubject::Delta { .. } => &mut self.snapshots,
        };
        *held = sequence.max(*held);
    }
}

/// A client's memory of one registry's heads. It grows by one small row for each list the client
/// asks about, and by [`MAX_REMEMBERED_HEADS`] heads in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadWatch {
    highest: BTreeMap<ListId, Highest>,
    newest: Timestamp,
    heads: VecDeque<SignedHead>,
}

impl HeadWatch {
    /// A question about `what` under the pinned record. Call it when the question is sent.
    #[must_use]
    pub fn ask(
        &self,
        list: &ListId,
        epoch: Epoch,
        revision: u32,
        record: Digest32,
        what: HeadSubject,
    ) -> Asked {
        let highest = self.highest.get(list).copied().unwrap_or_default();
        Asked {
            list: list.clone(),
            epoch,
            revision,
            record,
            what,
            floor: highest.floor(what),
        }
    }

    /// Judges a reply: `signed` with `body`, from the registry of `key`, at the local time `now`.
    /// Only after `Ok` may the body be read. A bucket must also be fresh; a snapshot's index or a
    /// delta may be old, and [`HeadWatch::may_clear`] says whether its silence means anything. A
    /// snapshot may also be of an older sequence than was seen, because it says nothing by itself:
    /// the delta that leads on from it is held to what was seen.
    ///
    /// # Errors
    /// Any [`HeadFault`]. A signed head is remembered even if it is refused, so that a later
    /// contradiction is recognised; sequence and time are taken over only from an accepted one.
    pub fn admit(
        &mut self,
        asked: &Asked,
        signed: &SignedHead,
        body: &[u8],
        key: &PublicKey,
        now: Timestamp,
    ) -> Result<(), HeadFault> {
        let head = &signed.head;
        signed.verify(key)?;
        self.remember(signed)?;
        if (&head.list, head.epoch) != (&asked.list, asked.epoch)
            || (head.revision, head.record) != (asked.revision, asked.record)
        {
            return Err(HeadFault::Record);
        }
        if !answers(asked.what, head) {
            return Err(HeadFault::Subject);
        }
        if Head::digest_of(body) != head.body {
            return Err(HeadFault::Body);
        }
        if head.sequence < asked.floor {
            let (seen, got) = (asked.floor, head.sequence);
            return Err(HeadFault::WentBack { seen, got });
        }
        self.check_clock(head, now)?;
        if matches!(head.what, HeadSubject::Bucket(_)) {
            check_age(head, now, MAX_BUCKET_AGE)?;
        }
        self.newest = self.newest.max(head.as_of);
        let highest = self.highest.entry(head.list.clone()).or_default();
        highest.raise(head.what, head.sequence);
        Ok(())
    }

    /// Whether a person missing from what `head` vouches for may be called `NOT_LISTED` at the local
    /// time `now`: within 60 s for a bucket, 24 h for a snapshot or delta.
    ///
    /// # Errors
    /// [`HeadFault::TooOld`], or [`HeadFault::ClockBehind`] if the age cannot be known.
    pub fn may_clear(&self, head: &Head, now: Timestamp) -> Result<(), HeadFault> {
        self.check_clock(head, now)?;
        check_age(
            head,
            now,
            match head.what {
                HeadSubject::Bucket(_) => MAX_BUCKET_AGE,
                HeadSubject::Snapshot | HeadSubject::Delta { .. } => MAX_SNAPSHOT_AGE,
            },
        )
    }

    /// Takes over what another process saw of the same registry.
    ///
    /// # Errors
    /// [`HeadFault::TwoBodies`] if each saw another body for one sequence; the rest is taken over.
    pub fn merge(&mut self, other: &Self) -> Result<(), HeadFault> {
        for (list, seen) in &other.highest {
            let highest = self.highest.entry(list.clone()).or_default();
            highest.buckets = highest.buckets.max(seen.buckets);
            highest.snapshots = highest.snapshots.max(seen.snapshots);
        }
        self.newest = self.newest.max(other.newest);
        let contradictions = other.heads.iter().map(|head| self.remember(head));
        contradictions.fold(Ok(()), Result::and)
    }

    fn remember(&mut self, signed: &SignedHead) -> Result<(), HeadFault> {
        let mut before = self.heads.iter();
        match before.find(|old| old.head.is_about_the_same(&signed.head)) {
            Some(first) if first.head.body != signed.head.body => {
                Err(HeadFault::TwoBodies(Box::new(Evidence {
                    first: first.clone(),
                    second: signed.clone(),
                })))
            }
            Some(_) => Ok(()),
            None => {
                self.heads.push_back(signed.clone());
                let over = self.heads.len().saturating_sub(MAX_REMEMBERED_HEADS);
                self.heads.drain(..over);
                Ok(())
            }
        }
    }

    fn check_clock(&self, head: &Head, now: Timestamp) -> Result<(), HeadFault> {
        let lag = self.newest.max(head.as_of).since(now);
        if lag > MAX_CLOCK_LAG {
            return Err(HeadFault::ClockBehind { lag });
        }
        Ok(())
    }
}

/// Whether a head is of what was asked for.
fn answers(asked: HeadSubject, head: &Head) -> bool {
    match (asked, head.what) {
        (HeadSubject::Delta { from, to: least }, HeadSubject::Delta { from: start, to }) => {
            start == from && to >= least && to == head.sequence
        }
        (asked, what) => asked == what,
    }
}

fn check_age(head: &Head, now: Timestamp, limit: i64) -> Result<(), HeadFault> {
    let age = now.since(head.as_of);
    if age > limit {
        return Err(HeadFault::TooOld { age, limit });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::head::tests::{head, key};
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    fn ask(watch: &HeadWatch) -> Asked {
        let like = head(0, 0, b"");
        watch.ask(
            &like.list,
            like.epoch,
            like.revision,
            like.record,
            like.what,
        )
    }

    fn offer(watch: &mut HeadWatch, head: Head, body: &[u8], now: i64) -> Result<(), HeadFault> {
        let asked = ask(watch);
        let signed = head.sign(&key());
        watch.admit(&asked, &signed, body, &key().public_key(), Timestamp(now))
    }

    fn delta(from: u64, to: u64) -> HeadSubject {
        HeadSubject::Delta { from, to }
    }

    /// Asks for one thing and is offered a head of another.
    fn offer_what(
        watch: &mut HeadWatch,
        asked: HeadSubject,
        what: HeadSubject,
        sequence: u64,
    ) -> Result<(), HeadFault> {
        let head = Head {
            what,
            ..head(sequence, NOW - 1_000, b"s")
        };
        let asked = watch.ask(&head.list, head.epoch, head.revision, head.record, asked);
        let signed = head.sign(&key());
        watch.admit(&asked, &signed, b"s", &key().public_key(), Timestamp(NOW))
    }

    #[test]
    fn sequence_never_goes_back_and_a_late_reply_is_no_fault() {
        let mut watch = HeadWatch::default();
        assert_eq!(offer(&mut watch, head(5, NOW, b"a"), b"a", NOW), Ok(()));
        let early = ask(&watch);
        assert_eq!(offer(&mut watch, head(6, NOW, b"b"), b"b", NOW), Ok(()));
        assert_eq!(offer(&mut watch, head(6, NOW + 9, b"b"), b"b", NOW), Ok(()));
        assert_eq!(
            offer(&mut watch, head(5, NOW + 9, b"a"), b"a", NOW),
            Err(HeadFault::WentBack { seen: 6, got: 5 })
        );
        let late = head(5, NOW, b"a").sign(&key());
        let public = key().public_key();
        assert_eq!(
            watch.admit(&early, &late, b"a", &public, Timestamp(NOW)),
            Ok(())
        );
        assert_eq!(ask(&watch).floor, 6);
    }

    #[test]
    fn a_delta_may_be_behind_a_bucket_but_not_behind_a_delta() {
        let mut watch = HeadWatch::default();
        assert_eq!(offer(&mut watch, head(9, NOW, b"a"), b"a", NOW), Ok(()));
        assert_eq!(offer_what(&mut watch, delta(5, 5), delta(5, 7), 7), Ok(()));
        let back = HeadFault::WentBack { seen: 7, got: 6 };
        assert_eq!(
            offer_what(&mut watch, delta(5, 5), delta(5, 6), 6),
            Err(back)
        );
        let base = HeadSubject::Snapshot;
        assert_eq!(offer_what(&mut watch, base, base, 3), Ok(()), "only a base");
        assert_eq!(
            offer_what(&mut watch, delta(3, 3), delta(3, 12), 12),
            Ok(())
        );
        assert_eq!(ask(&watch).floor, 12, "a bucket is behind nothing seen");
    }

    #[test]
    fn a_delta_starts_where_it_was_asked_from_and_ends_at_its_sequence() {
        let subject = Err(HeadFault::Subject);
        for (what, sequence) in [
            (delta(4, 7), 7),
            (delta(5, 7), 8),
            (delta(5, 4), 4),
            (HeadSubject::Snapshot, 7),
        ] {
            let offered = offer_what(&mut HeadWatch::default(), delta(5, 5), what, sequence);
            assert_eq!(offered, subject);
        }
        let right = offer_what(&mut HeadWatch::default(), delta(5, 5), delta(5, 7), 7);
        assert_eq!(right, Ok(()));
    }

    #[test]
    fn what_two_processes_saw_is_held_together() {
        let (mut one, mut other) = (HeadWatch::default(), HeadWatch::default());
        assert_eq!(offer(&mut one, head(5, NOW, b"a"), b"a", NOW), Ok(()));
        assert_eq!(
            offer(&mut other, head(4, NOW + 9, b"x"), b"x", NOW + 9),
            Ok(())
        );
        assert_eq!(offer_what(&mut other, delta(1, 1), delta(1, 8), 8), Ok(()));
        assert_eq!(one.merge(&other), Ok(()));
        assert_eq!((ask(&one).floor, one.newest), (8, Timestamp(NOW + 9)));
        assert_eq!(one.heads.len(), 3);
        let mut third = HeadWatch::default();
        assert_eq!(offer(&mut third, head(5, NOW, b"b"), b"b", NOW), Ok(()));
        let fault = one.merge(&third);
        let Err(HeadFault::TwoBodies(evidence)) = fault else {
            panic!("not recognised: {fault:?}");
        };
        assert_eq!(evidence.verify(&key().public_key()), Ok(()));
    }

    #[test]
    fn old_heads_and_a_clock_set_back_are_refused() {
        let mut watch = HeadWatch::default();
        let limit = MAX_BUCKET_AGE;
        assert_eq!(
            offer(&mut watch, head(1, NOW, b""), b"", NOW + limit),
            Ok(())
        );
        assert_eq!(
            offer(&mut watch, head(1, NOW, b""), b"", NOW + limit + 1),
            Err(HeadFault::TooOld {
                age: limit + 1,
                limit
            })
        );
        // The clock is set back a day: the registry's day-old head would look fresh.
        let day = 24 * 3_600_000;
        assert_eq!(
            offer(&mut watch, head(1, NOW - day, b""), b"", NOW - day),
            Err(HeadFault::ClockBehind { lag: day })
        );
        assert_eq!(
            offer(&mut watch, head(1, NOW, b""), b"", NOW - MAX_CLOCK_LAG),
            Ok(())
        );
    }

    #[test]
    fn a_registrys_jump_ahead_does_not_outlast_it() {
        let mut watch = HeadWatch::default();
        let year = 365 * 86_400_000;
        assert_eq!(
            offer(&mut watch, head(1, NOW + year, b""), b"", NOW),
            Err(HeadFault::ClockBehind { lag: year })
        );
        assert_eq!(offer(&mut watch, head(1, NOW, b""), b"", NOW), Ok(()));
    }

    #[test]
    fn silence_means_something_only_while_fresh() {
        let watch = HeadWatch::default();
        let mut head = head(1, NOW, b"");
        let clear = |head: &Head, age| watch.may_clear(head, Timestamp(NOW + age)).is_ok();
        assert!(clear(&head, MAX_BUCKET_AGE) && !clear(&head, MAX_BUCKET_AGE + 1));
        head.what = HeadSubject::Snapshot;
        assert!(clear(&head, MAX_SNAPSHOT_AGE) && !clear(&head, MAX_SNAPSHOT_AGE + 1));
        assert!(!clear(&head, -MAX_CLOCK_LAG - 1));
    }

    #[test]
    fn two_bodies_for_one_sequence_are_evidence() {
        let mut watch = HeadWatch::default();
        assert_eq!(offer(&mut watch, head(5, NOW, b"a"), b"a", NOW), Ok(()));
        let kept = postcard::to_stdvec(&watch).expect("serialises");
        let mut watch: HeadWatch = postcard::from_bytes(&kept).expect("parses");
        let fault = offer(&mut watch, head(5, NOW + 1, b"b"), b"b", NOW);
        let Err(HeadFault::TwoBodies(evidence)) = fault else {
            panic!("not recognised: {fault:?}");
        };
        assert_eq!(evidence.verify(&key().public_key()), Ok(()));
        let json = serde_json::to_string(&evidence).expect("serialises");
        let read: Evidence = serde_json::from_str(&json).expect("parses");
        assert_eq!(read, *evidence);
    }

    #[test]
    fn a_head_answers_only_its_own_question() {
        let mut watch = HeadWatch::default();
        let wrong = |change: fn(&mut Head)| {
            let mut head = head(1, NOW, b"");
            change(&mut head);
            offer(&mut HeadWatch::default(), head, b"", NOW)
        };
        let record = Err(HeadFault::Record);
        assert_eq!(
            wrong(|h| h.list = ListId::parse("other").expect("an id")),
            record
        );
        assert_eq!(wrong(|h| h.epoch = Epoch(2)), record);
        assert_eq!(wrong(|h| h.revision = 1), record);
        assert_eq!(wrong(|h| h.record.0[0] ^= 1), record);
        assert_eq!(
            wrong(|h| h.what = HeadSubject::Bucket(8)),
            Err(HeadFault::Subject)
        );
        assert_eq!(wrong(|_| ()), Ok(()));
        assert_eq!(
            offer(&mut watch, head(1, NOW, b"a"), b"b", NOW),
            Err(HeadFault::Body)
        );
        let stranger = super::super::sign::SigningKey::from_bytes([6; 32]);
        let forged = head(1, NOW, b"").sign(&stranger);
        let asked = ask(&watch);
        assert_eq!(
            watch.admit(&asked, &forged, b"", &key().public_key(), Timestamp(NOW)),
            Err(HeadFault::Signature(SignatureError::Mismatch))
        );
    }

    #[test]
    fn memory_is_bounded() {
        let mut watch = HeadWatch::default();
        for sequence in 0..2 * MAX_REMEMBERED_HEADS as u64 {
            assert_eq!(
                offer(&mut watch, head(sequence, NOW, b""), b"", NOW),
                Ok(())
            );
        }
        assert_eq!(watch.heads.len(), MAX_REMEMBERED_HEADS);
        assert!(postcard::to_stdvec(&watch).expect("serialises").len() < 70_000);
    }
}
