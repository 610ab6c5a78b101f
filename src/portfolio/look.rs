//! A portfolio beside a list's copy: who stands in it now, in one pass over the keys.

use super::kept::{Kept, Told};
use crate::agent::{AgentError, LocalCopy};
use crate::protocol::AnswerClass;
use crate::protocol::codes::Reason;

/// Where a borrower stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stands {
    pub(super) as_what: Told,
    pub(super) category: Option<Reason>,
}

/// Where each of `people` stands, in their order.
pub(super) fn look(copy: &LocalCopy, people: &[&Kept]) -> Result<Vec<Stands>, AgentError> {
    let nowhere = Stands {
        as_what: Told::Clear,
        category: None,
    };
    let mut found = vec![nowhere; people.len()];
    let mut keys: Vec<(u64, usize)> = people.iter().map(|kept| kept.key).zip(0..).collect();
    keys.sort_unstable();
    for (place, section) in copy.sections().iter().enumerate() {
        let section = section.section;
        let stands = Stands {
            as_what: match section.class {
                AnswerClass::Listed => Told::Listed,
                AnswerClass::Previously => Told::Previously,
                AnswerClass::NotListed => continue,
            },
            category: section.category,
        };
        let mut rest = &keys[..];
        let mut section = copy.keys(place);
        while let Some(block) = section.block()? {
            for key in block {
                let below = rest.iter().take_while(|(own, _)| own < key).count();
                rest = &rest[below..];
                for (_, person) in rest.iter().take_while(|(own, _)| own == key) {
                    // Sections ascend: listed comes before previously, debtors before programmes.
                    if found[*person].as_what == Told::Clear {
                        found[*person] = stands;
                    }
                }
            }
        }
    }
    Ok(found)
}
