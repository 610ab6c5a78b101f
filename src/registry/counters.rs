//! What the registry counts of its own work, for whoever exports it. Numbers only: no list, no
//! organisation, no person.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// Counters that only grow, from the process's start.
        #[derive(Debug, Default)]
        pub struct Counters { $(pub(super) $name: Counter,)+ }

        /// The counters at one moment.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct CountersNow { $($(#[$doc])* pub $name: u64,)+ }

        impl Counters {
            /// The counters now.
            #[must_use]
            pub fn now(&self) -> CountersNow {
                CountersNow { $($name: self.$name.get(),)+ }
            }
        }
    };
}

counters! {
    /// Evaluation chunks answered.
    evaluations,
    /// Elements in them.
    elements,
    /// Submissions answered, repeated ones not counted.
    submissions,
    /// Listings that are new.
    rows_accepted,
    /// Rows that changed nothing.
    rows_unchanged,
    /// Listings whose content was replaced.
    rows_updated,
    /// Rows refused.
    rows_refused,
    /// Removals answered, repeated ones not counted.
    removals,
    /// Listings they changed.
    entries_removed,
    /// Buckets served.
    buckets,
    /// Indexes of snapshots served.
    snapshots,
    /// Deltas served.
    deltas,
    /// People whose state changed by time alone.
    people_expired,
    /// Records opened because a list grew or a bucket overflowed.
    revisions,
}

/// One counter.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, count: usize) {
        self.0.fetch_add(count as u64, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
