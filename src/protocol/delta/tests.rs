use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::protocol::codes::Reason;
use crate::protocol::section::Placement;
use crate::protocol::{AnswerClass, Reasons};

const HEADER: usize = CONTEXT.len() + 1 + 1 + 2;
const DEBT: &[Reason] = &[Reason::MacetPokok];
const TWO: &[Reason] = &[Reason::Asn, Reason::Tni];

fn listed(reasons: &[Reason]) -> Placement {
    Placement::of(AnswerClass::Listed, reasons.iter().copied().collect())
}

fn previously(reasons: &[Reason]) -> Placement {
    Placement::of(AnswerClass::Previously, reasons.iter().copied().collect())
}

fn moved(key: u64, before: Placement, after: Placement) -> KeyMove {
    KeyMove { key, before, after }
}

#[test]
fn the_byte_table_is_as_documented() {
    let none = Placement::NOWHERE;
    let delta = Delta::net(vec![
        moved(7, listed(DEBT), previously(DEBT)),
        moved(0x0102, none, listed(DEBT)),
        moved(3, listed(TWO), none),
        moved(3, none, listed(DEBT)),
    ]);
    let mut expected = b"saring/v1/delta\0\x01\x04\0".to_vec();
    expected.extend(b"\0\0\x01\0\x01\0\0\0\0\0\0\0");
    expected.extend(b"\x01\0\x02\0\x01\0\0\0\0\0\0\0");
    // Of two copies that left and one that came, the first that left became it.
    expected.extend(b"\x01\x10\x01\0\x01\0\0\0\0\0\0\0");
    expected.extend(b"\x01\x11\0\0\x01\0\0\0\0\0\0\0");
    let groups = delta.groups();
    assert_eq!(groups.len(), 4);
    for key in [0x0102u64, 7, 3, 3] {
        expected.extend(key.to_le_bytes());
    }
    assert_eq!(delta.to_bytes(), expected);
    assert_eq!(Delta::from_bytes(&expected), Ok(delta));
}

#[test]
fn what_came_and_went_again_is_no_change() {
    let delta = Delta::net(vec![
        moved(5, Placement::NOWHERE, listed(DEBT)),
        moved(5, listed(DEBT), previously(DEBT)),
        moved(5, previously(DEBT), Placement::NOWHERE),
    ]);
    assert!(delta.is_empty());
    assert_eq!(Delta::from_bytes(&delta.to_bytes()), Ok(delta));
}

#[test]
fn every_wrong_form_is_refused() {
    let none = Placement::NOWHERE;
    let good = Delta::net(vec![
        moved(1, none, listed(DEBT)),
        moved(2, none, listed(DEBT)),
        moved(3, listed(DEBT), none),
    ])
    .to_bytes();
    let refused = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        Delta::from_bytes(&bytes).expect_err("a wrong form")
    };
    let keys = HEADER + 2 * 12;
    assert_eq!(refused(HEADER - 3, 2), DecodeError::WrongContext);
    assert_eq!(refused(HEADER - 1, 0xff), DecodeError::TooLong("groups"));
    assert_eq!(refused(HEADER, 3), DecodeError::Field("class"));
    assert_eq!(refused(HEADER + 1, 16), DecodeError::Field("class"));
    assert_eq!(refused(HEADER + 3, 1), DecodeError::Field("category"));
    assert_eq!(refused(HEADER + 2, 0), DecodeError::Field("group"));
    assert_eq!(refused(HEADER, 2), DecodeError::Field("groups"));
    assert_eq!(refused(HEADER + 4, 0), DecodeError::Field("count"));
    assert_eq!(refused(HEADER + 8, 1), DecodeError::TooLong("keys"));
    assert_eq!(refused(HEADER + 4, 3), DecodeError::Truncated);
    assert_eq!(refused(HEADER + 4, 1), DecodeError::Trailing);
    assert_eq!(refused(keys, 9), DecodeError::Field("keys"));
}

fn any_placement() -> impl Strategy<Value = Placement> {
    let reasons = proptest::sample::subsequence(Reason::ALL.to_vec(), 0..4);
    let class = proptest::sample::select(AnswerClass::ALL.to_vec());
    (class, reasons)
        .prop_map(|(class, reasons)| Placement::of(class, reasons.into_iter().collect::<Reasons>()))
}

type State = BTreeMap<(Section, u64), i64>;

fn stand(state: &mut State, key: u64, placement: Placement, by: i64) {
    for section in placement.sections() {
        *state.entry((section, key)).or_default() += by;
    }
    state.retain(|_, count| *count != 0);
}

proptest! {
    #[test]
    fn a_delta_leads_from_one_state_to_the_other_by_any_road(
        people in proptest::collection::vec((0..6u64, any_placement()), 0..12),
        acts in proptest::collection::vec((any::<prop::sample::Index>(), any_placement()), 0..30),
    ) {
        let mut before = State::new();
        for (key, placement) in &people {
            stand(&mut before, *key, *placement, 1);
        }
        let (mut after, mut now, mut moves) = (before.clone(), people.clone(), Vec::new());
        for (who, placement) in acts.iter().filter(|_| !people.is_empty()) {
            let person = &mut now[who.index(people.len())];
            stand(&mut after, person.0, person.1, -1);
            stand(&mut after, person.0, *placement, 1);
            moves.push(moved(person.0, person.1, *placement));
            person.1 = *placement;
        }
        let delta = Delta::net(moves.clone());
        prop_assert_eq!(Delta::from_bytes(&delta.to_bytes()), Ok(delta.clone()));
        prop_assert_eq!(Delta::net(delta.moves().collect()), delta.clone());
        let (below, above) = moves.iter().copied().partition(|one| one.key < 3);
        let mut joined = Delta::net(below);
        joined.append(Delta::net(above));
        prop_assert_eq!(&joined, &delta);
        let back = moves.iter().map(|one| one.undone());
        prop_assert!(Delta::net(moves.iter().copied().chain(back).collect()).is_empty());
        let mut led = before;
        for group in delta.groups() {
            for key in &group.keys {
                for (section, by) in [(group.before, -1), (group.after, 1)] {
                    if let Some(section) = section {
                        *led.entry((section, *key)).or_default() += by;
                    }
                }
            }
        }
        led.retain(|_, count| *count != 0);
        prop_assert_eq!(led, after);
        let short: Vec<_> = people.iter().zip(&now)
            .map(|(old, new)| moved(old.0, old.1, new.1))
            .rev()
            .collect();
        prop_assert_eq!(Delta::net(short).to_bytes(), delta.to_bytes());
    }

    #[test]
    fn any_bytes_read_or_are_refused(
        keys in proptest::collection::vec((0..9u64, any_placement(), any_placement()), 0..20),
        at: prop::sample::Index,
        byte: u8,
        noise in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let moves = keys.into_iter().map(|(key, before, after)| moved(key, before, after));
        let mut bytes = Delta::net(moves.collect()).to_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        for bytes in [bytes.clone(), [&bytes[..HEADER - 2], &noise].concat(), noise] {
            if let Ok(read) = Delta::from_bytes(&bytes) {
                prop_assert_eq!(read.to_bytes(), bytes);
            }
        }
    }
}
