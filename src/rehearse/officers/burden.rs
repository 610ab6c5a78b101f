//! Who used the cores: the registry, those who ask, or something else on this machine. Where
//! something else did, times say nothing of the registry.

use std::fs::read_to_string;
use std::time::Instant;

use super::cores::Cores;

/// Ticks of `/proc`, a second: fixed for user space (proc(5), `USER_HZ`).
const TICKS: f64 = 100.0;

/// Processor time used so far, seconds.
pub(super) struct Burden {
    at: Instant,
    registry: f64,
    officers: f64,
    all: f64,
    /// Of the machine, not only those that this process may use.
    cores: usize,
}

/// Shares of the cores in a while, 1 for all of them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shares {
    /// Of the registry's cores, what the registry used.
    pub(super) registry: f64,
    /// Of the officers' cores, what those who ask used.
    pub(super) officers: f64,
    /// Of all the machine's cores, what was used by neither, or was not given to this machine.
    pub(super) others: f64,
    /// Seconds of processor time that the registry used.
    pub(super) registry_seconds: f64,
}

impl Burden {
    /// As it stands.
    pub(super) fn now(registry: u32) -> Self {
        let stat = read_to_string("/proc/stat").unwrap_or_default();
        Self {
            at: Instant::now(),
            registry: of_process(&format!("/proc/{registry}/stat"), false),
            officers: of_process("/proc/self/stat", true),
            all: of_machine(&stat),
            cores: cores_of_machine(&stat),
        }
    }

    /// What was used between `before` and this.
    pub(super) fn since(&self, before: &Self, cores: &Cores) -> Shares {
        let seconds = self.at.duration_since(before.at).as_secs_f64().max(1e-3);
        let (registry, officers) = (
            self.registry - before.registry,
            self.officers - before.officers,
        );
        let others = (self.all - before.all - registry - officers).max(0.0);
        Shares {
            registry: registry / (seconds * cores.of_registry() as f64),
            officers: officers / (seconds * cores.of_officers() as f64),
            others: others / (seconds * self.cores.max(1) as f64),
            registry_seconds: registry,
        }
    }
}

/// User and system time of a process; with that of its children who ended, if asked.
fn of_process(path: &str, with_children: bool) -> f64 {
    let stat = read_to_string(path).unwrap_or_default();
    // The second field is a name in parentheses; 12 to 15 after it are times (proc(5)).
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let count = if with_children { 4 } else { 2 };
    let times = fields.split(' ').skip(11).take(count);
    times
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / TICKS
}

/// Time in which some core was not idle, or was taken away by the host.
fn of_machine(stat: &str) -> f64 {
    let line = stat.lines().next().unwrap_or_default();
    let fields: Vec<f64> = line
        .split_whitespace()
        .skip(1)
        .filter_map(|ticks| ticks.parse().ok())
        .collect();
    // user nice system idle iowait irq softirq steal; guests are in the first two.
    let busy = [0, 1, 2, 5, 6, 7].map(|at| fields.get(at).copied().unwrap_or(0.0));
    busy.iter().sum::<f64>() / TICKS
}

fn cores_of_machine(stat: &str) -> usize {
    let lines = stat.lines().skip(1);
    lines.take_while(|line| line.starts_with("cpu")).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_machine_did_is_summed_and_idleness_is_not() {
        let stat = "cpu  100 200 300 9000 8000 10 20 70 5 5\ncpu0 1 1 1 1";
        assert!((of_machine(stat) - 7.0).abs() < 1e-9);
        assert!(of_machine("").abs() < 1e-9);
        let two = format!("{stat}\ncpu1 1 1 1 1\nintr 5");
        assert_eq!(cores_of_machine(&two), 2);
    }

    #[test]
    fn ones_own_work_is_seen() {
        let before = of_process("/proc/self/stat", true);
        let began = Instant::now();
        while of_process("/proc/self/stat", true) < before + 0.02 {
            assert!(began.elapsed().as_secs() < 60);
        }
        assert!(of_process("/proc/0/stat", false).abs() < 1e-9);
    }
}
