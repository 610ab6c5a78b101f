//! What a rehearsal starts ends with it, whatever ends it: SIGTERM, SIGKILL and Ctrl-C too.

use std::io;
use std::process::Command;

use rustix::process::{
    Pid, Signal, getpid, getppid, kill_process, set_parent_process_death_signal,
};

/// The variable that tells a process whose end is its own, by its process id.
const VARIABLE: &str = "SARING_REHEARSED_BY";

/// Ties the process that a command starts to this one. To the kernel it is the thread that starts
/// it: that must live as long.
pub(super) fn tie(command: &mut Command) {
    command.env(VARIABLE, std::process::id().to_string());
}

/// Lets the process that a command starts outlive this one.
pub(super) fn untie(command: &mut Command) {
    command.env_remove(VARIABLE);
}

/// Asks the kernel for SIGTERM when the rehearsal ends that started this process, if one did.
///
/// # Errors
/// What the kernel gives.
pub fn end_with_the_rehearsal() -> io::Result<()> {
    let process = std::env::var(VARIABLE).ok();
    let process = process.and_then(|text| text.parse().ok());
    let Some(rehearsal) = process.and_then(Pid::from_raw) else {
        return Ok(());
    };
    set_parent_process_death_signal(Some(Signal::TERM))?;
    // It may have ended before the kernel was asked.
    if getppid() != Some(rehearsal) {
        kill_process(getpid(), Signal::TERM)?;
    }
    Ok(())
}
