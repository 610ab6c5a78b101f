//! The operator's acts: lists, organisations, grants, the custodian's roll, the clock. Each is an
//! order signed from the operator's home.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::agent::hash_key_digest;
use crate::keys::{KeyKind, KeyName, Secret32, format_line};
use crate::protocol::codes::{AmountBand, Collectibility, Reason, Role};
use crate::protocol::organisation::{
    Admit, CreateList, Done, Grant, LegalRecord, Organisation, Standing,
};
use crate::protocol::policy::ListPolicy;
use crate::protocol::{Date, Epoch, ListId, ListKind, OrgId, PublicKey};
use crate::texts::cli::said;

use super::custody;
use super::exit::Exit;
use super::failure::Failure;
use super::work::{HttpAgent, Work};

/// Lists.
#[derive(Args)]
pub(super) struct ListGroup {
    #[command(subcommand)]
    act: ListAct,
}

#[derive(Subcommand)]
enum ListAct {
    /// Create a list
    Create(Box<CreateArgs>),
    /// Show the lists on which this organisation has a grant
    Show,
}

/// A new list.
#[derive(Args)]
pub(super) struct CreateArgs {
    /// The list's id: 3 to 48 characters of a-z, 0-9 and -
    list: ListId,
    /// oprf/nik, oprf/keyed, hash/hmac-sha256 or hash/blake3
    #[arg(long, default_value = "oprf/nik", value_parser = kind)]
    kind: ListKind,
    /// The file of the members' key of a keyed list; made if it is not there
    #[arg(long, value_name = "FILE")]
    hash_key_file: Option<PathBuf>,
    /// A reason that may be given; again for each (default: all debts and KORBAN)
    #[arg(long = "reason", value_parser = reason, value_name = "CODE")]
    reasons: Vec<Reason>,
    /// The least collectibility of a debt, 1 to 5
    #[arg(long, value_parser = collectibility, value_name = "GRADE")]
    least_collectibility: Option<Collectibility>,
    /// Grade 2 is not in use, as in cooperatives' four grades
    #[arg(long)]
    four_grades: bool,
    /// The least credit limit: <5, 5-25, 25-100 or >100 (million rupiah)
    #[arg(long, value_parser = band, value_name = "BAND")]
    least_plafond: Option<AmountBand>,
    /// Days that a listing counts as listed when it names no end
    #[arg(long, value_name = "DAYS")]
    listed_days: Option<u16>,
    /// Days that a paid or expired listing counts as PREVIOUSLY
    #[arg(long, value_name = "DAYS")]
    look_back_days: Option<u16>,
    /// Days of an epoch
    #[arg(long, default_value_t = 60, value_name = "DAYS")]
    epoch_days: u16,
    /// The custodian's hard cap: elements a UTC day, above all quotas
    #[arg(long, default_value_t = 1_000_000, value_name = "N")]
    daily_cap: u64,
}

fn kind(text: &str) -> Result<ListKind, String> {
    let names = ListKind::ALL.map(ListKind::as_str);
    ListKind::parse(text).ok_or_else(|| names.join(", "))
}

macro_rules! code_parser {
    ($name:ident, $type:ty) => {
        pub(super) fn $name(text: &str) -> Result<$type, String> {
            let names: Vec<_> = <$type>::ALL.iter().map(|code| code.as_str()).collect();
            <$type>::parse(text).ok_or_else(|| names.join(", "))
        }
    };
}
code_parser!(reason, Reason);
code_parser!(collectibility, Collectibility);
code_parser!(band, AmountBand);
code_parser!(role, Role);

/// `list create` and `list show`.
pub(super) fn list(work: &Work, group: ListGroup) -> Result<Exit, Failure> {
    let agent = work.agent()?;
    match group.act {
        ListAct::Create(given) => work.run(create(work, &agent, *given)),
        ListAct::Show => work.run(show(work, &agent)),
    }
}

async fn create(work: &Work, agent: &HttpAgent, given: CreateArgs) -> Result<Exit, Failure> {
    let key = hash_key(&given)?;
    let default = ListPolicy::default();
    let or = |given: Vec<Reason>| {
        if given.is_empty() {
            default.reasons
        } else {
            given
        }
    };
    let wanted = CreateList {
        list: given.list.clone(),
        kind: given.kind,
        hash_key: key.as_ref().map(|key| hash_key_digest(key.expose())),
        policy: ListPolicy {
            reasons: or(given.reasons),
            least_collectibility: given
                .least_collectibility
                .unwrap_or(default.least_collectibility),
            four_grades: given.four_grades,
            least_plafond_band: given.least_plafond.unwrap_or(default.least_plafond_band),
            listed_days: given.listed_days.unwrap_or(default.listed_days),
            look_back_days: given.look_back_days.unwrap_or(default.look_back_days),
        },
        epoch_days: given.epoch_days,
        daily_cap: given.daily_cap,
    };
    wanted.policy.check().map_err(Failure::input)?;
    let made = agent.create_list(&wanted, &work.officer()?).await?;
    if let Some(key) = &key {
        agent.home().keep_hash_key(&made.list, made.epoch, key)?;
        work.output.remark(said::REVERSIBLE.say(work.output.lang));
    }
    let values: [(&str, &dyn std::fmt::Display); 2] =
        [("list", &made.list), ("epoch", &made.epoch)];
    work.output.either(&made, said::LIST_CREATED, &values)?;
    Ok(Exit::Ok)
}

/// The members' key of a keyed list: the file's, or a new one that is written there.
fn hash_key(given: &CreateArgs) -> Result<Option<Secret32>, Failure> {
    match (&given.hash_key_file, given.kind) {
        (None, ListKind::OprfNik) => Ok(None),
        (Some(_), ListKind::OprfNik) => Err(Failure::input("--hash-key-file: oprf/nik")),
        (None, _) => Err(Failure::input("--hash-key-file")),
        (Some(file), _) if file.exists() => Ok(Some(custody::read_hash_key(file)?.1)),
        (Some(file), _) => {
            let mut bytes = zeroize::Zeroizing::new([0; 32]);
            getrandom::fill(bytes.as_mut())
                .map_err(|_| Failure::new(Exit::General, "no_randomness"))?;
            let key = Secret32::from_bytes(&bytes);
            let name = KeyName::of_list(KeyKind::Hash, given.list.clone(), Epoch(1).0)
                .ok_or_else(|| Failure::new(Exit::General, "internal"))?;
            custody::write_private(file, format_line(&name, &key).as_bytes())?;
            Ok(Some(key))
        }
    }
}

async fn show(work: &Work, agent: &HttpAgent) -> Result<Exit, Failure> {
    for info in agent.lists().await? {
        let trust = agent.trust(&info.list).await.unwrap_or_default();
        let values: [(&str, &dyn std::fmt::Display); 5] = [
            ("list", &info.list),
            ("kind", &info.kind.as_str()),
            ("epoch", &info.epoch),
            ("entries", &info.about_entries),
            ("trust", &trust),
        ];
        work.output.either(&info, said::LIST_LINE, &values)?;
    }
    Ok(Exit::Ok)
}

/// Organisations.
#[derive(Args)]
pub(super) struct OrgGroup {
    #[command(subcommand)]
    act: OrgAct,
}

#[derive(Subcommand)]
enum OrgAct {
    /// Invite an organisation: prints the invitation, once
    Invite(Box<InviteArgs>),
    /// Suspend an organisation: it may only remove its own listings
    Suspend(OrgName),
    /// Let a suspended organisation act again
    Reinstate(OrgName),
    /// Show every organisation
    Show,
}

#[derive(Args)]
struct OrgName {
    /// The organisation's id
    organisation: OrgId,
}

/// A new member with what the law wants on record of it.
#[derive(Args)]
struct InviteArgs {
    /// The new member's id: 3 to 48 characters of a-z, 0-9 and -
    organisation: OrgId,
    /// Its name as registered
    #[arg(long, default_value = "")]
    name: String,
    /// Number of its deed as a legal entity (badan hukum)
    #[arg(long, default_value = "")]
    badan_hukum: String,
    /// Its business number (NIB)
    #[arg(long, default_value = "")]
    nib: String,
    /// Its registration as an electronic system operator (PSE)
    #[arg(long, default_value = "")]
    pse_number: String,
    /// Its ISO 27001 certificate
    #[arg(long, default_value = "")]
    iso27001_certificate: String,
    /// The day that certificate ends, YYYY-MM-DD
    #[arg(long, value_parser = day, value_name = "DAY")]
    iso27001_expires: Option<Date>,
    /// Its registration with idxcoop
    #[arg(long, default_value = "")]
    idxcoop: String,
    /// First day of the contract, YYYY-MM-DD
    #[arg(long, value_parser = day, value_name = "DAY")]
    contract_from: Option<Date>,
    /// Last day of the contract, YYYY-MM-DD
    #[arg(long, value_parser = day, value_name = "DAY")]
    contract_until: Option<Date>,
}

fn day(text: &str) -> Result<Date, String> {
    let parsed: Result<jiff::civil::Date, _> = text.parse();
    parsed.map(Date::of).map_err(|_| "YYYY-MM-DD".to_owned())
}

#[derive(Serialize)]
struct Invited<'a> {
    organisation: &'a OrgId,
    invitation: &'a str,
}

/// `org invite`, `org suspend`, `org reinstate` and `org show`.
pub(super) fn org(work: &Work, group: OrgGroup) -> Result<Exit, Failure> {
    let agent = work.agent()?;
    work.run(async {
        match group.act {
            OrgAct::Invite(given) => invite(work, &agent, *given).await,
            OrgAct::Suspend(given) => {
                standing(work, &agent, given.organisation, Standing::Suspended).await
            }
            OrgAct::Reinstate(given) => {
                standing(work, &agent, given.organisation, Standing::Active).await
            }
            OrgAct::Show => organisations(work, &agent).await,
        }
    })
}

async fn invite(work: &Work, agent: &HttpAgent, given: InviteArgs) -> Result<Exit, Failure> {
    let legal = LegalRecord {
        name: given.name,
        badan_hukum: given.badan_hukum,
        nib: given.nib,
        pse_number: given.pse_number,
        iso27001_certificate: given.iso27001_certificate,
        iso27001_expires: given.iso27001_expires,
        idxcoop: given.idxcoop,
        contract_from: given.contract_from,
        contract_until: given.contract_until,
    };
    let own = agent.home().profile().url.clone();
    let url = work.globals.url.clone().unwrap_or(own);
    let officer = work.officer()?;
    let invitation = agent
        .invite(given.organisation, legal, url, &officer)
        .await?;
    let line = invitation.to_line();
    if work.output.json {
        work.output.object(&Invited {
            organisation: &invitation.organisation,
            invitation: &line,
        })?;
    } else {
        work.output.remark(said::INVITED.fill(
            work.output.lang,
            &[("organisation", &invitation.organisation)],
        ));
        work.output.line(line.as_str())?;
    }
    Ok(Exit::Ok)
}

async fn standing(
    work: &Work,
    agent: &HttpAgent,
    organisation: OrgId,
    standing: Standing,
) -> Result<Exit, Failure> {
    let done = agent
        .set_standing(organisation, standing, &work.officer()?)
        .await?;
    acknowledged(work, &done)
}

async fn organisations(work: &Work, agent: &HttpAgent) -> Result<Exit, Failure> {
    for organisation in agent.organisations().await? {
        let Organisation {
            legal, standing, ..
        } = &organisation;
        let standing = serde_json::to_value(standing).map_err(std::io::Error::other)?;
        let standing = standing.as_str().unwrap_or_default().to_owned();
        let values: [(&str, &dyn std::fmt::Display); 3] = [
            ("organisation", &organisation.organisation),
            ("name", &legal.name),
            ("standing", &standing),
        ];
        work.output
            .either(&organisation, said::ORGANISATION_LINE, &values)?;
    }
    Ok(Exit::Ok)
}

/// Roles and quota of an organisation on a list.
#[derive(Args)]
pub(super) struct GrantArgs {
    /// The organisation's id
    organisation: OrgId,
    /// The list
    #[arg(long)]
    list: ListId,
    /// contribute, check, screen or administer; again for each; none: the grant is revoked
    #[arg(long = "role", value_parser = role, value_name = "ROLE")]
    roles: Vec<Role>,
    /// Elements it may have evaluated in a UTC day
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    daily_quota: u64,
}

/// `grant`.
pub(super) fn grant(work: &Work, given: GrantArgs) -> Result<Exit, Failure> {
    let agent = work.agent()?;
    let grant = Grant {
        organisation: given.organisation,
        list: given.list,
        roles: given.roles,
        daily_quota: given.daily_quota,
    };
    let officer = work.officer()?;
    let done = work.run(async { Ok(agent.grant(&grant, &officer).await?) })?;
    acknowledged(work, &done)
}

/// The custodian's roll.
#[derive(Args)]
pub(super) struct CustodianGroup {
    #[command(subcommand)]
    act: CustodianAct,
}

#[derive(Subcommand)]
enum CustodianAct {
    /// Enter an organisation in the custodian's own roll; a quota of 0 strikes it
    Admit(AdmitArgs),
}

#[derive(Args)]
struct AdmitArgs {
    /// The organisation's id
    organisation: OrgId,
    /// The list
    #[arg(long)]
    list: ListId,
    /// Elements it may have evaluated in a UTC day; 0 strikes it from the roll
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    daily_quota: u64,
    /// Its public key as you have checked it; without it, the key that the registry shows is taken
    #[arg(long, value_name = "HEX")]
    key: Option<PublicKey>,
    /// The custodian's number, from 1
    #[arg(long, default_value_t = 1, value_name = "N")]
    custodian: usize,
}

/// `custodian admit`.
pub(super) fn custodian(work: &Work, group: CustodianGroup) -> Result<Exit, Failure> {
    let CustodianAct::Admit(given) = group.act;
    let agent = work.agent()?;
    let custodians = &agent.home().profile().trust.custodians;
    let audience = given
        .custodian
        .checked_sub(1)
        .and_then(|place| custodians.get(place));
    let audience = audience
        .ok_or_else(|| Failure::input("--custodian"))?
        .fingerprint();
    let done = work.run(async {
        let key = match given.key {
            Some(key) => key,
            None => shown_key(work, &agent, &given.organisation).await?,
        };
        let admit = Admit {
            organisation: given.organisation,
            key,
            list: given.list,
            daily_quota: given.daily_quota,
        };
        Ok(agent
            .admit_to_roll(audience, &admit, &work.officer()?)
            .await?)
    })?;
    acknowledged(work, &done)
}

/// The key that the registry shows for an organisation: nobody has checked it.
async fn shown_key(
    work: &Work,
    agent: &HttpAgent,
    organisation: &OrgId,
) -> Result<PublicKey, Failure> {
    let all = agent.organisations().await?;
    let found = all
        .into_iter()
        .find(|known| known.organisation == *organisation);
    let key = found.and_then(|known| known.key);
    let key = key.ok_or_else(|| Failure::input(organisation))?;
    let fingerprint = key.fingerprint();
    let remark = said::KEY_OF_REGISTRY.fill(work.output.lang, &[("fingerprint", &fingerprint)]);
    work.output.remark(remark);
    Ok(key)
}

/// The server's clock.
#[derive(Args)]
pub(super) struct ClockGroup {
    #[command(subcommand)]
    act: ClockAct,
}

#[derive(Subcommand)]
enum ClockAct {
    /// Confirm the present time after the server's clock leapt
    Accept,
}

/// `clock accept`.
pub(super) fn clock(work: &Work, group: &ClockGroup) -> Result<Exit, Failure> {
    let ClockAct::Accept = group.act;
    let agent = work.agent()?;
    let officer = work.officer()?;
    let done = work.run(async { Ok(agent.accept_clock(&officer).await?) })?;
    acknowledged(work, &done)
}

fn acknowledged(work: &Work, done: &Done) -> Result<Exit, Failure> {
    work.output
        .either(done, said::DONE, &[("order", &done.order)])?;
    Ok(Exit::Ok)
}
