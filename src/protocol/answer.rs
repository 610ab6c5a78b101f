//! Answers: five that are never folded together. A fault never becomes a verdict.

use serde::{Deserialize, Serialize};

/// What is known of a person on a list. Of several, the least by this order counts: listed beats
/// previously beats not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[repr(u8)]
pub enum AnswerClass {
    /// At least one listing is active.
    Listed = 1,
    /// None is active; at least one was paid or expired, and its look-back has not ended.
    Previously = 2,
    /// None counts.
    NotListed = 3,
}

impl AnswerClass {
    /// The class of a number in sealed or signed bytes.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::Listed, Self::Previously, Self::NotListed]
            .into_iter()
            .find(|c| *c as u8 == number)
    }
}

/// What a question is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Answer {
    /// Listed: to be looked at by a person, never an automatic refusal (UU PDP 27/2022 art. 10).
    Listed,
    /// Was listed; paid or expired.
    Previously,
    /// Not listed.
    NotListed,
    /// The NIK is not valid; nobody was asked.
    InvalidId,
    /// Not known: something did not answer, or did not verify.
    Unavailable,
}

impl Answer {
    /// The text that JSON, files and receipts carry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listed => "LISTED",
            Self::Previously => "PREVIOUSLY",
            Self::NotListed => "NOT_LISTED",
            Self::InvalidId => "INVALID_ID",
            Self::Unavailable => "UNAVAILABLE",
        }
    }
}

impl From<AnswerClass> for Answer {
    fn from(class: AnswerClass) -> Self {
        match class {
            AnswerClass::Listed => Self::Listed,
            AnswerClass::Previously => Self::Previously,
            AnswerClass::NotListed => Self::NotListed,
        }
    }
}
