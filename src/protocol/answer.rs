//! Answers: five that are never folded together. A fault never becomes a verdict.

use std::fmt;

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
    /// Every class, the one that beats the others first.
    pub const ALL: [Self; 3] = [Self::Listed, Self::Previously, Self::NotListed];

    /// The number that sealed and signed bytes carry: 1 to 3.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The class of a number in sealed or signed bytes.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.number() == number)
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
    /// Every answer.
    pub const ALL: [Self; 5] = [
        Self::Listed,
        Self::Previously,
        Self::NotListed,
        Self::InvalidId,
        Self::Unavailable,
    ];

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

    /// The answer of a text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.as_str() == text)
    }

    /// The class, absent where nothing was learnt about a person.
    #[must_use]
    pub const fn class(self) -> Option<AnswerClass> {
        match self {
            Self::Listed => Some(AnswerClass::Listed),
            Self::Previously => Some(AnswerClass::Previously),
            Self::NotListed => Some(AnswerClass::NotListed),
            Self::InvalidId | Self::Unavailable => None,
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

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listed_beats_previously_beats_not_listed() {
        use AnswerClass::{Listed, NotListed, Previously};
        assert_eq!([Previously, Listed, NotListed].iter().min(), Some(&Listed));
        assert_eq!([NotListed, Previously].iter().min(), Some(&Previously));
        for class in AnswerClass::ALL {
            assert_eq!(AnswerClass::from_number(class.number()), Some(class));
            assert_eq!(Answer::from(class).class(), Some(class));
        }
        assert_eq!(AnswerClass::from_number(0), None);
    }

    #[test]
    fn names_are_the_same_in_json_and_in_text() {
        for answer in Answer::ALL {
            let json = serde_json::to_string(&answer).expect("serialises");
            assert_eq!(json, format!("\"{answer}\""));
            assert_eq!(Answer::parse(answer.as_str()), Some(answer));
        }
        assert_eq!(Answer::parse("listed"), None);
    }
}
