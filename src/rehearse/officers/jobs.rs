//! Screening jobs beside the officers: each a process that begins again when it is done.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{ENOUGH, LIST, LISTED};
use crate::rehearse::RehearsalError;
use crate::rehearse::house::House;
use crate::rehearse::people::People;

/// Programmes with a file of applicants.
pub(super) struct Jobs {
    names: Vec<String>,
    file: PathBuf,
}

impl Jobs {
    /// As many programmes as there are jobs join.
    pub(super) fn join(house: &House, jobs: u32, applicants: u64) -> Result<Self, RehearsalError> {
        let names: Vec<_> = (1..=jobs)
            .map(|number| format!("program-gladi-{number}"))
            .collect();
        for name in &names {
            house.joins(name, LIST, &["screen"], ENOUGH)?;
        }
        let file = house.files()?.join("applicants.csv");
        let people = People {
            applicants,
            listed: LISTED,
        };
        people.write_applicants(&file)?;
        Ok(Self { names, file })
    }

    /// Starts them. They end when what is returned is dropped.
    pub(super) fn start(&self, house: &House) -> Result<Running, RehearsalError> {
        let stop = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::with_capacity(self.names.len());
        for name in &self.names {
            let (program, file, stop) = (house.program(name), self.file.clone(), Arc::clone(&stop));
            let out = house.results().join(name);
            threads.push(std::thread::spawn(move || {
                for number in 0_u64.. {
                    let mut job = program.command();
                    job.args(["--json", "screen"]).arg(&file);
                    job.args(["--list", LIST, "--out"])
                        .arg(out.join(number.to_string()));
                    let Ok(mut child) = giving_way(&job).spawn() else {
                        return;
                    };
                    while matches!(child.try_wait(), Ok(None)) {
                        if stop.load(Ordering::Relaxed) {
                            // It may have ended meanwhile.
                            let _ended = (child.kill(), child.wait());
                            return;
                        }
                        std::thread::sleep(Duration::from_millis(20));
                    }
                }
            }));
        }
        Ok(Running { stop, threads })
    }
}

/// Gives way to whoever else wants the core, in its own session and with that session.
const GIVE_WAY: &str = "{ echo 19 > /proc/self/autogroup; } 2> /dev/null; exec nice -n 19 \"$@\"";

/// A job that takes only what the officers on its cores leave: it is the registry that is measured.
/// Linux shares cores between sessions first, whatever the niceness within one, and the system's own
/// work for the registry's disk is in none: beside a job in ours it waits for tens of milliseconds.
fn giving_way(job: &Command) -> Command {
    let mut command = Command::new("setsid");
    command.args(["sh", "-c", GIVE_WAY, "sh"]);
    command.arg(job.get_program()).args(job.get_args());
    for (name, value) in job.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(Stdio::null());
    command
}

/// Jobs at work.
pub(super) struct Running {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _panicked = thread.join();
        }
    }
}
