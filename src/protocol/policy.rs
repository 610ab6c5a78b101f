//! What a list accepts and how long it keeps it.

use serde::{Deserialize, Serialize};

use super::codes::{AmountBand, Collectibility, Reason};
use super::ids::{Digest32, Epoch, ListId, ListKind, OrgId};
use super::limits::{DEFAULT_LOOK_BACK, MAX_LISTING_LIFE};
use super::listing::ListingContent;
use super::time::{DAY, Timestamp};

/// A list's own rules. Every bound is checked when the list is created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListPolicy {
    /// The reasons that may be given.
    pub reasons: Vec<Reason>,
    /// The least collectibility a debt needs; programme and `KORBAN` reasons need none.
    pub least_collectibility: Collectibility,
    /// Whether grade 2 is not in use, as in cooperatives' four grades.
    pub four_grades: bool,
    /// The least credit limit a debt needs.
    pub least_plafond_band: AmountBand,
    /// How long a listing counts as active when it names no end, in days from its listing.
    pub listed_days: u16,
    /// How long a paid or expired listing counts as `PREVIOUSLY`, in days.
    pub look_back_days: u16,
    /// For a programme's list: the organisation that alone contributes to it and hands it in as
    /// whole versions. None: every contributor keeps its own listings.
    #[serde(default)]
    pub owner: Option<OrgId>,
}

impl Default for ListPolicy {
    /// A borrowers' list: grades 3 to 5, any amount, three years listed, 24 months look-back.
    fn default() -> Self {
        let debts = Reason::ALL
            .iter()
            .copied()
            .filter(|reason| !reason.is_programme());
        Self {
            reasons: debts.collect(),
            least_collectibility: Collectibility::KurangLancar,
            four_grades: false,
            least_plafond_band: AmountBand::Below5,
            listed_days: 3 * 365,
            look_back_days: (DEFAULT_LOOK_BACK / DAY) as u16,
            owner: None,
        }
    }
}

/// Why a list's rules, or a listing under them, are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// A list needs at least one reason, each once.
    #[error("the list's reasons are empty or repeat")]
    Reasons,
    /// Active time and look-back together pass eight years, or the active time is zero.
    #[error("a listing would live longer than eight years, or not at all")]
    Life,
    /// The list does not take this reason.
    #[error("the list does not take this reason")]
    Reason,
    /// A debt needs a collectibility; a programme reason has none.
    #[error("the reason and the collectibility do not fit")]
    Collectibility,
    /// Below the list's least collectibility.
    #[error("below the list's least collectibility")]
    BelowGrade,
    /// A debt needs an amount band; a programme reason has none.
    #[error("the reason and the amount band do not fit")]
    Plafond,
    /// Below the list's least amount.
    #[error("below the list's least amount")]
    BelowAmount,
    /// The day of default lies in the future or more than eight years back.
    #[error("the day of default is in the future or too long ago")]
    DefaultedOn,
    /// The listing would end before it begins or outlive eight years.
    #[error("the listing's end is past or too far away")]
    ExpiresOn,
}

impl ListPolicy {
    /// Checks the rules themselves.
    ///
    /// # Errors
    /// [`PolicyFault::Reasons`], [`PolicyFault::Life`].
    pub fn check(&self) -> Result<(), PolicyFault> {
        let mut reasons = self.reasons.clone();
        reasons.sort_unstable();
        reasons.dedup();
        if reasons.is_empty() || reasons.len() != self.reasons.len() {
            return Err(PolicyFault::Reasons);
        }
        let life = (i64::from(self.listed_days) + i64::from(self.look_back_days)) * DAY;
        if self.listed_days == 0 || life > MAX_LISTING_LIFE {
            return Err(PolicyFault::Life);
        }
        Ok(())
    }

    /// Checks one listing against the rules at the time of its listing.
    ///
    /// # Errors
    /// The [`PolicyFault`] of the first rule that does not hold.
    pub fn admit(&self, content: &ListingContent, now: Timestamp) -> Result<(), PolicyFault> {
        if !self.reasons.contains(&content.reason) {
            return Err(PolicyFault::Reason);
        }
        if content.defaulted_on > now.plus(DAY).date()
            || now.since(content.defaulted_on.start()) > MAX_LISTING_LIFE
        {
            return Err(PolicyFault::DefaultedOn);
        }
        let (listed_until, gone_after) = self.life(content, now);
        if listed_until <= now || gone_after.since(now) > MAX_LISTING_LIFE {
            return Err(PolicyFault::ExpiresOn);
        }
        match content.reason {
            Reason::Korban => Ok(()),
            reason if reason.is_programme() => Self::admit_programme(content),
            _ => self.admit_debt(content),
        }
    }

    fn admit_programme(content: &ListingContent) -> Result<(), PolicyFault> {
        if content.collectibility.is_some() {
            return Err(PolicyFault::Collectibility);
        }
        if content.plafond_band.is_some() {
            return Err(PolicyFault::Plafond);
        }
        Ok(())
    }

    fn admit_debt(&self, content: &ListingContent) -> Result<(), PolicyFault> {
        let grade = content.collectibility.ok_or(PolicyFault::Collectibility)?;
        let band = content.plafond_band.ok_or(PolicyFault::Plafond)?;
        if self.four_grades && grade == Collectibility::DalamPerhatianKhusus {
            return Err(PolicyFault::Collectibility);
        }
        if grade < self.least_collectibility {
            return Err(PolicyFault::BelowGrade);
        }
        if band < self.least_plafond_band {
            return Err(PolicyFault::BelowAmount);
        }
        Ok(())
    }

    /// Until when a listing made at `now` counts as listed, and from when it is gone.
    #[must_use]
    pub fn life(&self, content: &ListingContent, now: Timestamp) -> (Timestamp, Timestamp) {
        let listed_until = match content.expires_on {
            Some(day) => day.start(),
            None => now.plus(i64::from(self.listed_days) * DAY),
        };
        (listed_until, self.look_back_from(listed_until))
    }

    /// From when a listing that was paid or expired at `end` is gone.
    #[must_use]
    pub const fn look_back_from(&self, end: Timestamp) -> Timestamp {
        end.plus(self.look_back_days as i64 * DAY)
    }
}

/// A list as everybody with a grant on it may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ListInfo {
    /// Its id.
    pub list: ListId,
    /// Its kind.
    pub kind: ListKind,
    /// Which hash key its members hold, for keyed lists: the BLAKE3 digest of the key.
    pub hash_key: Option<Digest32>,
    /// Its rules.
    pub policy: ListPolicy,
    /// The epoch in force.
    pub epoch: Epoch,
    /// How many people it holds, rounded down to two digits: exact counts tell who was just added.
    pub about_entries: u64,
}

#[cfg(test)]
mod tests {
    use super::super::time::Date;
    use super::*;

    fn debt() -> ListingContent {
        ListingContent {
            reason: Reason::MacetPokok,
            collectibility: Some(Collectibility::Macet),
            plafond_band: Some(AmountBand::From5To25),
            defaulted_on: Date(19_000),
            expires_on: None,
            evidence: None,
        }
    }

    #[test]
    fn each_rule_has_its_own_refusal() {
        let policy = ListPolicy {
            least_plafond_band: AmountBand::From5To25,
            ..ListPolicy::default()
        };
        let now = Date(19_100).start();
        assert_eq!(policy.check(), Ok(()));
        assert_eq!(policy.admit(&debt(), now), Ok(()));
        let cases = [
            (
                ListingContent {
                    reason: Reason::Asn,
                    ..debt()
                },
                PolicyFault::Reason,
            ),
            (
                ListingContent {
                    collectibility: None,
                    ..debt()
                },
                PolicyFault::Collectibility,
            ),
            (
                ListingContent {
                    collectibility: Some(Collectibility::Lancar),
                    ..debt()
                },
                PolicyFault::BelowGrade,
            ),
            (
                ListingContent {
                    plafond_band: None,
                    ..debt()
                },
                PolicyFault::Plafond,
            ),
            (
                ListingContent {
                    plafond_band: Some(AmountBand::Below5),
                    ..debt()
                },
                PolicyFault::BelowAmount,
            ),
            (
                ListingContent {
                    defaulted_on: Date(19_102),
                    ..debt()
                },
                PolicyFault::DefaultedOn,
            ),
            (
                ListingContent {
                    defaulted_on: Date(10_000),
                    ..debt()
                },
                PolicyFault::DefaultedOn,
            ),
            (
                ListingContent {
                    expires_on: Some(Date(19_100)),
                    ..debt()
                },
                PolicyFault::ExpiresOn,
            ),
            (
                ListingContent {
                    expires_on: Some(Date(25_000)),
                    ..debt()
                },
                PolicyFault::ExpiresOn,
            ),
        ];
        for (content, fault) in cases {
            assert_eq!(policy.admit(&content, now), Err(fault), "{content:?}");
        }
        let victim = ListingContent {
            reason: Reason::Korban,
            collectibility: None,
            plafond_band: None,
            ..debt()
        };
        assert_eq!(policy.admit(&victim, now), Ok(()));
    }

    #[test]
    fn eight_years_is_the_most() {
        let long = ListPolicy {
            listed_days: 8 * 365,
            ..ListPolicy::default()
        };
        assert_eq!(long.check(), Err(PolicyFault::Life));
        let none = ListPolicy {
            reasons: vec![],
            ..ListPolicy::default()
        };
        assert_eq!(none.check(), Err(PolicyFault::Reasons));
    }
}
