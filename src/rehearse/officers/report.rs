//! What a phase of visits says, and the bars beside it.

use std::time::Duration;

use serde::Serialize;

use super::arrivals::Visit;
use super::burden::Shares;
use super::officer::Ended;

/// Officers of one phase.
#[derive(Clone, Debug, Serialize)]
pub struct Phase {
    /// Its name: `capacity`, `quiet`, `busy`, `slow`, `overload-3x`, `overload-10x`, `after-3x`, `after-10x`.
    pub phase: &'static str,
    /// Officers who came, a second.
    pub offered_per_second: f64,
    /// Answers a second, once the first fifth of the phase is over.
    pub answered_per_second: f64,
    /// Officers who came.
    pub came: usize,
    /// Answered, and verified.
    pub answered: usize,
    /// Told to come back.
    pub shed: usize,
    /// Of these, after the first half of their check was done.
    pub shed_half_done: usize,
    /// Of those told to come back, without a time.
    pub shed_without_time: usize,
    /// Answered otherwise than is so, or not verified.
    pub wrong: usize,
    /// Neither answered nor told anything.
    pub lost: usize,
    /// Half of the answers took at most this long, from when the officer came; milliseconds.
    pub median_ms: f64,
    /// Nine of ten.
    pub p90_ms: f64,
    /// Ninety-nine of a hundred.
    pub p99_ms: f64,
    /// Ninety-nine of a hundred who were shed were told so within this of asking; milliseconds.
    pub shed_p99_ms: f64,
    /// Ninety-nine of a hundred asked within this of coming: more than a few milliseconds mean that
    /// those who ask were too slow, and that the figures say nothing of the registry.
    pub late_p99_ms: f64,
    /// Of the registry's cores, what the registry used: 1 for all of them.
    pub registry_busy: f64,
    /// Of the officers' cores, what those who ask used, preparing and verifying not counted.
    pub officers_busy: f64,
    /// Of the machine's cores, what something else used or the host took away.
    pub others_busy: f64,
    /// Answers for each second of processor time of the registry, whoever else had the cores.
    pub answered_per_registry_second: f64,
}

impl Phase {
    pub(super) fn of(
        phase: &'static str,
        visits: &[Visit],
        long: Duration,
        shares: Shares,
    ) -> Self {
        let is_right = |visit: &&Visit| visit.ended == Ended::Answered;
        let is_shed = |visit: &&Visit| matches!(visit.ended, Ended::Shed { .. });
        let right: Vec<&Visit> = visits.iter().filter(is_right).collect();
        let shed: Vec<&Visit> = visits.iter().filter(is_shed).collect();
        let is_lost = |visit: &&Visit| visit.ended == Ended::Lost;
        let lost = visits.iter().filter(is_lost).count();
        let of_shed = |is: fn(bool, bool) -> bool| {
            let is = |visit: &&&Visit| match visit.ended {
                Ended::Shed {
                    says_when,
                    half_done,
                } => is(says_when, half_done),
                _ => false,
            };
            shed.iter().filter(is).count()
        };
        let settled = long.mul_f64(0.2)..long;
        let counted = right
            .iter()
            .filter(|visit| settled.contains(&visit.ended_at));
        Self {
            phase,
            offered_per_second: visits.len() as f64 / long.as_secs_f64(),
            answered_per_second: counted.count() as f64 / (long.as_secs_f64() * 0.8),
            came: visits.len(),
            answered: right.len(),
            shed: shed.len(),
            shed_half_done: of_shed(|_, half_done| half_done),
            shed_without_time: of_shed(|says_when, _| !says_when),
            wrong: visits.len() - right.len() - shed.len() - lost,
            lost,
            median_ms: percentile(took(&right), 0.5),
            p90_ms: percentile(took(&right), 0.9),
            p99_ms: percentile(took(&right), 0.99),
            shed_p99_ms: percentile(shed.iter().map(|visit| visit.took - visit.late), 0.99),
            late_p99_ms: percentile(visits.iter().map(|visit| visit.late), 0.99),
            registry_busy: shares.registry,
            officers_busy: shares.officers,
            others_busy: shares.others,
            answered_per_registry_second: right.len() as f64 / shares.registry_seconds.max(0.01),
        }
    }
}

fn took(visits: &[&Visit]) -> Vec<Duration> {
    visits.iter().map(|visit| visit.took).collect()
}

fn percentile(times: impl IntoIterator<Item = Duration>, part: f64) -> f64 {
    let mut took: Vec<Duration> = times.into_iter().collect();
    took.sort_unstable();
    let at = (took.len() as f64 * part) as usize;
    let found = took.get(at.min(took.len().saturating_sub(1)));
    found.map_or(0.0, |took| took.as_secs_f64() * 1e3)
}

/// One of the promises about load, and whether it was kept.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Bar {
    /// Its name: `kept_latency`, `kept_beside_slow`, `slow_cut_within`, `slow_not_cut`, `goodput_3x`, `goodput_10x`, `shed_within_3x`,
    /// `shed_within_10x`, `shed_says_when`, `recovered_3x`, `recovered_10x`, `right_answers`, `none_lost`.
    pub bar: &'static str,
    /// What was measured.
    pub value: f64,
    /// The least or the most that it may be.
    pub limit: f64,
    /// Whether it is within; nothing where the machine was too busy with something else to tell.
    pub held: Option<bool>,
}

impl Bar {
    pub(super) fn at_most(bar: &'static str, value: f64, limit: f64) -> Self {
        Self {
            bar,
            value,
            limit,
            held: Some(value <= limit),
        }
    }

    /// A ratio of two phases: says nothing if one of them was disturbed.
    #[must_use]
    pub(super) fn unless(self, disturbed: bool) -> Self {
        Self {
            held: self.held.filter(|_| !disturbed),
            ..self
        }
    }

    /// A time: kept on a busy machine is kept, and missed there says nothing.
    #[must_use]
    pub(super) fn excused_if(self, disturbed: bool) -> Self {
        Self {
            held: self.held.filter(|held| *held || !disturbed),
            ..self
        }
    }

    /// Whether all were kept: no if one was not, and nothing if one cannot be told.
    pub(super) fn all_held(bars: &[Self]) -> Option<bool> {
        match bars.iter().any(|bar| bar.held == Some(false)) {
            true => Some(false),
            false => bars.iter().all(|bar| bar.held.is_some()).then_some(true),
        }
    }

    /// What no phase may have.
    pub(super) fn of_all(phases: &[Phase], disturbed: bool) -> [Self; 3] {
        let total = |of: fn(&Phase) -> usize| phases.iter().map(of).sum::<usize>() as f64;
        [
            Self::at_most(
                "shed_says_when",
                total(|phase| phase.shed_without_time),
                0.0,
            ),
            Self::at_most("right_answers", total(|phase| phase.wrong), 0.0),
            Self::at_most("none_lost", total(|phase| phase.lost), 0.0).excused_if(disturbed),
        ]
    }

    pub(super) fn at_least(bar: &'static str, value: f64, limit: f64) -> Self {
        Self {
            bar,
            value,
            limit,
            held: Some(value >= limit),
        }
    }
}

/// Seconds until everybody is answered as in quiet times: after the last half second in which
/// somebody was shed, failed, or in which half took longer than `twice` of the quiet half did.
pub(super) fn recovered_after(visits: &[Visit], quiet_median_ms: f64, twice: f64) -> f64 {
    const WINDOW: f64 = 0.5;
    let of = |visit: &Visit| {
        ((visit.ended_at - visit.took.min(visit.ended_at)).as_secs_f64() / WINDOW) as usize
    };
    let last = visits.iter().map(of).max().unwrap_or(0);
    let is_bad = |window: &usize| {
        let came: Vec<&Visit> = visits.iter().filter(|visit| of(visit) == *window).collect();
        let unanswered = came.iter().any(|visit| visit.ended != Ended::Answered);
        unanswered || percentile(took(&came), 0.5) > twice * quiet_median_ms
    };
    let bad = (0..=last).filter(is_bad).max();
    bad.map_or(0.0, |window| (window + 1) as f64 * WINDOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(came_ms: u64, took_ms: u64, ended: Ended) -> Visit {
        Visit {
            ended_at: Duration::from_millis(came_ms + took_ms),
            took: Duration::from_millis(took_ms),
            late: Duration::ZERO,
            ended,
        }
    }

    const fn shed(says_when: bool, half_done: bool) -> Ended {
        Ended::Shed {
            says_when,
            half_done,
        }
    }

    const SHARES: Shares = Shares {
        registry: 0.5,
        officers: 0.25,
        others: 0.0,
        registry_seconds: 5.0,
    };

    #[test]
    fn what_a_busy_machine_cannot_tell_is_not_told() {
        let (kept, missed) = (Bar::at_most("a", 1.0, 2.0), Bar::at_most("a", 3.0, 2.0));
        assert_eq!(kept.unless(true).held, None);
        assert_eq!(kept.unless(false).held, Some(true));
        assert_eq!(kept.excused_if(true).held, Some(true));
        assert_eq!(missed.excused_if(true).held, None);
        assert_eq!(missed.excused_if(false).held, Some(false));
        let untold = missed.unless(true);
        assert_eq!(Bar::all_held(&[kept, kept]), Some(true));
        assert_eq!(Bar::all_held(&[kept, untold]), None);
        assert_eq!(Bar::all_held(&[untold, missed]), Some(false));
    }

    #[test]
    fn a_phase_counts_what_happened() {
        let long = Duration::from_secs(10);
        let mut visits: Vec<_> = (0..100)
            .map(|number| visit(number * 100, number, Ended::Answered))
            .collect();
        visits.push(visit(50, 3, shed(true, false)));
        visits.push(visit(50, 9, shed(false, true)));
        visits.push(visit(50, 1, Ended::Lost));
        visits.push(visit(50, 1, Ended::Wrong));
        let phase = Phase::of("quiet", &visits, long, SHARES);
        assert_eq!((phase.came, phase.answered, phase.shed), (104, 100, 2));
        assert_eq!((phase.shed_without_time, phase.shed_half_done), (1, 1));
        assert_eq!(
            (phase.median_ms, phase.p90_ms, phase.p99_ms),
            (50.0, 90.0, 99.0)
        );
        assert_eq!((phase.lost, phase.wrong), (1, 1));
        assert_eq!(phase.answered_per_registry_second, 20.0);
        assert_eq!(phase.shed_p99_ms, 9.0);
        assert!((phase.answered_per_second - 10.0).abs() < 0.2, "{phase:?}");
    }

    #[test]
    fn recovery_ends_with_the_last_bad_half_second() {
        let good = |at| visit(at, 2, Ended::Answered);
        let mut visits: Vec<_> = (0..40).map(|number| good(number * 100)).collect();
        assert_eq!(recovered_after(&visits, 2.0, 2.0), 0.0);
        visits.push(visit(1_200, 1, shed(true, false)));
        assert_eq!(recovered_after(&visits, 2.0, 2.0), 1.5);
        visits.extend((0..20).map(|_| visit(2_600, 9, Ended::Answered)));
        assert_eq!(recovered_after(&visits, 2.0, 2.0), 3.0);
    }
}
