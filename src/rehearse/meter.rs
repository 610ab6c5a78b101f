//! Watches a process at work beside the registry: memory of both, phase and progress, once a second.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use super::error::RehearsalError;
use super::server::Server;

/// Between two looks at a process's memory.
const LOOK: Duration = Duration::from_millis(50);
/// Between two events.
const EVERY: Duration = Duration::from_secs(1);

/// One line of the file of events.
#[derive(Serialize)]
struct Event<'a> {
    /// Seconds since the rehearsal began.
    time: f64,
    phase: &'a str,
    /// People done in this phase, as the process or the registry counts them.
    done: Option<u64>,
    client_rss_bytes: u64,
    server_rss_bytes: u64,
}

/// What is told while a process works.
#[derive(Clone, Debug)]
pub struct Moment {
    /// What is done.
    pub phase: String,
    /// People done, where it is known.
    pub done: Option<u64>,
}

/// Records what is seen.
pub(super) struct Meter<'a> {
    began: Instant,
    events: Option<File>,
    tell: &'a mut dyn FnMut(&Moment),
}

/// How a watched process ended.
pub(super) struct Watched {
    pub(super) status: ExitStatus,
    pub(super) seconds: f64,
    /// The highest resident memory, bytes.
    pub(super) peak: u64,
    /// The objects of its standard output.
    pub(super) said: Vec<Value>,
}

impl<'a> Meter<'a> {
    /// A meter that writes events to a file, if one is named.
    pub(super) fn new(
        events: Option<&Path>,
        tell: &'a mut dyn FnMut(&Moment),
    ) -> Result<Self, RehearsalError> {
        Ok(Self {
            began: Instant::now(),
            events: events.map(File::create).transpose()?,
            tell,
        })
    }

    /// Says that something is done which no process of its own does.
    pub(super) fn says(&mut self, phase: &str, server: &Server) -> Result<(), RehearsalError> {
        let moment = Moment {
            phase: phase.to_owned(),
            done: None,
        };
        self.event(&moment, 0, server)
    }

    /// Runs a command to its end. It answers in JSON; an object with `phase` says how far it is,
    /// and where it does not, the registry's counter `counted` does.
    pub(super) fn run(
        &mut self,
        phase: &str,
        counted: &str,
        command: &mut Command,
        server: &Server,
    ) -> Result<Watched, RehearsalError> {
        let began = Instant::now();
        let counter = || server.counter(counted);
        let before = counter();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()?;
        let heard = Arc::new(Mutex::new(Heard::default()));
        let listening = child.stdout.take().map(|out| {
            let heard = Arc::clone(&heard);
            std::thread::spawn(move || listen(out, &heard))
        });
        let (mut peak, mut last) = (0, None::<Instant>);
        let status = loop {
            peak = peak.max(memory(child.id(), "VmHWM:"));
            if last.is_none_or(|last| last.elapsed() >= EVERY) {
                last = Some(Instant::now());
                let so_far = counter().zip(before).map(|(now, before)| now - before);
                let moment = moment(&heard, phase, so_far);
                self.event(&moment, memory(child.id(), "VmRSS:"), server)?;
            }
            match child.try_wait()? {
                Some(status) => break status,
                None => std::thread::sleep(LOOK),
            }
        };
        let seconds = began.elapsed().as_secs_f64();
        if let Some(listening) = listening {
            listening.join().map_err(|_| RehearsalError::Answer)?;
        }
        let said = std::mem::take(&mut lock(&heard).objects);
        Ok(Watched {
            status,
            seconds,
            peak,
            said,
        })
    }

    fn event(
        &mut self,
        moment: &Moment,
        client: u64,
        server: &Server,
    ) -> Result<(), RehearsalError> {
        (self.tell)(moment);
        let Some(file) = &mut self.events else {
            return Ok(());
        };
        let event = Event {
            time: self.began.elapsed().as_secs_f64(),
            phase: &moment.phase,
            done: moment.done,
            client_rss_bytes: client,
            server_rss_bytes: memory(server.process, "VmRSS:"),
        };
        let mut line = serde_json::to_vec(&event).map_err(std::io::Error::other)?;
        line.push(b'\n');
        Ok(file.write_all(&line)?)
    }
}

/// What a process said so far.
#[derive(Default)]
struct Heard {
    phase: Option<(String, Option<u64>)>,
    objects: Vec<Value>,
}

fn lock(heard: &Mutex<Heard>) -> std::sync::MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listen(out: impl Read, heard: &Mutex<Heard>) {
    for line in BufReader::new(out).lines().map_while(Result::ok) {
        let Ok(object) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        let mut heard = lock(heard);
        match object["phase"].as_str() {
            // Progress is not kept: there is much of it.
            Some(phase) => heard.phase = Some((phase.to_owned(), object["done"].as_u64())),
            None => heard.objects.push(object),
        }
    }
}

fn moment(heard: &Mutex<Heard>, phase: &str, counted: Option<u64>) -> Moment {
    match &lock(heard).phase {
        Some((of, done)) => Moment {
            phase: format!("{phase}/{of}"),
            done: done.or(counted),
        },
        None => Moment {
            phase: phase.to_owned(),
            done: counted,
        },
    }
}

/// A field of a process's status, bytes; 0 once it is gone.
pub(super) fn memory(process: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ones_own_memory_is_known_and_nobodys_is_nothing() {
        let own = std::process::id();
        assert!(memory(own, "VmHWM:") >= memory(own, "VmRSS:") / 2);
        assert!(memory(own, "VmRSS:") > 1 << 20);
        assert_eq!(memory(u32::MAX, "VmRSS:"), 0);
    }
}
