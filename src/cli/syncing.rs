//! `sync`: copies of lists on this machine, once or at an interval.

use std::time::Duration;

use clap::Args;
use serde::Serialize;

use crate::agent::{CopyStatus, SyncBy, SyncReport, SyncWatcher};
use crate::app::terminated;
use crate::protocol::ListId;
use crate::protocol::time::SECOND;
use crate::texts::Text;
use crate::texts::cli::said;

use super::exit::Exit;
use super::failure::Failure;
use super::output::{Output, local_time};
use super::progress::Shown;
use super::work::{HttpAgent, Work};

/// The shortest interval: a registry has other members too.
const LEAST: Duration = Duration::from_secs(5);
/// The longest: after it a copy no longer says that somebody is not listed.
const MOST: Duration = Duration::from_secs(24 * 3600);

/// Syncing.
#[derive(Args)]
pub(super) struct Sync {
    /// A list to copy; again for each (default: the only one there is)
    #[arg(long = "list", value_name = "LIST")]
    lists: Vec<ListId>,
    /// Go on at this interval until told to stop: 30s, 15m, 6h
    #[arg(long, value_name = "INTERVAL", value_parser = interval, conflicts_with = "status")]
    every: Option<Duration>,
    /// Show the copies there are, and ask nobody
    #[arg(long)]
    status: bool,
}

/// `sync`.
pub(super) fn sync(work: &Work, given: &Sync) -> Result<Exit, Failure> {
    let agent = work.agent()?;
    if given.status {
        return show(work.output, &agent, &given.lists);
    }
    let syncing = Syncing {
        output: work.output,
        agent: &agent,
    };
    match given.every {
        None => work.run(async {
            let lists = lists(work, &agent, given).await?;
            syncing.once(&lists).await
        }),
        Some(every) => Work::runtime()?.block_on(async {
            tokio::select! {
                ended = syncing.for_ever(work, given, every) => ended,
                () = terminated() => Ok(Exit::Ok),
            }
        }),
    }
}

struct Syncing<'a> {
    output: Output,
    agent: &'a HttpAgent,
}

impl Syncing<'_> {
    /// Every list once: each fault is told, the first one is how it ends.
    async fn once(&self, lists: &[ListId]) -> Result<Exit, Failure> {
        let mut first = None;
        for list in lists {
            if let Err(failure) = self.one(list).await {
                match first {
                    None => first = Some(failure),
                    Some(_) => self.output.failure(&failure),
                }
            }
        }
        first.map_or(Ok(Exit::Ok), Err)
    }

    /// Every list at every interval. A fault is told and waits for the next time: the last good
    /// copy serves meanwhile.
    async fn for_ever(&self, work: &Work, given: &Sync, every: Duration) -> Result<Exit, Failure> {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match lists(work, self.agent, given).await {
                Ok(lists) => {
                    for list in &lists {
                        if let Err(failure) = self.one(list).await {
                            self.output.failure(&failure);
                        }
                    }
                }
                Err(failure) => self.output.failure(&failure),
            }
        }
    }

    async fn one(&self, list: &ListId) -> Result<(), Failure> {
        let mut watched = Watched {
            shown: Shown::new(self.output),
            what: format!("{} {list}", said::FETCHING.say(self.output.lang)),
        };
        let synced = self.agent.sync(list, &mut watched).await;
        watched.shown.end();
        tell(self.output, &synced?)
    }
}

struct Watched {
    shown: Shown,
    what: String,
}

impl SyncWatcher for Watched {
    fn fetched(&mut self, done: u64, total: u64) {
        self.shown.at(&self.what, done, total);
    }
}

async fn lists(work: &Work, agent: &HttpAgent, given: &Sync) -> Result<Vec<ListId>, Failure> {
    match given.lists.is_empty() {
        true => Ok(vec![work.list(agent, None).await?]),
        false => Ok(given.lists.clone()),
    }
}

fn tell(output: Output, report: &SyncReport) -> Result<(), Failure> {
    let by: Text = match report.by {
        SyncBy::Nothing => said::SYNCED_NOTHING,
        SyncBy::Delta => said::SYNCED_DELTA,
        SyncBy::Snapshot => said::SYNCED_SNAPSHOT,
    };
    let values: [(&str, &dyn std::fmt::Display); 8] = [
        ("list", &report.list),
        ("epoch", &report.epoch),
        ("by", &by.say(output.lang)),
        ("changed", &report.changed),
        ("fetched", &report.fetched),
        ("keys", &report.keys),
        ("sequence", &report.sequence),
        ("as_of", &local_time(report.as_of)),
    ];
    output.either(report, said::SYNCED, &values)
}

/// A copy as `--status --json` shows it.
#[derive(Serialize)]
struct Shows<'a> {
    #[serde(flatten)]
    status: &'a CopyStatus,
    age_seconds: i64,
}

/// The copies there are; 3 if one of them no longer says that somebody is not listed, or one that
/// was named is not there.
fn show(output: Output, agent: &HttpAgent, named: &[ListId]) -> Result<Exit, Failure> {
    let all = agent.copies()?;
    let of_named = |status: &&CopyStatus| named.is_empty() || named.contains(&status.list);
    let shown: Vec<&CopyStatus> = all.iter().filter(of_named).collect();
    for status in &shown {
        let age_seconds = status.age / SECOND;
        let (of, text) = match status.reason {
            None => ("", said::COPY),
            Some(reason) => (reason, said::COPY_SILENT),
        };
        let values: [(&str, &dyn std::fmt::Display); 8] = [
            ("list", &status.list),
            ("epoch", &status.epoch),
            ("keys", &status.keys),
            ("bytes", &status.bytes),
            ("sequence", &status.sequence),
            ("as_of", &local_time(status.as_of)),
            ("minutes", &(age_seconds / 60)),
            ("reason", &of),
        ];
        let shows = Shows {
            status,
            age_seconds,
        };
        output.either(&shows, text, &values)?;
    }
    let missing = named
        .iter()
        .filter(|list| all.iter().all(|status| status.list != **list));
    let missing: Vec<&str> = missing.map(ListId::as_str).collect();
    if !missing.is_empty() || (shown.is_empty() && named.is_empty()) {
        return Err(Failure::new(Exit::Unavailable, "no_copy").with(missing.join(", ")));
    }
    Ok(match shown.iter().all(|status| status.reason.is_none()) {
        true => Exit::Ok,
        false => Exit::Unavailable,
    })
}

/// A number and a unit: seconds, minutes or hours.
pub(super) fn interval(text: &str) -> Result<Duration, String> {
    let seconds = [("s", 1), ("m", 60), ("h", 3600)]
        .into_iter()
        .find_map(|(unit, seconds)| {
            let number = text.strip_suffix(unit)?;
            let is_digits = number.bytes().all(|byte| byte.is_ascii_digit());
            is_digits
                .then(|| number.parse::<u64>().ok())??
                .checked_mul(seconds)
        });
    seconds
        .map(Duration::from_secs)
        .filter(|every| (LEAST..=MOST).contains(every))
        .ok_or_else(|| String::from("5s-24h: 30s, 15m, 6h"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_have_a_unit_and_a_bound() {
        let seconds = |text| interval(text).ok().map(|every| every.as_secs());
        assert_eq!(seconds("30s"), Some(30));
        assert_eq!(seconds("15m"), Some(900));
        assert_eq!(seconds("24h"), Some(86_400));
        for wrong in [
            "",
            "m",
            "15",
            "-5m",
            "+5m",
            "1.5h",
            "4s",
            "25h",
            "9d",
            "99999999999999999999h",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
