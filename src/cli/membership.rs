//! A member's standing: joining, quotas, and whether its own entries are served.

use std::io::{BufRead, IsTerminal, stdin};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::agent;
use crate::app::clock::SystemClock;
use crate::protocol::trust::Invitation;
use crate::protocol::{Fingerprint, ListId, OrgId, PublicKey};
use crate::texts::cli::said;

use super::exit::Exit;
use super::failure::Failure;
use super::output::local_time;
use super::work::{Work, next_line};

/// Joining.
#[derive(Args)]
pub(super) struct Join {
    /// Read the invitation from this file instead of standard input
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

#[derive(Serialize)]
struct Joined<'a> {
    organisation: &'a OrgId,
    url: &'a str,
    registry: Fingerprint,
    public_key: PublicKey,
}

/// `join`.
pub(super) fn join(work: &Work, given: &Join) -> Result<Exit, Failure> {
    let line = invitation_line(work, given)?;
    let mut invitation = Invitation::parse(&line)
        .map_err(|error| Failure::new(Exit::InvalidInput, "invitation_unfit").with(error))?;
    drop(line);
    if let Some(url) = &work.globals.url {
        invitation.url.clone_from(url);
    }
    let folder = work.home_folder()?;
    let door = work.registry(&invitation.url)?;
    let (keys, officer) = (work.provider()?, work.officer()?);
    let joined = work.run(async {
        let clock = Arc::new(SystemClock);
        Ok(agent::join(&folder, keys, invitation, officer, door, clock).await?)
    })?;
    let home = joined.home();
    let profile = home.profile();
    let told = Joined {
        organisation: &profile.organisation,
        url: &profile.url,
        registry: profile.registry(),
        public_key: home.public_key(),
    };
    let values: [(&str, &dyn std::fmt::Display); 4] = [
        ("organisation", &profile.organisation),
        ("home", &folder.display()),
        ("fingerprint", &told.public_key.fingerprint()),
        ("registry", &told.registry),
    ];
    work.output.either(&told, said::JOINED, &values)?;
    Ok(Exit::Ok)
}

/// The invitation: from a file, a pipe, or typed without an echo.
fn invitation_line(work: &Work, given: &Join) -> Result<Zeroizing<String>, Failure> {
    if let Some(file) = &given.file {
        let opened = std::fs::File::open(file).map_err(|error| Failure::file(file, &error))?;
        return first_line(&mut std::io::BufReader::new(opened));
    }
    if stdin().is_terminal() {
        let prompt = said::INVITATION_PROMPT.say(work.output.lang);
        return Ok(Zeroizing::new(rpassword::prompt_password(prompt)?));
    }
    first_line(&mut stdin().lock())
}

fn first_line(input: &mut dyn BufRead) -> Result<Zeroizing<String>, Failure> {
    next_line(input)?.ok_or_else(|| Failure::new(Exit::InvalidInput, "invitation_unfit"))
}

/// `quota`.
pub(super) fn quota(work: &Work) -> Result<Exit, Failure> {
    let agent = work.agent()?;
    for of in work.run(async { Ok(agent.quota().await?) })? {
        let values: [(&str, &dyn std::fmt::Display); 4] = [
            ("list", &of.list),
            ("used", &of.quota.used),
            ("allowed", &of.quota.allowed),
            ("reset", &local_time(of.quota.reset)),
        ];
        work.output.either(&of, said::QUOTA_LINE, &values)?;
    }
    Ok(Exit::Ok)
}

/// One's own entries.
#[derive(Args)]
pub(super) struct OwnGroup {
    #[command(subcommand)]
    act: OwnAct,
}

#[derive(Subcommand)]
enum OwnAct {
    /// Verify by samples that one's own entries are served
    Verify(VerifyArgs),
}

#[derive(Args)]
struct VerifyArgs {
    /// The list (default: the only one there is)
    #[arg(long)]
    list: Option<ListId>,
    /// Entries to verify at most
    #[arg(long, default_value_t = 100, value_name = "N")]
    sample: usize,
}

/// `own verify`.
pub(super) fn own(work: &Work, group: &OwnGroup) -> Result<Exit, Failure> {
    let OwnAct::Verify(given) = &group.act;
    let agent = work.agent()?;
    let report = work.run(async {
        let list = work.list(&agent, given.list.as_ref()).await?;
        Ok(agent.own_verify(&list, given.sample).await?)
    })?;
    let values: [(&str, &dyn std::fmt::Display); 5] = [
        ("entries", &report.entries),
        ("sampled", &report.sampled),
        ("served", &report.served),
        ("faults", &report.faults.len()),
        ("unnamed", &report.unnamed),
    ];
    work.output.either(&report, said::OWN_VERIFIED, &values)?;
    if report.holds() {
        Ok(Exit::Ok)
    } else {
        Err(Failure::new(Exit::NotHeld, "not_held").with(report.faults.len()))
    }
}
