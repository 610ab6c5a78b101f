//! Many officers and several screening jobs at once: how long single checks take with and without the
//! jobs, what a registry does with three and ten times what it can do, and how soon it is itself
//! again. Arrivals are open-loop. Where the machine has two cores or more, the registry has half of
//! them for itself, so that those who ask do not slow it down by asking.

mod arrivals;
mod cores;
mod jobs;
mod officer;
mod report;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

pub use report::{Bar, Phase};

use super::RehearsalError;
use super::error::hold;
use super::house::House;
use super::people::People;
use super::program::text;
use crate::nik::Nik;
use crate::protocol::ListId;
use crate::protocol::trust::Invitation;
use crate::texts::Lang;
use arrivals::{Crowd, Visit, capacity};
use cores::Cores;
use jobs::Jobs;
use officer::Desk;
use report::recovered_after;

const LIST: &str = "daftar-gladi";
/// Elements anybody may have evaluated a day.
const ENOUGH: u64 = 1_000_000_000;
/// Organisations whose officers ask.
const DESKS: usize = 8;
/// Who asks again and again while capacity is measured: as many as keep a registry busy.
const AT_ONCE: usize = 64;
/// People on the list.
const LISTED: u64 = 20_000;
/// The share of capacity that officers ask for in quiet times.
const QUIET: f64 = 0.3;
/// How much longer checks may take beside bulk jobs, and still count as kept.
const KEPT: f64 = 2.0;

/// What to rehearse.
#[derive(Clone, Debug)]
pub struct OfficersOptions {
    /// This executable.
    pub executable: PathBuf,
    /// Seconds of each phase.
    pub seconds: u64,
    /// Screening jobs at once.
    pub jobs: usize,
    /// Applicants of each job; it begins again when it is done.
    pub applicants: u64,
    /// The language of the processes.
    pub lang: Lang,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct OfficersReport {
    /// Checks a second that the registry answers at most.
    pub capacity_per_second: f64,
    /// Whether registry and officers had cores of their own.
    pub cores_apart: bool,
    /// Applicants a second that the jobs had evaluated beside the officers.
    pub bulk_per_second: f64,
    /// The phases, in order.
    pub phases: Vec<Phase>,
    /// The promises.
    pub bars: Vec<Bar>,
    /// Whether all of them were kept.
    pub held: bool,
}

/// Rehearses; `tell` is told each phase when it ends.
///
/// # Errors
/// [`RehearsalError`]: a step that could not be taken. A promise that is not kept is no error but
/// [`OfficersReport::held`].
pub fn run(
    options: &OfficersOptions,
    tell: &mut (dyn FnMut(&Phase) + Send),
) -> Result<OfficersReport, RehearsalError> {
    let folder = tempfile::Builder::new()
        .prefix("saring-rehearsal-")
        .tempdir()?;
    let played = play(options, folder.path(), tell);
    if played.is_err() {
        let at = folder.keep();
        return played.map_err(|fault| fault.at(&at));
    }
    folder.close()?;
    played
}

fn play(
    options: &OfficersOptions,
    folder: &Path,
    tell: &mut (dyn FnMut(&Phase) + Send),
) -> Result<OfficersReport, RehearsalError> {
    let cores = Cores::split()?;
    let mut house = House::new(&options.executable, folder, options.lang);
    // A process has the cores of the thread that starts it.
    cores.as_registry()?;
    house.set_up()?;
    cores.as_officers()?;
    fill(&house)?;
    let jobs = Jobs::join(&house, options.jobs, options.applicants)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let rehearsed = runtime.block_on(async {
        let stage = Stage::open(&house, options).await?;
        stage.rehearse(&jobs, cores.apart(), tell).await
    });
    drop(runtime);
    house.take_server()?.stop()?;
    rehearsed
}

/// The list, and who is on it.
fn fill(house: &House) -> Result<(), RehearsalError> {
    house.create(LIST, ENOUGH)?;
    house.joins("ksp-gladi", LIST, &["contribute"], ENOUGH)?;
    let file = house.files()?.join("defaulters.csv");
    let people = People {
        applicants: 0,
        listed: LISTED,
    };
    people.write_defaulters(&file, |_| {
        let path = super::program::argument(&file)?;
        let arguments = ["submit", path, "--list", LIST];
        house
            .program("ksp-gladi")
            .one(&arguments, "", 0)
            .map(|_| ())
    })
}

/// Desks with people to ask about.
struct Stage<'a> {
    options: &'a OfficersOptions,
    house: &'a House,
    desks: Vec<Arc<Desk>>,
    people: Arc<Vec<(Nik, bool)>>,
}

impl<'a> Stage<'a> {
    async fn open(house: &'a House, options: &'a OfficersOptions) -> Result<Self, RehearsalError> {
        let list = ListId::parse(LIST).map_err(|_| RehearsalError::Answer)?;
        let mut desks = Vec::with_capacity(DESKS);
        for number in 1..=DESKS {
            let name = format!("petugas-gladi-{number}");
            let invite = ["org", "invite", &name, "--name", &name];
            let invited = house.program("operator").one(&invite, "", 0)?;
            let invitation = Invitation::parse(text(&invited, "invitation")?);
            let mut desk = Desk::join(&invitation.map_err(|_| RehearsalError::Answer)?).await?;
            house.admits(&name, LIST, &["check"], ENOUGH, &desk.public_key())?;
            desk.pin(&list).await?;
            desks.push(Arc::new(desk));
        }
        Ok(Self {
            options,
            house,
            desks,
            people: Arc::new(People::sample(LISTED, 200, 800)),
        })
    }

    async fn rehearse(
        &self,
        jobs: &Jobs,
        cores_apart: bool,
        tell: &mut (dyn FnMut(&Phase) + Send),
    ) -> Result<OfficersReport, RehearsalError> {
        let long = Duration::from_secs(self.options.seconds);
        let capacity = capacity(&self.desks, &self.people, AT_ONCE, long).await?;
        hold(capacity > 0.0, "somebody is answered")?;
        let mut phases = Vec::new();
        let mut bars = Vec::new();
        let mut note = |phase: Phase| {
            tell(&phase);
            phases.push(phase);
        };
        let quiet = Phase::of("quiet", &self.crowd(QUIET * capacity).await?, long);
        note(quiet.clone());
        let running = jobs.start(self.house)?;
        let before = self.house.server()?.counter("saring_elements_total");
        let crowd = self.crowd(QUIET * capacity).await?;
        let after = self.house.server()?.counter("saring_elements_total");
        drop(running);
        let busy = Phase::of("busy", &crowd, long);
        let ratio = busy.p99_ms / quiet.p99_ms.max(0.1);
        bars.push(Bar::at_most("kept_latency", ratio, KEPT));
        let evaluated = after
            .zip(before)
            .map_or(0, |(after, before)| after - before);
        let bulk = evaluated.saturating_sub(busy.answered as u64) as f64 / long.as_secs_f64();
        note(busy);
        let mut shed_within = 0.0_f64;
        for (times, names) in [(3.0, OVERLOAD_3), (10.0, OVERLOAD_10)] {
            let over = Phase::of(names.over, &self.crowd(times * capacity).await?, long);
            let goodput = over.answered_per_second / capacity;
            bars.push(Bar::at_least(names.goodput, goodput, 0.9));
            shed_within = shed_within.max(over.shed_p99_ms);
            note(over);
            let crowd = self.crowd(QUIET * capacity).await?;
            let after = recovered_after(&crowd, quiet.median_ms, KEPT);
            bars.push(Bar::at_most(names.recovered, after, 5.0));
            note(Phase::of(names.after, &crowd, long));
        }
        bars.push(Bar::at_most("shed_within", shed_within, 10.0));
        bars.extend(Bar::of_all(&phases));
        Ok(OfficersReport {
            capacity_per_second: capacity,
            cores_apart,
            bulk_per_second: bulk,
            held: bars.iter().all(|bar| bar.held),
            phases,
            bars,
        })
    }

    /// Officers at a rate, for the length of a phase.
    async fn crowd(&self, rate: f64) -> Result<Vec<Visit>, RehearsalError> {
        let long = Duration::from_secs(self.options.seconds);
        let crowd = Crowd::coming(&self.desks, &self.people, rate, long)?;
        hold(crowd.len() > 0, "somebody comes")?;
        crowd.visit(&self.desks).await
    }
}

/// What the parts of an overload are called.
#[derive(Clone, Copy)]
struct Names {
    over: &'static str,
    after: &'static str,
    goodput: &'static str,
    recovered: &'static str,
}

const OVERLOAD_3: Names = Names {
    over: "overload-3x",
    after: "after-3x",
    goodput: "goodput_3x",
    recovered: "recovered_3x",
};

const OVERLOAD_10: Names = Names {
    over: "overload-10x",
    after: "after-10x",
    goodput: "goodput_10x",
    recovered: "recovered_10x",
};
