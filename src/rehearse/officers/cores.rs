//! Cores of their own for the registry and for those who ask.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Two halves of the cores that this process may use; or all of them for both.
pub(super) struct Cores {
    registry: CpuSet,
    officers: CpuSet,
    apart: bool,
}

impl Cores {
    /// Splits what this thread may use.
    pub(super) fn split() -> std::io::Result<Self> {
        let all = sched_getaffinity(None)?;
        let cores: Vec<usize> = (0..CpuSet::MAX_CPU)
            .filter(|core| all.is_set(*core))
            .collect();
        if cores.len() < 2 {
            return Ok(Self {
                registry: all,
                officers: all,
                apart: false,
            });
        }
        let (first, second) = cores.split_at(cores.len() / 2);
        Ok(Self {
            registry: of(first),
            officers: of(second),
            apart: true,
        })
    }

    /// Whether the halves are different ones.
    pub(super) const fn apart(&self) -> bool {
        self.apart
    }

    /// How many the registry has.
    pub(super) fn of_registry(&self) -> u32 {
        self.registry.count()
    }

    /// How many those who ask have.
    pub(super) fn of_officers(&self) -> u32 {
        self.officers.count()
    }

    /// From here on this thread, and what it starts, has the registry's half.
    pub(super) fn as_registry(&self) -> std::io::Result<()> {
        Ok(sched_setaffinity(None, &self.registry)?)
    }

    /// From here on this thread, and what it starts, has the officers' half.
    pub(super) fn as_officers(&self) -> std::io::Result<()> {
        Ok(sched_setaffinity(None, &self.officers)?)
    }
}

fn of(cores: &[usize]) -> CpuSet {
    let mut set = CpuSet::new();
    cores.iter().for_each(|core| set.set(*core));
    set
}
