//! A member watches its own borrowers: their keys are evaluated once for each epoch, under a grant
//! and a purpose of their own, and kept sealed in the home; after each delta they are compared with
//! the list's copy on this machine, and the member is told who became listed, previously listed or
//! cleared. Nothing more is evaluated, and the registry learns nothing but that a delta was fetched.
//!
//! | file | story |
//! |---|---|
//! | `borrowers` | the member's file |
//! | `kept` | what the home keeps for one epoch, and destroys with it |
//! | `look` | the portfolio beside the copy |
//!
//! A change is told before it is remembered: after a kill it may be told twice, and never not at all.
//! A copy that is older than 24 hours clears nobody.

mod borrowers;
mod error;
mod kept;
mod look;

use std::path::Path;

use serde::Serialize;

pub use error::PortfolioError;

use crate::agent::{
    Acting, Agent, AgentError, BulkList, LocalCopy, People, Prepared, RegistryDoor,
};
use crate::agent::{SyncWatcher, Unwatched};
use crate::protocol::codes::{Purpose, Reason};
use crate::protocol::limits::MAX_CHUNK;
use crate::protocol::{Epoch, ListId, OfficerId, Timestamp};
use borrowers::{Borrower, Borrowers};
use kept::{Kept, Mark, Portfolio, Told};
use look::{Stands, look};

/// What to watch.
pub struct Watching<'a> {
    /// The list.
    pub list: &'a ListId,
    /// The member's borrowers, CSV or XLSX; none: those that are kept.
    pub file: Option<&'a Path>,
    /// The header of the NIK column; none finds it by the usual names.
    pub nik_column: Option<&'a str>,
    /// Who watches.
    pub officer: &'a OfficerId,
}

/// What became of a borrower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// Listed.
    Listed,
    /// Previously listed.
    Previously,
    /// Neither, having been one of them.
    Cleared,
}

/// A change of one borrower since the last time. It is no verdict: before anybody acts on it, the
/// person is checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// What became of the borrower.
    pub event: Became,
    /// The list.
    pub list: ListId,
    /// The member's own reference, where the file had one.
    pub reference: Option<String>,
    /// The person, masked.
    pub nik: String,
    /// The programme's reason; none for debtors and for who was cleared.
    pub category: Option<Reason>,
    /// The list's last change that was known.
    pub sequence: u64,
    /// When that was the newest, as the registry signed it.
    pub as_of: Timestamp,
}

/// How a portfolio stands after a look.
#[derive(Clone, Debug, Serialize)]
pub struct Looked {
    /// The list.
    pub list: ListId,
    /// The epoch.
    pub epoch: Epoch,
    /// Borrowers watched.
    pub people: usize,
    /// Rows of the file whose NIK is none.
    pub invalid: u64,
    /// Borrowers evaluated now.
    pub evaluated: usize,
    /// Borrowers no longer in the file, and forgotten.
    pub forgotten: usize,
    /// Listed.
    pub listed: usize,
    /// Previously listed.
    pub previously: usize,
    /// Neither; unknown while the copy is too old to say so.
    pub clear: Option<usize>,
    /// Changes told.
    pub changes: usize,
    /// The list's last change that is known.
    pub sequence: u64,
    /// When that was the newest, as the registry signed it.
    pub as_of: Timestamp,
    /// Why nobody is called clear; none where that is said.
    pub reason: Option<&'static str>,
}

/// What a file brought.
#[derive(Default)]
struct Brought {
    invalid: u64,
    evaluated: usize,
    forgotten: usize,
}

/// Brings the list's copy up to date, evaluates borrowers who are new in the file, and tells each
/// change. Where the registry does not answer, the last good copy is looked at.
///
/// # Errors
/// [`PortfolioError::FileNeeded`] the first time and after a rotation, if no file is given;
/// [`PortfolioError::TooMany`], [`PortfolioError::File`], [`PortfolioError::Damaged`],
/// [`PortfolioError::Agent`] where evaluation fails or the registry cannot be believed,
/// [`PortfolioError::Output`] from `tell`.
pub async fn watch<D: RegistryDoor>(
    agent: &Agent<D>,
    watching: &Watching<'_>,
    tell: &mut (dyn FnMut(&Changed) -> std::io::Result<()> + Send),
) -> Result<Looked, PortfolioError> {
    let list = watching.list;
    let copy = newest(agent, list, &mut Unwatched).await?;
    let epoch = copy.epoch();
    // What was kept for another epoch could still watch people in it.
    Portfolio::forget(agent.home(), list, Some(epoch))?;
    let kept = Portfolio::open(agent.home(), list, epoch)?;
    let (mut portfolio, brought) = match (kept, watching.file) {
        (None, None) => return Err(PortfolioError::FileNeeded { epoch }),
        (Some(portfolio), None) => (portfolio, Brought::default()),
        (kept, Some(file)) => {
            let borrowers = borrowers::read(file, watching.nik_column)?;
            bring(agent, watching, kept, epoch, &borrowers).await?
        }
    };
    let (changes, looked) = compare(agent, list, &copy, &portfolio)?;
    let mut told = Vec::with_capacity(changes.len());
    for (mark, as_what, change) in &changes {
        if let Some(change) = change {
            tell(change)?;
        }
        told.push((*mark, *as_what));
    }
    portfolio.told(told)?;
    Ok(Looked {
        invalid: brought.invalid,
        evaluated: brought.evaluated,
        forgotten: brought.forgotten,
        ..looked
    })
}

/// Destroys what is kept of a list; whether there was something.
///
/// # Errors
/// [`PortfolioError::Agent`], [`PortfolioError::Damaged`], [`PortfolioError::Output`].
pub fn forget<D: RegistryDoor>(agent: &Agent<D>, list: &ListId) -> Result<bool, PortfolioError> {
    Ok(Portfolio::forget(agent.home(), list, None)? > 0)
}

/// The copy, brought up to date; the last good one where the registry does not answer.
async fn newest<D: RegistryDoor>(
    agent: &Agent<D>,
    list: &ListId,
    watcher: &mut dyn SyncWatcher,
) -> Result<LocalCopy, PortfolioError> {
    match agent.sync(list, watcher).await {
        Ok(report) => Ok(agent.copy(list, report.epoch)?),
        Err(fault) if fault.is_suspicious() => Err(fault.into()),
        Err(fault) => {
            let copies = agent.copies()?.into_iter();
            let epochs = copies
                .filter(|copy| copy.list == *list)
                .map(|copy| copy.epoch);
            match epochs.max() {
                Some(epoch) => Ok(agent.copy(list, epoch)?),
                None => Err(fault.into()),
            }
        }
    }
}

/// Evaluates who is new, and forgets who is gone.
async fn bring<D: RegistryDoor>(
    agent: &Agent<D>,
    watching: &Watching<'_>,
    kept: Option<Portfolio>,
    epoch: Epoch,
    borrowers: &Borrowers,
) -> Result<(Portfolio, Brought), PortfolioError> {
    let mut portfolio = match kept {
        Some(portfolio) => portfolio,
        None => {
            let plan = agent.plan_bulk(watching.list).await?;
            if plan.epoch() != epoch {
                return Err(AgentError::EpochNotInForce.into());
            }
            Portfolio::begin(agent.home(), plan)?
        }
    };
    let marks: Vec<Mark> = borrowers
        .people
        .iter()
        .map(|one| portfolio.mark(&one.nik))
        .collect();
    let people = borrowers.people.iter().zip(&marks);
    let new: Vec<(&Borrower, Mark)> = people
        .filter(|(_, mark)| !portfolio.holds(mark))
        .map(|(borrower, mark)| (borrower, *mark))
        .collect();
    let acting = Acting {
        officer: watching.officer.clone(),
        purpose: Purpose::PortfolioWatch,
    };
    let bulk = agent.bulk(&portfolio.plan, &acting)?;
    for chunk in new.chunks(MAX_CHUNK) {
        let (people, marks): (Vec<&Borrower>, Vec<Mark>) = chunk.iter().copied().unzip();
        let keys = evaluate(agent, &bulk, &mut portfolio, &people, &marks).await?;
        portfolio.add(&people, &keys)?;
    }
    let brought = Brought {
        invalid: borrowers.invalid,
        evaluated: new.len(),
        forgotten: portfolio.retain(&marks)?,
    };
    Ok((portfolio, brought))
}

/// The filter keys of one chunk.
async fn evaluate<D: RegistryDoor>(
    agent: &Agent<D>,
    bulk: &BulkList,
    portfolio: &mut Portfolio,
    people: &[&Borrower],
    marks: &[Mark],
) -> Result<Vec<u64>, PortfolioError> {
    let mut inputs = People::with_room(people.len());
    people
        .iter()
        .for_each(|borrower| inputs.push(&borrower.nik));
    let (blinded, sent) = match tokio::task::block_in_place(|| bulk.prepare(&inputs))? {
        Prepared::Keys(keys) => return Ok(keys),
        Prepared::Blinded { blinded, sent } => (blinded, sent),
    };
    let number = portfolio.number(marks)?;
    let reply = agent.ask_chunk(bulk, number, &sent).await?;
    let opened = tokio::task::block_in_place(|| bulk.open(&blinded, reply))?;
    Ok(opened.keys)
}

type Change = (Mark, Told, Option<Changed>);

/// Whose standing differs from what was told, and how everybody stands.
fn compare<D: RegistryDoor>(
    agent: &Agent<D>,
    list: &ListId,
    copy: &LocalCopy,
    portfolio: &Portfolio,
) -> Result<(Vec<Change>, Looked), PortfolioError> {
    let silent = agent.may_clear(copy.head()).err().map(|fault| fault.code());
    let people: Vec<&Kept> = portfolio.people().collect();
    let found = look(copy, &people)?;
    let changes = people.iter().zip(&found).filter_map(|(kept, stands)| {
        let is_clear = stands.as_what == Told::Clear;
        if stands.as_what == kept.told || (is_clear && silent.is_some()) {
            return None;
        }
        Some((kept.mark, stands.as_what, changed(list, copy, kept, stands)))
    });
    let mut changes: Vec<Change> = changes.collect();
    changes.sort_by(|(.., a), (.., b)| order(a).cmp(&order(b)));
    let count = |as_what| found.iter().filter(|one| one.as_what == as_what).count();
    let looked = Looked {
        list: list.clone(),
        epoch: copy.epoch(),
        people: people.len(),
        invalid: 0,
        evaluated: 0,
        forgotten: 0,
        listed: count(Told::Listed),
        previously: count(Told::Previously),
        clear: silent.is_none().then(|| count(Told::Clear)),
        changes: changes
            .iter()
            .filter(|(.., change)| change.is_some())
            .count(),
        sequence: copy.sequence(),
        as_of: copy.as_of(),
        reason: silent,
    };
    Ok((changes, looked))
}

/// By what changes are told in one order.
fn order(change: &Option<Changed>) -> Option<(u8, Option<&String>, &String)> {
    let change = change.as_ref()?;
    Some((change.event as u8, change.reference.as_ref(), &change.nik))
}

/// What is told of a change; nothing of who is found clear the first time.
fn changed(list: &ListId, copy: &LocalCopy, kept: &Kept, stands: &Stands) -> Option<Changed> {
    let event = match (stands.as_what, kept.told) {
        (Told::Listed, _) => Became::Listed,
        (Told::Previously, _) => Became::Previously,
        (Told::Clear, Told::Listed | Told::Previously) => Became::Cleared,
        (Told::Clear | Told::Nothing, _) => return None,
    };
    Some(Changed {
        event,
        list: list.clone(),
        reference: kept.reference.clone(),
        nik: kept.masked.clone(),
        category: stands.category,
        sequence: copy.sequence(),
        as_of: copy.as_of(),
    })
}
