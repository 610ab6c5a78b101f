//! What the registry shows to everybody against what it acknowledged.

use std::collections::BTreeSet;

use saring::protocol::AnswerClass;
use saring::remote::HttpRegistry;

use super::ledger::{Act, History, Standing};
use super::load::Crowd;
use crate::member::{ListView, Member};

/// People about whom the registry went back on its word.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Findings {
    /// An acknowledged listing or settlement that is not there.
    pub(super) lost: BTreeSet<usize>,
    /// An acknowledged removal that is undone.
    pub(super) resurrected: BTreeSet<usize>,
    /// Somebody whom nobody listed.
    pub(super) phantom: BTreeSet<usize>,
    /// An order that was carried out for some of its people only.
    pub(super) torn: BTreeSet<usize>,
}

impl Findings {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn note(&mut self, person: usize, standing: Option<Standing>, shown: AnswerClass) {
        let (least, most) = match standing {
            None => (AnswerClass::NotListed, AnswerClass::NotListed),
            Some(Standing::Settled(act)) => (class(act), class(act)),
            Some(Standing::Open { before, act }) => {
                let before = before.map_or(AnswerClass::NotListed, class);
                if shown == before || shown == class(act) {
                    return;
                }
                (before, class(act))
            }
        };
        if shown == least || shown == most {
            return;
        }
        let findings = match standing {
            None => &mut self.phantom,
            Some(Standing::Settled(Act::List)) => &mut self.lost,
            Some(Standing::Settled(Act::Paid)) if shown == AnswerClass::NotListed => &mut self.lost,
            Some(Standing::Settled(_)) => &mut self.resurrected,
            Some(Standing::Open { before: None, .. }) => &mut self.phantom,
            Some(Standing::Open { .. }) => &mut self.lost,
        };
        findings.insert(person);
    }
}

/// Looks people up and compares; unacknowledged orders may have been carried out or not, but
/// whole.
pub(super) async fn judge(
    member: &Member,
    door: &HttpRegistry,
    view: &ListView,
    crowd: &Crowd,
    history: &History,
    people: &[usize],
) -> Findings {
    let elements: Vec<_> = people.iter().map(|&person| crowd.element(person)).collect();
    let shown = member.look_up(door, view, &elements).await.unwrap();
    let mut findings = Findings::default();
    for (&person, &shown) in people.iter().zip(&shown) {
        findings.note(person, history.people.get(&person).copied(), shown);
    }
    for intent in &history.open {
        let elements: Vec<_> = intent.people.iter().map(|&p| crowd.element(p)).collect();
        let shown = member.look_up(door, view, &elements).await.unwrap();
        if shown.iter().any(|class| *class != shown[0]) {
            findings.torn.extend(&intent.people);
        }
    }
    findings
}

const fn class(act: Act) -> AnswerClass {
    match act {
        Act::List => AnswerClass::Listed,
        Act::Paid => AnswerClass::Previously,
        Act::Withdrawn => AnswerClass::NotListed,
    }
}
