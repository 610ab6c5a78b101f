//! One executable, its subcommands and its progress.
//!
//! | file | commands |
//! |---|---|
//! | `server.rs` | `init`, `serve`, `config check`, `doctor`, `backup`, `restore` |
//! | `lists.rs` | `list` |
//! | `administration.rs` | `org`, `grant`, `custodian`, `clock` |
//! | `membership.rs` | `join`, `quota`, `own verify` |
//! | `submission.rs` | `submit` |
//! | `versions.rs` | `version` |
//! | `removal.rs` | `settle`, `withdraw`, `suspend`, `reinstate` |
//! | `checking.rs` | `check` |
//! | `screening.rs` | `screen` |
//! | `syncing.rs` | `sync` |
//! | `watching.rs` | `watch` |
//! | `custody.rs` | `keys` |
//! | `rehearsing.rs` | `rehearse` |
//! | `machine.rs` | `nik synth`, `demo`, `selftest`, `speed`, `completions` |

mod administration;
mod arguments;
mod checking;
mod custody;
pub mod exit;
mod failure;
mod language;
mod lists;
mod machine;
mod membership;
mod output;
mod pace;
mod progress;
mod rehearsing;
mod removal;
mod screening;
mod server;
mod submission;
mod syncing;
mod uploading;
mod versions;
mod watching;
mod work;

use std::process::ExitCode;

use clap::FromArgMatches;

use arguments::{Arguments, Command};
use exit::Exit;
use failure::Failure;
use output::Output;
use work::Work;

use crate::machine::InstructionSet;
use crate::rehearse::end_with_the_rehearsal;

/// Parses the command line, runs the command and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    quiet_panics();
    let lang = language::asked(std::env::args_os(), std::env::var("SARING_LANG").ok());
    let parsed = language::command(lang).try_get_matches();
    let arguments = match parsed.and_then(|found| Arguments::from_arg_matches(&found)) {
        Ok(arguments) => arguments,
        Err(error) => return language::refuse(&error, lang).into(),
    };
    let output = Output {
        json: arguments.globals.json,
        lang: arguments.globals.lang,
    };
    let Arguments { globals, command } = arguments;
    let ended = usable_processor()
        .and_then(|()| Ok(end_with_the_rehearsal()?))
        .and_then(|()| Work::prepare(output, globals))
        .and_then(|work| run(&work, command));
    match ended {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output.failure(&failure);
            failure.exit.into()
        }
    }
}

/// Refuses an instruction set that the environment asks for in vain, before anything computes.
fn usable_processor() -> Result<(), Failure> {
    InstructionSet::from_environment().map(drop)?;
    Ok(())
}

fn run(work: &Work, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Init(given) => server::init(work, given),
        Command::Serve(given) => server::serve(work, &given),
        Command::Config(given) => server::config(work, &given),
        Command::Doctor(given) => server::doctor(work, &given),
        Command::Backup(given) => server::backup(work, &given),
        Command::Restore(given) => server::restore(work, &given),
        Command::List(given) => lists::list(work, given),
        Command::Org(given) => administration::org(work, given),
        Command::Grant(given) => administration::grant(work, given),
        Command::Custodian(given) => administration::custodian(work, given),
        Command::Clock(given) => administration::clock(work, &given),
        Command::Join(given) => membership::join(work, &given),
        Command::Quota => membership::quota(work),
        Command::Own(given) => membership::own(work, &given),
        Command::Submit(given) => submission::submit(work, &given),
        Command::Version(given) => versions::version(work, given),
        Command::Settle(given) => removal::settle(work, &given),
        Command::Withdraw(given) => removal::withdraw(work, &given),
        Command::Suspend(given) => removal::suspend(work, &given),
        Command::Reinstate(given) => removal::reinstate(work, &given),
        Command::Check(given) => checking::check(work, &given),
        Command::Screen(given) => screening::screen(work, &given),
        Command::Sync(given) => syncing::sync(work, &given),
        Command::Watch(given) => watching::watch(work, &given),
        Command::Keys(given) => custody::keys(work, &given),
        Command::Nik(given) => machine::nik(work, &given),
        Command::Demo(given) => machine::demo(work, &given),
        Command::Rehearse(given) => rehearsing::rehearse(work, given),
        Command::Selftest(given) => machine::selftest(work, &given),
        Command::Speed => machine::speed(work),
        Command::Completions(given) => machine::completions(work, &given),
    }
}

/// A panic says where it happened and nothing of the values involved: they may be a person's.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        use std::io::Write;
        let place = panic.location().map_or_else(String::new, |location| {
            format!(" ({}:{})", location.file(), location.line())
        });
        let _closed = writeln!(
            std::io::stderr().lock(),
            "saring: internal fault{place}; its message is withheld, it could name a person"
        );
    }));
}
