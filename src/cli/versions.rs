//! `version`: a programme's list that is handed in as a whole, staged aside, compared, switched in.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::agent::StageOptions;
use crate::protocol::codes::Reason;
use crate::protocol::version::{
    Handover, SwitchVersion, Validity, Version, VersionInfo, VersionState,
};
use crate::protocol::{Date, ListId};
use crate::texts::cli::said;

use super::administration::day;
use super::exit::Exit;
use super::failure::Failure;
use super::lists::reason;
use super::uploading::{Watcher, error_path, tell};
use super::work::{HttpAgent, Work};

/// Versions of a list.
#[derive(Args)]
pub(super) struct VersionGroup {
    #[command(subcommand)]
    act: VersionAct,
}

#[derive(Subcommand)]
enum VersionAct {
    /// Upload a file as a whole new version, which answers nobody yet
    Stage(Box<StageArgs>),
    /// Show the version that answers and the one that is staged
    Show(OnList),
    /// Count what switching the staged version in would change
    Diff(OneVersion),
    /// Make the staged version answer, at once and for everybody
    Switch(Box<SwitchArgs>),
    /// Discard the staged version
    Drop(OneVersion),
}

#[derive(Args)]
struct OnList {
    /// The list (default: the only one there is)
    #[arg(long)]
    list: Option<ListId>,
}

#[derive(Args)]
struct OneVersion {
    #[command(flatten)]
    on: OnList,
    /// The version's number (default: the one that is staged)
    #[arg(long, value_name = "N")]
    number: Option<Version>,
}

/// What is staged, and when it holds.
#[derive(Args)]
struct StageArgs {
    /// The file: CSV or XLSX with a column nik; kode_alasan, no_ref_internal, berlaku_dari and berlaku_sampai if it has them
    file: PathBuf,
    #[command(flatten)]
    on: OnList,
    /// The category of rows that name none: ASN, TNI, POLRI, PELAJAR, PENERIMA_BANSOS, DIREKSI_BUMN or NIK_TIDAK_VALID
    #[arg(long, value_parser = reason, value_name = "CODE")]
    category: Option<Reason>,
    /// The first day on which the version holds
    #[arg(long, value_parser = day, value_name = "YYYY-MM-DD")]
    berlaku_dari: Option<Date>,
    /// The last day on which the version holds
    #[arg(long, value_parser = day, value_name = "YYYY-MM-DD")]
    berlaku_sampai: Option<Date>,
    /// Where refused rows go (default: FILE with .kesalahan.csv at its end)
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Seconds to try again while the registry is away or busy
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    patience: u64,
}

/// The agency's handing over, without which nothing takes effect.
#[derive(Args)]
struct SwitchArgs {
    #[command(flatten)]
    which: OneVersion,
    /// Number of the record of handing over (berita acara serah terima)
    #[arg(long, value_name = "NUMBER")]
    handover_number: String,
    /// Day of the record of handing over
    #[arg(long, value_parser = day, value_name = "YYYY-MM-DD")]
    handover_date: Date,
    /// Who signed for the agency
    #[arg(long, value_name = "NAME")]
    handed_over_by: String,
    /// Who signed for the programme
    #[arg(long, value_name = "NAME")]
    received_by: String,
    /// A clause of use; again for each
    #[arg(long = "clause", required = true, value_name = "TEXT")]
    clauses: Vec<String>,
}

/// `version`.
pub(super) fn version(work: &Work, group: VersionGroup) -> Result<Exit, Failure> {
    let agent = work.agent()?;
    match group.act {
        VersionAct::Stage(given) => stage(work, &agent, &given),
        VersionAct::Show(given) => work.run(show(work, &agent, given)),
        VersionAct::Diff(given) => work.run(diff(work, &agent, given)),
        VersionAct::Switch(given) => work.run(switch(work, &agent, *given)),
        VersionAct::Drop(given) => work.run(discard(work, &agent, given)),
    }
}

fn stage(work: &Work, agent: &HttpAgent, given: &StageArgs) -> Result<Exit, Failure> {
    let errors = error_path(work, &given.file, given.errors.as_ref());
    let mut watcher = Watcher::new(work, &errors);
    let options = StageOptions {
        validity: Validity {
            berlaku_dari: given.berlaku_dari,
            berlaku_sampai: given.berlaku_sampai,
        },
        category: given.category,
        patience: Duration::from_secs(given.patience),
    };
    let staged = work.run(async {
        let list = work.list(agent, given.on.list.as_ref()).await?;
        let officer = work.officer()?;
        let staged = agent.stage(&list, &given.file, options, &officer, &mut watcher);
        Ok::<_, Failure>((list.clone(), staged.await?))
    });
    let errors = watcher.finish()?;
    let (list, staged) = staged?;
    let complete = match &staged.upload {
        Some(report) => tell(work, report, errors.as_deref())?,
        None => true,
    };
    let values: [(&str, &dyn std::fmt::Display); 2] =
        [("list", &list), ("version", &staged.version)];
    let object = serde_json::json!({ "list": list, "version": staged.version, "state": "closed" });
    work.output.either(&object, said::VERSION_STAGED, &values)?;
    Ok(if complete { Exit::Ok } else { Exit::Incomplete })
}

async fn show(work: &Work, agent: &HttpAgent, given: OnList) -> Result<Exit, Failure> {
    let list = work.list(agent, given.list.as_ref()).await?;
    for info in agent.versions(&list).await? {
        let state = match info.state {
            VersionState::Answering => said::VERSION_ANSWERS,
            VersionState::Staging => said::VERSION_IS_STAGING,
            VersionState::Closed => said::VERSION_IS_CLOSED,
        };
        let state = state.say(work.output.lang);
        let shown = |day: Option<Date>| {
            let day = day.and_then(Date::civil);
            day.map_or_else(|| "-".to_owned(), |day| day.to_string())
        };
        let (from, until) = (
            shown(info.validity.berlaku_dari),
            shown(info.validity.berlaku_sampai),
        );
        let values: [(&str, &dyn std::fmt::Display); 6] = [
            ("version", &info.version),
            ("state", &state),
            ("people", &info.people),
            ("listings", &info.listings),
            ("from", &from),
            ("until", &until),
        ];
        work.output.either(&info, said::VERSION_LINE, &values)?;
    }
    Ok(Exit::Ok)
}

async fn diff(work: &Work, agent: &HttpAgent, given: OneVersion) -> Result<Exit, Failure> {
    let (list, staged, _) = meant(work, agent, &given).await?;
    let diff = agent.version_diff(&list, staged).await?;
    let values: [(&str, &dyn std::fmt::Display); 6] = [
        ("answering", &diff.answering),
        ("staged", &diff.staged),
        ("added", &diff.counts.added),
        ("removed", &diff.counts.removed),
        ("unchanged", &diff.counts.unchanged),
        ("changed", &diff.counts.changed),
    ];
    work.output.either(&diff, said::VERSION_DIFF, &values)?;
    Ok(Exit::Ok)
}

async fn switch(work: &Work, agent: &HttpAgent, given: SwitchArgs) -> Result<Exit, Failure> {
    let (list, version, replaces) = meant(work, agent, &given.which).await?;
    let switch = SwitchVersion {
        version,
        replaces,
        handover: Handover {
            number: given.handover_number,
            date: given.handover_date,
            handed_over_by: given.handed_over_by,
            received_by: given.received_by,
            clauses: given.clauses,
        },
    };
    if !switch.handover.is_sound() {
        return Err(Failure::input("--handover-number, --clause"));
    }
    let officer = work.officer()?;
    let done = agent.switch_version(&list, &switch, &officer).await?;
    let values: [(&str, &dyn std::fmt::Display); 3] =
        [("list", &list), ("version", &version), ("old", &replaces)];
    let object =
        serde_json::json!({ "list": list, "version": version, "replaces": replaces, "done": done });
    work.output
        .either(&object, said::VERSION_SWITCHED, &values)?;
    Ok(Exit::Ok)
}

async fn discard(work: &Work, agent: &HttpAgent, given: OneVersion) -> Result<Exit, Failure> {
    let (list, version, _) = meant(work, agent, &given).await?;
    let officer = work.officer()?;
    let done = agent.drop_version(&list, version, &officer).await?;
    let values: [(&str, &dyn std::fmt::Display); 2] = [("list", &list), ("version", &version)];
    let object = serde_json::json!({ "list": list, "version": version, "done": done });
    work.output
        .either(&object, said::VERSION_DROPPED, &values)?;
    Ok(Exit::Ok)
}

/// The list, the staged version that is meant, and the one that answers.
async fn meant(
    work: &Work,
    agent: &HttpAgent,
    given: &OneVersion,
) -> Result<(ListId, Version, Version), Failure> {
    let list = work.list(agent, given.on.list.as_ref()).await?;
    let versions = agent.versions(&list).await?;
    let state = |info: &&VersionInfo| info.state == VersionState::Answering;
    let answering = versions.iter().find(state).map(|info| info.version);
    let staged = versions.iter().find(|info| !state(info));
    let version = given.number.or(staged.map(|info| info.version));
    match (version, answering) {
        (Some(version), Some(answering)) => Ok((list, version, answering)),
        _ => Err(Failure::new(Exit::Usage, "no_version").with(list)),
    }
}
