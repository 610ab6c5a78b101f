//! What time alone changes, and the clock's rule: a clock behind what was committed, or more than
//! 24 hours ahead of it, expires nobody until the operator accepts it.
//!
//! Readers apply a listing's times at the answer's signed time, so that a pass that runs late or
//! not at all lists nobody; it only tidies up.

use std::sync::Arc;

use super::enrol::parse;
use super::person;
use super::{Refusal, Registry};
use crate::protocol::limits::{EXPIRED_TOGETHER, MAX_CLOCK_LEAP, NOTE_TIME_AFTER, ORDER_WINDOW};
use crate::protocol::listing::Person;
use crate::protocol::order::{OrderKind, SignedOrder};
use crate::protocol::organisation::{AcceptClock, Done};
use crate::protocol::{ContentDigest, Derivation, ErrorCode, Locator, OrderId, Timestamp};
use crate::store::{Before, Change, Decision, Evidence, Store, View};

/// The clock against the last committed time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockState {
    /// Neither behind nor far ahead.
    Sane,
    /// Behind what was committed by more than an order's window.
    Behind,
    /// More than 24 hours ahead of what was committed.
    Leapt,
}

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// People whose state changed.
    pub people: usize,
}

impl<S: Store> Registry<S> {
    /// One pass over all lists: what is due by now is re-decided, a batch at a time. Running it
    /// again, or twice at once, changes nothing more. Versions of lists that no longer answer are
    /// destroyed, whatever the clock says.
    ///
    /// # Errors
    /// [`ErrorCode::ClockWrong`] while the clock is behind or leapt, the store's.
    pub async fn expire(&self) -> Result<Expired, Refusal> {
        let lists = self.store.lists().await?;
        for list in &lists {
            self.forget_retired(list).await?;
        }
        let now = self.sane_now().await?;
        let mut expired = Expired::default();
        for list in lists {
            let view = View::answering(list.list, list.epoch);
            expired.people += self.expire_view(&view, now).await?;
        }
        self.note_time(now).await?;
        Ok(expired)
    }

    /// Re-decides what is due in one view. The clock is only judged when something is.
    pub(super) async fn expire_view(&self, view: &View, now: Timestamp) -> Result<usize, Refusal> {
        let mut people = 0;
        loop {
            let due = self.store.due(view, now, EXPIRED_TOGETHER).await?;
            if due.is_empty() {
                return Ok(people);
            }
            self.sane_now().await?;
            people += due.len();
            self.expire_people(view, due, now).await?;
        }
    }

    async fn expire_people(
        &self,
        view: &View,
        due: Vec<Locator>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let derivation = Arc::new(Derivation::new(&view.list, view.epoch));
        let count = due.len();
        let evidence = self.expiry_evidence(&due, now)?;
        let decide = move |before: &Before| {
            let people = before.people.iter().flatten();
            let aged = people.map(|person| Person {
                listings: person::expire(&person.listings, now),
                ..person.clone()
            });
            Decision {
                changes: person::changes(aged.collect(), before.sequence, &derivation),
                ..Decision::default()
            }
        };
        self.store
            .amend(view, due, evidence, Arc::new(decide))
            .await?;
        self.counters.people_expired.add(count);
        Ok(())
    }

    /// The operator confirms the clock after a leap: its order's content names the time, which must
    /// be the server's within an order's window.
    ///
    /// # Errors
    /// Those of an order; [`ErrorCode::NotGranted`] for anybody but the operator,
    /// [`ErrorCode::Malformed`], [`ErrorCode::InvalidField`] naming `now`, the store's.
    pub async fn accept_clock(&self, order: &SignedOrder, content: &[u8]) -> Result<Done, Refusal> {
        let (member, now) = self
            .administrative(order, OrderKind::AcceptClock, content)
            .await?;
        Self::only_operator(&member)?;
        let accept: AcceptClock = parse(content)?;
        if accept.now.since(now).saturating_abs() > ORDER_WINDOW {
            return Err(Refusal::field("now"));
        }
        self.carry_out(order, Change::AcceptClock, now).await
    }

    /// The time, and how it stands to the last committed one.
    pub(super) async fn clock_state(&self) -> Result<(Timestamp, ClockState), Refusal> {
        let last = self.store.last_committed_time().await?;
        let now = self.clock.now();
        Ok((now, state(last, now)))
    }

    async fn sane_now(&self) -> Result<Timestamp, Refusal> {
        let last = self.store.last_committed_time().await?;
        let now = self.clock.now();
        // Stricter than serving: not a moment before what was committed.
        if state(last, now) != ClockState::Sane || now < last {
            return Err(ErrorCode::ClockWrong.into());
        }
        Ok(now)
    }

    async fn note_time(&self, now: Timestamp) -> Result<(), Refusal> {
        let last = self.store.last_committed_time().await?;
        if now.since(last) > NOTE_TIME_AFTER {
            let evidence = self.own_act("saring/v1/act-time", &now.0.to_le_bytes(), now);
            self.store.administer(Change::AcceptClock, evidence).await?;
        }
        Ok(())
    }

    /// A pass's own evidence: each batch is an act of its own.
    fn expiry_evidence(&self, due: &[Locator], now: Timestamp) -> Result<Evidence, Refusal> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|_| ErrorCode::Internal)?;
        let content: Vec<u8> = due.iter().flat_map(|locator| locator.0).collect();
        Ok(Evidence {
            organisation: self.options.operator.clone(),
            order: OrderId(id),
            content: ContentDigest::of(&content),
            signed_order: Vec::new(),
            at: now,
        })
    }
}

fn state(last: Timestamp, now: Timestamp) -> ClockState {
    let ahead = now.since(last);
    if last == Timestamp::default() {
        ClockState::Sane
    } else if ahead < -ORDER_WINDOW {
        ClockState::Behind
    } else if ahead > MAX_CLOCK_LEAP {
        ClockState::Leapt
    } else {
        ClockState::Sane
    }
}
