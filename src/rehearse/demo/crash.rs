//! SIGKILL in the middle of an upload: what was acknowledged is there afterwards, all of it once.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::cast::{COOPERATIVES, CRASH_ROWS, Cast, GOOD, OFFICER};
use super::setting::{LIST, Setting};
use crate::agent::{AgentError, CHUNK, SubmitEvent, SubmitOptions, SubmitWatcher};
use crate::protocol::submission::OwnEntry;
use crate::protocol::{ListId, OfficerId};
use crate::rehearse::RehearsalError;
use crate::rehearse::error::hold;
use crate::rehearse::program::{argument, number};
use crate::rehearse::server::Server;
use crate::texts::demo as texts;

/// The cooperative whose upload is hit.
const HIT: usize = 2;
/// Acknowledged people that the officer checks afterwards.
const CHECKED: usize = 50;

pub(super) fn registry_is_killed(
    setting: &mut Setting<'_, '_>,
    cast: &Cast,
) -> Result<(), RehearsalError> {
    setting.step(texts::CRASH);
    let name = COOPERATIVES[HIT];
    let file = setting.file(&format!("{name}-2.csv"), &cast.defaulters_of_crash(HIT))?;
    let before = own_entries(setting)?;
    hold(
        before.len() == GOOD,
        "every listing of the first file is there",
    )?;
    let acknowledged = upload_until_killed(setting, &file)?;
    hold(
        acknowledged > 0 && acknowledged < CRASH_ROWS,
        "the kill comes in the middle",
    )?;
    let values: [(&str, &dyn std::fmt::Display); 2] =
        [("acknowledged", &acknowledged), ("rows", &CRASH_ROWS)];
    setting.held(texts::KILLED, &values);

    let began = Instant::now();
    setting.start()?;
    setting.held(texts::RESTARTED, &[("ms", &began.elapsed().as_millis())]);
    let entries = nothing_is_lost(setting, &before, acknowledged)?;
    let start = Cast::listed_in_crash().start;
    let sample: Vec<usize> = (0..CHECKED)
        .map(|i| start + i * acknowledged / CHECKED)
        .collect();
    all_listed(setting, cast, &sample)?;
    setting.held(
        texts::NOTHING_LOST,
        &[("entries", &entries), ("checked", &CHECKED)],
    );

    let resumed =
        setting
            .program(name)
            .one(&["submit", argument(&file)?, "--list", LIST], "", 0)?;
    let new = number(&resumed, "new")?;
    hold(
        new == CRASH_ROWS as u64,
        "every row is a new listing, none comes twice",
    )?;
    let entries = own_entries(setting)?.len();
    hold(
        entries == GOOD + CRASH_ROWS,
        "the registry has every listing once",
    )?;
    setting.held(texts::RESUMED, &[("new", &new), ("entries", &entries)]);
    let verify = ["own", "verify", "--list", LIST, "--sample", "100"];
    let verified = setting.program(name).one(&verify, "", 0)?;
    let sampled = number(&verified, "sampled")?;
    hold(
        number(&verified, "served")? == sampled,
        "own entries are served",
    )?;
    setting.held(texts::OWN_VERIFIED, &[("sampled", &sampled)]);
    Ok(())
}

/// Uploads by the library, which kills the registry at the first acknowledgement; how many rows were
/// acknowledged. The answers to other chunks may have been on their way by then; the last chunk had
/// not been sent, so the upload cannot end well, however quick the machine.
fn upload_until_killed(
    setting: &mut Setting<'_, '_>,
    file: &std::path::Path,
) -> Result<usize, RehearsalError> {
    let agent = setting.agent(COOPERATIVES[HIT])?;
    let (list, officer) = ids()?;
    let options = SubmitOptions {
        patience: Duration::ZERO,
        ..SubmitOptions::default()
    };
    let mut killer = Killer {
        server: Some(setting.take_server()?),
        acknowledged: 0,
    };
    let uploading = agent.submit(&list, file, options, &officer, &mut killer);
    match runtime()?.block_on(uploading) {
        Err(AgentError::Door(_)) => Ok(killer.acknowledged * CHUNK),
        Err(other) => Err(other.into()),
        Ok(_) => Err(RehearsalError::NotHeld(
            "the upload is interrupted by the kill",
        )),
    }
}

/// Kills the registry when it hears of the first acknowledged chunk, before the upload goes on.
struct Killer {
    server: Option<Server>,
    /// Chunks.
    acknowledged: usize,
}

impl SubmitWatcher for Killer {
    fn event(&mut self, event: SubmitEvent<'_>) -> std::io::Result<()> {
        if let SubmitEvent::Progress(_) = event {
            self.acknowledged += 1;
            if let Some(server) = self.server.take() {
                server.kill()?;
            }
        }
        Ok(())
    }
}

/// Every entry that was there before is there, and as many more as were acknowledged at least.
fn nothing_is_lost(
    setting: &Setting<'_, '_>,
    before: &[OwnEntry],
    acknowledged: usize,
) -> Result<usize, RehearsalError> {
    let after = own_entries(setting)?;
    let ids: BTreeSet<_> = after.iter().map(|entry| entry.entry).collect();
    hold(ids.len() == after.len(), "no entry is there twice")?;
    let kept = before.iter().all(|entry| ids.contains(&entry.entry));
    hold(kept, "every earlier listing survives the kill")?;
    let more = after.len() - before.len();
    hold(
        more >= acknowledged,
        "every acknowledged row survives the kill",
    )?;
    // A chunk may have been written without its acknowledgement reaching anybody: whole or not.
    hold(
        more.is_multiple_of(CHUNK),
        "a chunk is written whole or not at all",
    )?;
    Ok(after.len())
}

/// The officer checks people, in one call of the executable.
fn all_listed(
    setting: &Setting<'_, '_>,
    cast: &Cast,
    people: &[usize],
) -> Result<(), RehearsalError> {
    let lines: String = people
        .iter()
        .map(|&person| format!("{}\n", cast.digits(person)))
        .collect();
    let officer = setting.program(OFFICER);
    let answers = officer.call(&["check", "--list", LIST], &lines, 0)?;
    let listed = answers
        .iter()
        .filter(|answer| answer["answer"] == "LISTED")
        .count();
    hold(
        listed == people.len(),
        "acknowledged people are listed after the restart",
    )
}

fn own_entries(setting: &Setting<'_, '_>) -> Result<Vec<OwnEntry>, RehearsalError> {
    let agent = setting.agent(COOPERATIVES[HIT])?;
    let (list, _) = ids()?;
    Ok(runtime()?.block_on(agent.own_entries(&list))?)
}

pub(super) fn runtime() -> Result<tokio::runtime::Runtime, RehearsalError> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    Ok(builder.enable_all().build()?)
}

pub(super) fn ids() -> Result<(ListId, OfficerId), RehearsalError> {
    let list = ListId::parse(LIST).map_err(|_| RehearsalError::Answer)?;
    let officer = OfficerId::parse("peraga").map_err(|_| RehearsalError::Answer)?;
    Ok((list, officer))
}
