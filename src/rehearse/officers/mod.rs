//! Many officers and several screening jobs at once: how long single checks take with and without the
//! jobs and thousands of slow connections, what a registry does with three and ten times what it can
//! do, and how soon it is itself again. Arrivals are open-loop. Where the machine has two cores or more, the registry has half of
//! them for itself, so that those who ask do not slow it down by asking; where it has memory to
//! spare, what members write lies there, so that the registry does not wait for their writes.
//! Processor time is counted, so that a busy machine is told from a slow registry: what cannot be
//! told then is not told.

mod arrivals;
mod burden;
mod cores;
mod jobs;
mod line;
mod officer;
mod places;
mod report;
mod slow;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;

pub use report::{Bar, Phase};

use super::RehearsalError;
use super::error::hold;
use super::house::House;
use super::people::People;
use super::program::text;
use crate::protocol::ListId;
use crate::protocol::trust::Invitation;
use crate::texts::Lang;
use arrivals::{Crowd, Unjudged, Visit, in_a_row};
use burden::Burden;
use cores::Cores;
use jobs::{Jobs, Running};
use officer::{Desk, Person};
use places::Places;
use report::recovered_after;
use slow::{Cut, Slow};

const LIST: &str = "daftar-gladi";
/// Elements anybody may have evaluated a day.
const ENOUGH: u64 = 1_000_000_000;
/// Organisations whose officers ask.
const DESKS: usize = 8;
/// Who asks again and again while capacity is measured: as many as a registry has places for.
const AT_ONCE: usize = 64;
/// Idle connections when a phase begins: members keep theirs.
const IDLE: usize = 2_000;
/// People on the list.
const LISTED: u64 = 20_000;
/// The share of capacity that officers ask for in quiet times.
const QUIET: f64 = 0.3;
/// How much longer checks may take beside bulk jobs, and still count as kept.
const KEPT: f64 = 2.0;
/// How long answers gather at capacity and beyond.
const GATHER: Duration = Duration::from_micros(500);
/// Below this nobody at a desk sees a difference, and the machine's own moods are larger; ms.
const UNSEEN: f64 = 5.0;
/// Checks whose number a second says how many to prepare.
const TASTE: usize = 3_000;
/// The share of the cores that something else may use before figures say nothing of the registry.
const DISTURBED: f64 = 0.1;
/// The share of its cores that a registry uses at its capacity, or else it is those who ask, or the
/// disk, that bound it.
const FULLY: f64 = 0.85;
/// Officers who ask later than this after they came have waited for themselves; ms.
const LATE: f64 = 5.0;

/// What to rehearse.
#[derive(Clone, Debug)]
pub struct OfficersOptions {
    /// This executable.
    pub executable: PathBuf,
    /// The length of each phase.
    pub long: Duration,
    /// Screening jobs at once.
    pub jobs: u32,
    /// Slow connections at once.
    pub slow: u32,
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
    /// Whether that is the registry's own bound: it used its cores fully, and those who asked did not
    /// use theirs.
    pub capacity_is_the_registrys: bool,
    /// Whether something else used the machine, or those who ask were too slow, in any phase.
    pub disturbed: bool,
    /// Whether registry and officers had cores of their own.
    pub cores_apart: bool,
    /// Whether what members write lies elsewhere than what the registry does.
    pub disks_apart: bool,
    /// Applicants a second that the jobs had evaluated beside the officers.
    pub bulk_per_second: f64,
    /// Slow connections at once: fewer than asked for where descriptors do not suffice.
    pub slow_at_once: usize,
    /// Slow connections that were cut, one after another.
    pub slow_cut: usize,
    /// The phases, in order.
    pub phases: Vec<Phase>,
    /// The promises.
    pub bars: Vec<Bar>,
    /// Whether all of them were kept; nothing where the machine was too busy to tell.
    pub held: Option<bool>,
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
    let places = Places::new(u64::from(options.jobs).saturating_mul(options.applicants))?;
    let played = play(options, &places, tell);
    if played.is_err() {
        let at = places.keep();
        return played.map_err(|fault| fault.at(&at));
    }
    places.close()?;
    played
}

fn play(
    options: &OfficersOptions,
    places: &Places,
    tell: &mut (dyn FnMut(&Phase) + Send),
) -> Result<OfficersReport, RehearsalError> {
    let cores = Cores::split()?;
    let mut house = House::new(&options.executable, places.registry(), options.lang)
        .with_members_at(places.members());
    // A process has the cores of the thread that starts it.
    cores.as_registry()?;
    house.set_up()?;
    cores.as_officers()?;
    fill(&house)?;
    let jobs = Jobs::join(&house, options.jobs, options.applicants)?;
    let crowded = Arc::new(AtomicBool::new(false));
    let runtime = officers(Arc::clone(&crowded))?;
    let mut stage = runtime.block_on(Stage::open(&house, options, cores))?;
    stage.crowded = crowded;
    let rehearsed = runtime.block_on(stage.rehearse(&jobs, tell));
    drop(runtime);
    house.take_server()?.stop()?;
    rehearsed.map(|report| OfficersReport {
        disks_apart: places.apart(),
        ..report
    })
}

/// The threads of those who ask. While it is `crowded` they let answers gather: on one machine
/// waking them costs the processor time of whoever answers, as it does not over a network.
fn officers(crowded: Arc<AtomicBool>) -> std::io::Result<tokio::runtime::Runtime> {
    let let_gather = move || {
        if crowded.load(Ordering::Relaxed) {
            std::thread::sleep(GATHER);
        }
    };
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .on_thread_park(let_gather)
        .build()
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
    cores: Cores,
    desks: Vec<Arc<Desk>>,
    people: Vec<Person>,
    /// Whether so many ask that those who ask let answers gather.
    crowded: Arc<AtomicBool>,
}

impl<'a> Stage<'a> {
    async fn open(
        house: &'a House,
        options: &'a OfficersOptions,
        cores: Cores,
    ) -> Result<Self, RehearsalError> {
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
        let people = People::sample(LISTED, 200, 800).into_iter();
        let mut people: Vec<_> = people
            .map(|(nik, is_listed)| Person::new(nik, is_listed))
            .collect();
        for (number, person) in people.iter_mut().enumerate() {
            desks[number % DESKS].find(person).await?;
        }
        Ok(Self {
            options,
            house,
            cores,
            desks,
            people,
            crowded: Arc::default(),
        })
    }

    async fn rehearse(
        &mut self,
        jobs: &Jobs,
        tell: &mut (dyn FnMut(&Phase) + Send),
    ) -> Result<OfficersReport, RehearsalError> {
        let mut told = Told {
            tell,
            phases: Vec::new(),
            bars: Vec::new(),
        };
        let full = self.crowd(self.at_capacity()).await?;
        let capacity = full.answered_per_second;
        let is_its_own = full.registry_busy >= FULLY && full.officers_busy < FULLY;
        told.note(full);
        hold(capacity > 0.0, "somebody is answered")?;
        let (quiet, _) = self.phase("quiet", QUIET * capacity, None).await?;
        told.note(quiet.clone());
        let evaluated = || {
            self.house
                .server()
                .map(|s| s.counter("saring_elements_total"))
        };
        let before = evaluated()?;
        let running = jobs.start(self.house)?;
        let (busy, _) = self.phase("busy", QUIET * capacity, Some(running)).await?;
        let bulk = evaluated()?
            .zip(before)
            .map_or(0, |(after, before)| after - before);
        hold(bulk > busy.came as u64, "the jobs have elements evaluated")?;
        let bulk = bulk.saturating_sub(busy.came as u64) as f64 / self.options.long.as_secs_f64();
        let ratio = busy.p99_ms / quiet.p99_ms.max(UNSEEN);
        let disturbed = is_disturbed(&quiet) || is_disturbed(&busy);
        told.bars
            .push(Bar::at_most("kept_latency", ratio, KEPT).unless(disturbed));
        told.note(busy);
        let slow = self.beside_slow(capacity, &quiet, &mut told).await?;
        for (times, names) in [(3.0, OVERLOAD_3), (10.0, OVERLOAD_10)] {
            self.overload(times, names, (capacity, quiet.median_ms), &mut told)
                .await?;
        }
        Ok(OfficersReport {
            capacity_is_the_registrys: is_its_own,
            cores_apart: self.cores.apart(),
            bulk_per_second: bulk,
            slow_at_once: slow.0,
            slow_cut: slow.1.cut,
            ..told.report(capacity)
        })
    }

    /// Quiet times once more, beside slow connections.
    async fn beside_slow(
        &self,
        capacity: f64,
        quiet: &Phase,
        told: &mut Told<'_>,
    ) -> Result<(usize, Cut), RehearsalError> {
        let count = slow::affordable(self.options.slow as usize);
        let address = self.house.url().trim_start_matches("http://").parse();
        let address = address.map_err(|_| RehearsalError::Answer)?;
        let slow = Slow::hold(address, LIST, count).await;
        let (beside, _) = self.phase("slow", QUIET * capacity, None).await?;
        let cut = slow.end().await;
        let ratio = beside.p99_ms / quiet.p99_ms.max(UNSEEN);
        let disturbed = is_disturbed(quiet) || is_disturbed(&beside);
        let kept = Bar::at_most("kept_beside_slow", ratio, KEPT);
        told.bars.push(kept.unless(disturbed));
        let within = Bar::at_most("slow_cut_within", cut.within, 10.0);
        told.bars.push(within.excused_if(disturbed));
        let never = (cut.never + cut.refused) as f64;
        told.bars.push(Bar::at_most("slow_not_cut", never, 0.0));
        told.note(beside);
        Ok((count, cut))
    }

    /// One overload, and what follows it.
    async fn overload(
        &self,
        times: f64,
        names: Names,
        (capacity, quiet_median_ms): (f64, f64),
        told: &mut Told<'_>,
    ) -> Result<(), RehearsalError> {
        let over = self.phase(names.over, times * capacity, None);
        let (over, _) = self.crowd(over).await?;
        let disturbed = is_disturbed(&over) || told.phases.first().is_some_and(is_disturbed);
        let goodput = over.answered_per_second / capacity;
        told.bars
            .push(Bar::at_least(names.goodput, goodput, 0.9).unless(disturbed));
        told.bars
            .push(Bar::at_most(names.shed, over.shed_p99_ms, 10.0).excused_if(disturbed));
        told.note(over);
        let (after, visits) = self.phase(names.after, QUIET * capacity, None).await?;
        let median = quiet_median_ms.max(UNSEEN);
        let recovered = recovered_after(&visits, median, KEPT);
        let disturbed = is_disturbed(&after);
        told.bars
            .push(Bar::at_most(names.recovered, recovered, 5.0).excused_if(disturbed));
        told.note(after);
        Ok(())
    }

    /// While `asking` lasts, answers gather.
    async fn crowd<T>(&self, asking: impl Future<Output = T>) -> T {
        self.crowded.store(true, Ordering::Relaxed);
        let asked = asking.await;
        self.crowded.store(false, Ordering::Relaxed);
        asked
    }

    /// Officers who ask again as soon as they are answered: what the registry answers at most.
    async fn at_capacity(&self) -> Result<Phase, RehearsalError> {
        let long = self.long();
        let row = |questions| in_a_row(&self.desks, &self.people, AT_ONCE, questions, long);
        let tasted = row(TASTE).await?;
        let last = tasted.iter().map(|visit| visit.ended_at()).max();
        let rate = tasted.len() as f64 / last.map_or(1.0, |last| last.as_secs_f64()).max(1e-3);
        let enough = (1.3 * rate * long.as_secs_f64()) as usize;
        let before = self.burden()?;
        let visits = row(enough).await?;
        let shares = self.burden()?.since(&before, &self.cores);
        let visits = self.judge(visits);
        let until = visits.iter().map(|visit| visit.ended_at).max();
        Ok(Phase::of(
            "capacity",
            &visits,
            until.unwrap_or(long),
            shares,
        ))
    }

    /// Officers at a rate, for the length of a phase, beside jobs or none.
    async fn phase(
        &self,
        name: &'static str,
        rate: f64,
        beside: Option<Running>,
    ) -> Result<(Phase, Vec<Visit>), RehearsalError> {
        let long = self.long();
        let crowd = Crowd::coming(&self.desks, &self.people, rate, long)?;
        hold(crowd.len() > 0, "somebody comes")?;
        for desk in &self.desks {
            desk.warm(IDLE / DESKS).await?;
        }
        let before = self.burden()?;
        let visits = crowd.visit(&self.desks).await?;
        // What the jobs used is known once they have ended, and is the officers'.
        drop(beside);
        let shares = self.burden()?.since(&before, &self.cores);
        let visits = self.judge(visits);
        Ok((Phase::of(name, &visits, long, shares), visits))
    }

    fn judge(&self, visits: Vec<Unjudged>) -> Vec<Visit> {
        let judged = visits.into_iter().map(|visit| visit.judge(&self.desks));
        judged.collect()
    }

    fn burden(&self) -> Result<Burden, RehearsalError> {
        Ok(Burden::now(self.house.server()?.process))
    }

    fn long(&self) -> Duration {
        self.options.long
    }
}

/// What was told so far.
struct Told<'a> {
    tell: &'a mut (dyn FnMut(&Phase) + Send),
    phases: Vec<Phase>,
    bars: Vec<Bar>,
}

impl Told<'_> {
    fn note(&mut self, phase: Phase) {
        (self.tell)(&phase);
        self.phases.push(phase);
    }

    fn report(mut self, capacity: f64) -> OfficersReport {
        let disturbed = self.phases.iter().any(is_disturbed);
        self.bars.extend(Bar::of_all(&self.phases, disturbed));
        OfficersReport {
            capacity_per_second: capacity,
            capacity_is_the_registrys: false,
            disturbed,
            cores_apart: false,
            disks_apart: false,
            bulk_per_second: 0.0,
            slow_at_once: 0,
            slow_cut: 0,
            held: Bar::all_held(&self.bars),
            phases: self.phases,
            bars: self.bars,
        }
    }
}

/// Whether something else used the machine, or those who ask were late by themselves.
fn is_disturbed(phase: &Phase) -> bool {
    phase.others_busy > DISTURBED || phase.late_p99_ms > LATE
}

/// What the parts of an overload are called.
#[derive(Clone, Copy)]
struct Names {
    over: &'static str,
    after: &'static str,
    goodput: &'static str,
    shed: &'static str,
    recovered: &'static str,
}

const OVERLOAD_3: Names = Names {
    over: "overload-3x",
    after: "after-3x",
    goodput: "goodput_3x",
    shed: "shed_within_3x",
    recovered: "recovered_3x",
};

const OVERLOAD_10: Names = Names {
    over: "overload-10x",
    after: "after-10x",
    goodput: "goodput_10x",
    shed: "shed_within_10x",
    recovered: "recovered_10x",
};
