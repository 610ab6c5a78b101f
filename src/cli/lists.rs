//! Lists: the operator creates them, everybody sees those of its grants.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::agent::hash_key_digest;
use crate::keys::{KeyKind, KeyName, Secret32, format_line};
use crate::protocol::codes::{AmountBand, Collectibility, Reason};
use crate::protocol::organisation::CreateList;
use crate::protocol::policy::ListPolicy;
use crate::protocol::{Epoch, ListId, ListKind, OrgId};
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
    /// The organisation that alone contributes, and hands the list in as whole versions
    #[arg(long, value_name = "ORGANISATION")]
    owner: Option<OrgId>,
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
            owner: given.owner,
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
