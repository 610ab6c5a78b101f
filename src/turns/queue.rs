//! Turns of bulk work: a few at once, organisation by organisation.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::NoTurn;
use crate::protocol::OrgId;

/// Who waits, and how many are at it.
pub(super) struct Queue {
    at_once: usize,
    each: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: usize,
    /// Organisations with somebody waiting, the next first; each stands here once.
    next: VecDeque<OrgId>,
    waiting: HashMap<OrgId, VecDeque<oneshot::Sender<Turn>>>,
    /// Running and waiting, by organisation.
    counts: HashMap<OrgId, usize>,
}

impl Queue {
    /// `at_once` turns at a time, `each` of one organisation running and waiting.
    pub(super) fn new(at_once: usize, each: usize) -> Arc<Self> {
        Arc::new(Self {
            at_once: at_once.max(1),
            each: each.max(1),
            state: Mutex::default(),
        })
    }

    /// Waits for a turn. Nobody else has it until it is dropped.
    pub(super) async fn turn(self: &Arc<Self>, whose: &OrgId) -> Result<Held, NoTurn> {
        let place = self.place(whose)?;
        let waiting = match self.begin_or_wait(whose) {
            Ok(turn) => return Ok(Held(turn, place)),
            Err(waiting) => waiting,
        };
        let turn = waiting.await.map_err(|_| NoTurn::Broken)?;
        Ok(Held(turn, place))
    }

    fn begin_or_wait(self: &Arc<Self>, whose: &OrgId) -> Result<Turn, oneshot::Receiver<Turn>> {
        let mut state = self.state();
        if state.running < self.at_once {
            state.running += 1;
            return Ok(Turn(Some(Arc::clone(self))));
        }
        let (sender, waiting) = oneshot::channel();
        if !state.waiting.contains_key(whose) {
            state.next.push_back(whose.clone());
        }
        let queue = state.waiting.entry(whose.clone()).or_default();
        queue.push_back(sender);
        Err(waiting)
    }

    /// Counts one more of an organisation, until the place is dropped.
    fn place(self: &Arc<Self>, whose: &OrgId) -> Result<Place, NoTurn> {
        let mut state = self.state();
        let count = state.counts.entry(whose.clone()).or_default();
        if *count >= self.each {
            return Err(NoTurn::Crowded);
        }
        *count += 1;
        Ok(Place {
            queue: Arc::clone(self),
            whose: whose.clone(),
        })
    }

    /// Hands a turn that ended to whoever is next and still waits.
    fn pass_on(self: &Arc<Self>) {
        loop {
            let next = {
                let mut state = self.state();
                let next = state.pop();
                if next.is_none() {
                    state.running -= 1;
                }
                next
            };
            // Not under the lock, which a turn that comes back would take.
            let Some(next) = next else { return };
            match next.send(Turn(Some(Arc::clone(self)))) {
                Ok(()) => return,
                Err(mut untaken) => drop(untaken.0.take()),
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The first of the organisation whose turn it is; that organisation goes to the end.
    fn pop(&mut self) -> Option<oneshot::Sender<Turn>> {
        let whose = self.next.pop_front()?;
        let queue = self.waiting.get_mut(&whose)?;
        let first = queue.pop_front();
        if queue.is_empty() {
            self.waiting.remove(&whose);
        } else {
            self.next.push_back(whose);
        }
        first
    }
}

/// A turn, and the organisation's place that it counts for.
pub(super) struct Held(
    #[allow(dead_code, reason = "held until it is dropped")] Turn,
    #[allow(dead_code, reason = "held until it is dropped")] Place,
);

/// One of the turns that run at once.
struct Turn(Option<Arc<Queue>>);

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            queue.pass_on();
        }
    }
}

/// One of the places of an organisation.
struct Place {
    queue: Arc<Queue>,
    whose: OrgId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        if let Some(count) = state.counts.get_mut(&self.whose) {
            *count -= 1;
            if *count == 0 {
                state.counts.remove(&self.whose);
            }
        }
    }
}
