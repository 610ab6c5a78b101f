//! What a key is for.

use std::fmt;

use crate::protocol::ListId;

/// Kinds of keys. Those of a list are told apart by list and epoch; the others exist once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// The registry's factor m of a list's key.
    Factor,
    /// A custodian's share of a list's key.
    Share,
    /// The scalar between two epochs' factors, named by the epoch it leads to, until rotation ends.
    Delta,
    /// The key of a keyed-hash list, held by the institution that made it.
    Hash,
    /// The registry's signing key.
    RegistrySigning,
    /// A custodian's signing key.
    CustodianSigning,
    /// An organisation's signing key.
    OrganisationSigning,
    /// The operator's signing key.
    OperatorSigning,
    /// The key that padding rows are made from.
    Padding,
    /// The key of an agent's encryption at rest.
    Store,
}

impl KeyKind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::Factor,
        Self::Share,
        Self::Delta,
        Self::Hash,
        Self::RegistrySigning,
        Self::CustodianSigning,
        Self::OrganisationSigning,
        Self::OperatorSigning,
        Self::Padding,
        Self::Store,
    ];

    /// The kind as written in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Factor => "factor",
            Self::Share => "share",
            Self::Delta => "delta",
            Self::Hash => "hash",
            Self::RegistrySigning => "registry-signing",
            Self::CustodianSigning => "custodian-signing",
            Self::OrganisationSigning => "organisation-signing",
            Self::OperatorSigning => "operator-signing",
            Self::Padding => "padding",
            Self::Store => "store",
        }
    }

    /// The kind written so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether each list and epoch has its own.
    pub fn is_per_list(self) -> bool {
        matches!(self, Self::Factor | Self::Share | Self::Delta | Self::Hash)
    }
}

/// A key's name: its kind and, where each list has its own, list and epoch.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName {
    kind: KeyKind,
    list: Option<ListId>,
    epoch: u32,
}

impl KeyName {
    /// A key of a list; `None` if the kind exists once.
    pub fn of_list(kind: KeyKind, list: ListId, epoch: u32) -> Option<Self> {
        kind.is_per_list().then_some(Self {
            kind,
            list: Some(list),
            epoch,
        })
    }

    /// A key that exists once; `None` if each list has its own.
    pub fn once(kind: KeyKind) -> Option<Self> {
        (!kind.is_per_list()).then_some(Self {
            kind,
            list: None,
            epoch: 0,
        })
    }

    /// The kind.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The list, where the kind has one.
    pub fn list(&self) -> Option<&ListId> {
        self.list.as_ref()
    }

    /// The epoch; 0 where the kind has none.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The file's name without an ending: `<kind>` or `<kind>.<list>.<epoch>`.
    pub(super) fn stem(&self) -> String {
        match &self.list {
            Some(list) => format!("{}.{list}.{}", self.kind.as_str(), self.epoch),
            None => self.kind.as_str().to_owned(),
        }
    }

    /// Reads what [`KeyName::stem`] wrote.
    pub(super) fn from_stem(stem: &str) -> Option<Self> {
        let mut parts = stem.split('.');
        let kind = KeyKind::parse(parts.next()?)?;
        let name = match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => Self::once(kind)?,
            (Some(list), Some(epoch), None) => {
                Self::of_list(kind, ListId::parse(list).ok()?, epoch.parse().ok()?)?
            }
            _ => return None,
        };
        (name.stem() == stem).then_some(name)
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.list {
            Some(list) => write!(
                f,
                "{} of {list} in epoch {}",
                self.kind.as_str(),
                self.epoch
            ),
            None => f.write_str(self.kind.as_str()),
        }
    }
}

impl fmt::Debug for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyName({self})")
    }
}
