//! `watch`: a member's own borrowers beside a list, once or at an interval.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use crate::app::terminated;
use crate::portfolio::{Became, Changed, Looked, PortfolioError, Watching, forget, watch as look};
use crate::protocol::{ListId, OfficerId};
use crate::texts::cli::said;

use super::exit::Exit;
use super::failure::Failure;
use super::output::{Output, local_time};
use super::syncing::interval;
use super::work::{HttpAgent, Work};

/// Watching.
#[derive(Args)]
pub(super) struct Watch {
    /// The list (default: the only one there is)
    #[arg(long, value_name = "LIST")]
    list: Option<ListId>,
    /// The member's own borrowers, CSV or XLSX: the first time, when they changed, and after the
    /// list's key was rotated
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The header of the NIK column, if it has an unusual name
    #[arg(long, value_name = "NAME")]
    nik_column: Option<String>,
    /// Go on at this interval until told to stop: 30s, 15m, 6h
    #[arg(long, value_name = "INTERVAL", value_parser = interval)]
    every: Option<Duration>,
    /// Destroy what is kept of the borrowers, and watch nobody
    #[arg(long, conflicts_with_all = ["file", "every"])]
    forget: bool,
}

/// How a portfolio stands, as `--json` says it.
#[derive(Serialize)]
struct Line<'a> {
    event: &'static str,
    #[serde(flatten)]
    looked: &'a Looked,
}

/// `watch`.
pub(super) fn watch(work: &Work, given: &Watch) -> Result<Exit, Failure> {
    let agent = work.agent()?;
    let officer = work.officer()?;
    let watcher = Watcher {
        output: work.output,
        agent: &agent,
        officer: &officer,
        given,
    };
    match given.every {
        None => work.run(async {
            let list = work.list(&agent, given.list.as_ref()).await?;
            if given.forget {
                return watcher.forget(&list);
            }
            watcher.once(&list).await
        }),
        Some(every) => Work::runtime()?.block_on(async {
            tokio::select! {
                ended = watcher.for_ever(work, every) => ended,
                () = terminated() => Ok(Exit::Ok),
            }
        }),
    }
}

struct Watcher<'a> {
    output: Output,
    agent: &'a HttpAgent,
    officer: &'a OfficerId,
    given: &'a Watch,
}

impl Watcher<'_> {
    async fn once(&self, list: &ListId) -> Result<Exit, Failure> {
        let watching = Watching {
            list,
            file: self.given.file.as_deref(),
            nik_column: self.given.nik_column.as_deref(),
            officer: self.officer,
        };
        let output = self.output;
        let mut tell = |changed: &Changed| {
            let told = show(output, changed);
            told.map_err(|_| std::io::Error::other("nobody reads"))
        };
        let looked = look(self.agent, &watching, &mut tell).await?;
        self.summary(&looked)?;
        Ok(match looked.reason {
            None => Exit::Ok,
            Some(_) => Exit::Unavailable,
        })
    }

    /// A fault is told and waits for the next time, unless only a person can mend it.
    async fn for_ever(&self, work: &Work, every: Duration) -> Result<Exit, Failure> {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let looked = match work.list(self.agent, self.given.list.as_ref()).await {
                Ok(list) => self.once(&list).await,
                Err(failure) => Err(failure),
            };
            match looked {
                Ok(_) => {}
                Err(failure) if failure.exit == Exit::Unavailable || failure.is_busy() => {
                    self.output.failure(&failure);
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    fn forget(&self, list: &ListId) -> Result<Exit, Failure> {
        let forgotten = forget(self.agent, list)?;
        let values: [(&str, &dyn std::fmt::Display); 1] = [("list", list)];
        let said = match forgotten {
            true => said::FORGOTTEN,
            false => said::NOTHING_KEPT,
        };
        let object = serde_json::json!({ "event": "forgotten", "list": list, "kept": forgotten });
        self.output.either(&object, said, &values)?;
        Ok(Exit::Ok)
    }

    fn summary(&self, looked: &Looked) -> Result<(), Failure> {
        let clear = looked
            .clear
            .map_or_else(|| "?".to_owned(), |clear| clear.to_string());
        let values: [(&str, &dyn std::fmt::Display); 9] = [
            ("list", &looked.list),
            ("people", &looked.people),
            ("evaluated", &looked.evaluated),
            ("listed", &looked.listed),
            ("previously", &looked.previously),
            ("clear", &clear),
            ("changes", &looked.changes),
            ("sequence", &looked.sequence),
            ("as_of", &local_time(looked.as_of)),
        ];
        let line = Line {
            event: "watched",
            looked,
        };
        self.output.either(&line, said::WATCHED, &values)?;
        if looked.reason.is_some() {
            self.output
                .remark(said::WATCHED_BLIND.say(self.output.lang));
        }
        Ok(())
    }
}

fn show(output: Output, changed: &Changed) -> Result<(), Failure> {
    let text = match changed.event {
        Became::Listed => said::BECAME_LISTED,
        Became::Previously => said::BECAME_PREVIOUSLY,
        Became::Cleared => said::BECAME_CLEAR,
    };
    let category = changed.category.map_or("", |category| category.as_str());
    let reference = changed.reference.as_deref().unwrap_or("-");
    let values: [(&str, &dyn std::fmt::Display); 4] = [
        ("reference", &reference),
        ("nik", &changed.nik),
        ("list", &changed.list),
        ("category", &category),
    ];
    output.either(changed, text, &values)
}

impl From<PortfolioError> for Failure {
    fn from(error: PortfolioError) -> Self {
        match error {
            PortfolioError::FileNeeded { epoch } => {
                Self::new(Exit::InvalidInput, "portfolio_file_needed").with(epoch)
            }
            PortfolioError::File(problem) => problem.into(),
            PortfolioError::Agent(fault) => fault.into(),
            PortfolioError::Damaged => Self::new(Exit::Home, "portfolio_damaged"),
            PortfolioError::Output(error) => error.into(),
            PortfolioError::TooMany { .. } => Self::input(error),
        }
    }
}
