//! Screening jobs beside the officers: each a process that begins again when it is done.

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::Pid;

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
            let out = house.path("results").join(name);
            threads.push(std::thread::spawn(move || {
                for number in 0_u64.. {
                    let mut command = program.command();
                    command.args(["--json", "screen"]).arg(&file);
                    command
                        .args(["--list", LIST, "--out"])
                        .arg(out.join(number.to_string()));
                    command.stdin(Stdio::null()).stdout(Stdio::null());
                    let Ok(mut child) = command.stderr(Stdio::null()).spawn() else {
                        return;
                    };
                    give_way(&child);
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

/// Lets a job take only what the officers on its cores leave: it is the registry that is measured.
fn give_way(child: &Child) {
    const MOST: i32 = 19;
    let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    // Its threads are started later, and have what it has then.
    let _kept = rustix::process::setpriority_process(process, MOST);
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
