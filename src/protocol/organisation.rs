//! Organisations: their legal record, standing, roles, quotas and invitations' commands.

use serde::{Deserialize, Serialize};

use super::codes::Role;
use super::ids::{Digest32, Epoch, Fingerprint, ListId, ListKind, OrgId};
use super::policy::ListPolicy;
use super::sign::PublicKey;
use super::time::{Date, Timestamp};

/// What the law and practice want on record of a member (PM Kominfo 5/2020). Texts are at most
/// [`MAX_LEGAL_FIELD_BYTES`](super::limits::MAX_LEGAL_FIELD_BYTES).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LegalRecord {
    /// The name as registered.
    pub name: String,
    /// Number of the legal entity's deed (badan hukum).
    pub badan_hukum: String,
    /// Business identification number (nomor induk berusaha).
    pub nib: String,
    /// Registration as an electronic system operator (PSE).
    pub pse_number: String,
    /// Number of the ISO 27001 certificate, if any.
    pub iso27001_certificate: String,
    /// The day the ISO 27001 certificate ends.
    pub iso27001_expires: Option<Date>,
    /// Registration with idxcoop, if any.
    pub idxcoop: String,
    /// First day of the contract.
    pub contract_from: Option<Date>,
    /// Last day of the contract; after it the organisation is refused.
    pub contract_until: Option<Date>,
}

/// Whether an organisation may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Invited; its key is not known yet.
    Invited,
    /// May act.
    Active,
    /// Refused everything but its own removals.
    Suspended,
}

/// A member of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Organisation {
    /// Its id.
    pub organisation: OrgId,
    /// Its legal record.
    pub legal: LegalRecord,
    /// Whether it may act.
    pub standing: Standing,
    /// Its key, once it joined.
    pub key: Option<PublicKey>,
    /// When it was invited.
    pub since: Timestamp,
}

/// What an organisation may do on a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Who.
    pub organisation: OrgId,
    /// On which list.
    pub list: ListId,
    /// May do what; empty: nothing (the grant is revoked).
    pub roles: Vec<Role>,
    /// Elements it may have evaluated in a UTC day.
    pub daily_quota: u64,
}

/// Where an organisation's daily quota on a list stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Quota {
    /// Elements evaluated this UTC day.
    pub used: u64,
    /// Elements allowed in a UTC day.
    pub allowed: u64,
    /// When the next UTC day begins.
    pub reset: Timestamp,
}

/// A quota with the list it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct QuotaOf {
    /// The list.
    pub list: ListId,
    /// Where it stands.
    pub quota: Quota,
}

/// The content of an order to create a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateList {
    /// The new list's id.
    pub list: ListId,
    /// Its kind.
    pub kind: ListKind,
    /// For keyed kinds: which hash key the members hold.
    pub hash_key: Option<Digest32>,
    /// Its rules.
    pub policy: ListPolicy,
    /// Length of an epoch in days, 1 to 366.
    pub epoch_days: u16,
    /// The custodian's hard cap: elements a UTC day on this list, above all quotas.
    pub daily_cap: u64,
}

/// The content of an order to invite an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// The new member's id.
    pub organisation: OrgId,
    /// Its legal record.
    pub legal: LegalRecord,
    /// The digest of the invitation's code ([`InvitationCode::digest`](super::trust::InvitationCode::digest)):
    /// the code itself never reaches the registry before the member joins.
    pub code: Digest32,
}

/// The content of an order to change an organisation's standing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetStanding {
    /// Who.
    pub organisation: OrgId,
    /// Active or suspended.
    pub standing: Standing,
}

/// The content of an order to join: signed by the new key, vouched for by the code.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// The invitation's code, 16 bytes as 32 hexadecimal digits.
    pub code: super::trust::InvitationCode,
    /// The organisation's new public key.
    pub key: PublicKey,
}

/// The content of an order to enter an organisation in a custodian's roll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Admit {
    /// Who.
    pub organisation: OrgId,
    /// Its key, as the person who admits it has checked it.
    pub key: PublicKey,
    /// On which list.
    pub list: ListId,
    /// Elements it may have evaluated in a UTC day; 0 strikes it from the roll.
    pub daily_quota: u64,
}

/// The content of an order to go on after the clock leapt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptClock {
    /// The time the operator confirms; must be within the order's window.
    pub now: Timestamp,
}

/// What anybody may learn about a registry before trusting it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RegistryInfo {
    /// The product's version.
    pub version: String,
    /// The registry's key.
    pub registry: PublicKey,
    /// The registry key's fingerprint: the audience of orders.
    pub fingerprint: Fingerprint,
    /// The custodians' keys, in order of their index.
    pub custodians: Vec<PublicKey>,
    /// How many custodians must take part, of how many, in words.
    pub trust: String,
    /// The server's time.
    pub time: Timestamp,
}

/// What a write that is neither a submission nor a removal answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Done {
    /// The digest of the order that was carried out.
    pub order: Digest32,
    /// The server's time.
    pub time: Timestamp,
}

/// Which epoch of a list an answer speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ListEpoch {
    /// The list.
    pub list: ListId,
    /// Its epoch.
    pub epoch: Epoch,
}
