use proptest::prelude::*;

use super::super::answer::AnswerClass;
use super::super::codes::CountBand;
use super::super::row::seal_bytes;
use super::super::summary::Reasons;
use super::super::time::Timestamp;
use super::*;

const MATERIAL: &[u8] = b"peminjam-macet\0\x01\0\0\0";
const BITS: u8 = 12;
const BUCKET: u32 = 0xabc;

fn shape() -> BucketShape {
    BucketShape::new(BITS, 32).expect("within limits")
}

fn padding() -> PaddingKey {
    PaddingKey::from_bytes([9; 32])
}

/// Person `n` of the bucket: a locator whose first 12 bits are the bucket, and a seal key.
fn person(n: u16) -> (Locator, SealKey) {
    let mut locator = *blake3::hash(&n.to_le_bytes()).as_bytes();
    locator[0] = 0xab;
    locator[1] = 0xc0 | locator[1] & 0x0f;
    (
        Locator(locator),
        SealKey::new(*blake3::hash(&[n.to_le_bytes(), [1; 2]].concat()).as_bytes()),
    )
}

fn summary(sequence: u64) -> Summary {
    Summary {
        class: AnswerClass::Listed,
        count: CountBand::One,
        grade: None,
        plafond: None,
        reasons: Reasons::default(),
        verify_identity: false,
        listed_until: Timestamp(1),
        gone_after: Timestamp(2),
        sequence,
    }
}

fn row(n: u16) -> Row {
    let (locator, key) = person(n);
    let nonce = [n as u8; 24];
    let summary = summary(n.into()).to_bytes();
    seal_bytes(&key, MATERIAL, locator.tag(), nonce, &summary)
}

fn bucket(people: &[u16]) -> Vec<u8> {
    let rows: Vec<_> = people.iter().map(|&n| row(n)).collect();
    assemble(&rows, shape(), BUCKET, MATERIAL, &padding()).expect("fits")
}

fn look_up(body: &[u8], n: u16) -> Result<Option<Summary>, BucketFault> {
    let (locator, key) = person(n);
    scan(body, shape(), &locator, &key, MATERIAL)
}

/// The bucket of `people` with `extra` in place of one padding row, in order.
fn bucket_with(people: &[u16], extra: &[Row]) -> Vec<u8> {
    let rows: Vec<_> = people
        .iter()
        .map(|&n| row(n))
        .chain(extra.iter().copied())
        .collect();
    assemble(&rows, shape(), BUCKET, MATERIAL, &padding()).expect("fits")
}

#[test]
fn hit_and_miss_have_one_length_and_the_right_answer() {
    let body = bucket(&[1, 2, 3]);
    assert_eq!(body.len(), shape().bytes());
    assert_eq!(bucket(&[]).len(), shape().bytes());
    assert_eq!(look_up(&body, 2), Ok(Some(summary(2))));
    assert_eq!(look_up(&body, 4), Ok(None));
}

#[test]
fn a_bucket_overflows_only_beyond_its_rows() {
    let rows: Vec<_> = (0..33).map(row).collect();
    let make = |rows: &[Row]| assemble(rows, shape(), BUCKET, MATERIAL, &padding());
    assert!(make(&rows[..32]).is_ok());
    assert_eq!(make(&rows), Err(BucketError::Overflow));
    let mut foreign = row(1);
    foreign[0] ^= 1;
    assert_eq!(make(&[foreign]), Err(BucketError::ForeignRow));
}

#[test]
fn every_wrong_form_is_a_fault_and_never_a_miss() {
    let body = bucket(&[1, 2]);
    assert_eq!(look_up(&body[1..], 1), Err(BucketFault::Length));
    assert_eq!(look_up(&body[..ROW_BYTES], 1), Err(BucketFault::Length));
    assert_eq!(look_up(&[], 1), Err(BucketFault::Length));
    let longer = [&body[..], &[0xff; ROW_BYTES]].concat();
    assert_eq!(look_up(&longer, 1), Err(BucketFault::Length));

    let mut swapped = body.clone();
    swapped[..2 * ROW_BYTES].rotate_left(ROW_BYTES);
    assert_eq!(look_up(&swapped, 1), Err(BucketFault::Unsorted));
    let (mut elsewhere, key) = person(1);
    elsewhere.0[0] ^= 1;
    assert_eq!(
        scan(&body, shape(), &elsewhere, &key, MATERIAL),
        Err(BucketFault::ForeignRow)
    );
    let (locator, _) = person(1);
    let (_, other_key) = person(2);
    assert_eq!(
        scan(&body, shape(), &locator, &other_key, MATERIAL),
        Err(BucketFault::Seal)
    );
    assert_eq!(
        scan(&body, shape(), &locator, &person(1).1, b"other list"),
        Err(BucketFault::Seal)
    );
}

#[test]
fn of_several_rows_with_the_tag_exactly_one_must_open() {
    let (locator, key) = person(1);
    let mut chance = row(1);
    chance[TAG_BYTES..].fill(0x55);
    let body = bucket_with(&[1], &[chance]);
    assert_eq!(look_up(&body, 1), Ok(Some(summary(1))));
    assert_eq!(
        look_up(&bucket_with(&[], &[chance]), 1),
        Err(BucketFault::Seal)
    );

    let newer = seal_bytes(
        &key,
        MATERIAL,
        locator.tag(),
        [7; 24],
        &summary(9).to_bytes(),
    );
    assert_eq!(
        look_up(&bucket_with(&[1], &[newer]), 1),
        Err(BucketFault::Twice)
    );
    assert_eq!(
        look_up(&bucket_with(&[1], &[row(1)]), 1),
        Err(BucketFault::Twice)
    );
    let nothing = seal_bytes(&key, MATERIAL, locator.tag(), [7; 24], &[0; 72]);
    assert_eq!(
        look_up(&bucket_with(&[], &[nothing]), 1),
        Err(BucketFault::Summary(DecodeError::WrongContext))
    );
}

#[test]
fn bits_follow_the_entries() {
    for (entries, bits) in [
        (0, 0),
        (393, 0),
        (394, 1),
        (786, 1),
        (787, 2),
        (1_000_000, 12),
        (100_000_000, 18),
        (393 << 24, 24),
        (u64::MAX, 24),
    ] {
        assert_eq!(bits_for(entries), bits, "{entries}");
    }
    assert_eq!(BucketShape::for_entries(10_000).bytes(), 64 << 10);
    assert_eq!(BucketShape::new(25, 512), None);
    assert_eq!(BucketShape::new(12, 0), None);
    assert!(serde_json::from_str::<BucketShape>(r#"{"bits":33,"rows":512}"#).is_err());
}

#[test]
fn one_bucket_holds_a_whole_small_list() {
    let shape = BucketShape::for_entries(2);
    assert_eq!((shape.bits(), shape.buckets()), (0, 1));
    let body = assemble(&[row(1)], shape, 0, MATERIAL, &padding()).expect("fits");
    let (locator, key) = person(1);
    assert_eq!(
        scan(&body, shape, &locator, &key, MATERIAL),
        Ok(Some(summary(1)))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_assembled_bucket_has_every_row_once(people in proptest::collection::btree_set(0u16..500, 0..=32)) {
        let people: Vec<_> = people.into_iter().collect();
        let body = bucket(&people);
        for &n in &people {
            prop_assert_eq!(look_up(&body, n), Ok(Some(summary(n.into()))));
        }
        prop_assert_eq!(look_up(&body, 999), Ok(None));
    }

    #[test]
    fn a_flipped_bit_changes_nobody_elses_answer_and_lists_nobody(bit in 0usize..32 * ROW_BYTES * 8, n in 0u16..6) {
        let body = bucket(&[1, 2, 3]);
        let honest = look_up(&body, n).expect("an honest bucket");
        let mut changed = body.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let at = bit / 8 / ROW_BYTES * ROW_BYTES;
        let own = body[at..at + TAG_BYTES] == person(n).0.tag();
        match look_up(&changed, n) {
            Ok(answer) if !own => prop_assert_eq!(answer, honest),
            // A changed tag hides the row: the head's digest of the body is what catches that.
            Ok(answer) => prop_assert!(answer.is_none() && bit / 8 < at + TAG_BYTES),
            Err(_) => {}
        }
    }

    #[test]
    fn no_bytes_make_a_scan_panic_or_list(
        body in proptest::collection::vec(any::<u8>(), 0..5 * ROW_BYTES),
        rows in 1u32..5,
        bits in 0u8..=24,
        n: u16,
    ) {
        let (locator, key) = person(n);
        let shape = BucketShape::new(bits, rows).expect("within limits");
        let answer = scan(&body, shape, &locator, &key, MATERIAL);
        prop_assert!(!matches!(answer, Ok(Some(_))));
        let mut shaped = body;
        shaped.resize(shape.bytes(), 0);
        let (chunks, _) = shaped.as_chunks_mut::<ROW_BYTES>();
        chunks.iter_mut().for_each(|row| row[..TAG_BYTES].copy_from_slice(&locator.tag()));
        chunks.sort_unstable();
        prop_assert_eq!(
            scan(&shaped, shape, &locator, &key, MATERIAL),
            Err(BucketFault::Seal)
        );
    }
}
