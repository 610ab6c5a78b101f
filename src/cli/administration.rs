//! The operator's acts: organisations, grants, the custodian's roll, the clock. Each is an
//! order signed from the operator's home.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::protocol::codes::Role;
use crate::protocol::organisation::{Admit, Done, Grant, LegalRecord, Organisation, Standing};
use crate::protocol::{Date, ListId, OrgId, PublicKey};
use crate::texts::cli::said;

use super::exit::Exit;
use super::failure::Failure;
use super::work::{HttpAgent, Work};

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

pub(super) fn day(text: &str) -> Result<Date, String> {
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

fn role(text: &str) -> Result<Role, String> {
    let names: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
    Role::parse(text).ok_or_else(|| names.join(", "))
}

/// Roles and quota of an organisation on a list.
#[derive(Args)]
pub(super) struct GrantArgs {
    /// The organisation's id
    organisation: OrgId,
    /// The list
    #[arg(long)]
    list: ListId,
    /// contribute, check, screen, watch or administer; again for each; none: the grant is revoked
    #[arg(long = "role", value_delimiter = ',', value_parser = role, value_name = "ROLE")]
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
