use super::*;

fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes([byte; 32])
}

fn order() -> Order {
    Order {
        kind: OrderKind::Evaluate,
        audience: key(1).public_key().fingerprint(),
        organisation: OrgId::parse("ksp-maju").expect("an id"),
        officer: OfficerId::parse("petugas-07").expect("an id"),
        list: Some(ListId::parse("peminjam-macet").expect("an id")),
        record: Digest32([3; 32]),
        purpose: Purpose::CreditApplication,
        job: JobId([4; 16]),
        chunk: 5,
        count: 6,
        content: ContentDigest::of(b"content"),
        id: OrderId([7; 16]),
        created_at: Timestamp(1_000_000),
    }
}

fn verify(signed: &SignedOrder, by: &SigningKey) -> Result<(), OrderFault> {
    let audience = key(1).public_key().fingerprint();
    let content = ContentDigest::of(b"content");
    signed.verify(
        &by.public_key(),
        audience,
        OrderKind::Evaluate,
        &content,
        Timestamp(1_000_000),
    )
}

#[test]
fn an_order_reads_back_and_verifies() {
    let signed = order().sign(&key(2));
    let again = SignedOrder::from_header(&signed.to_header()).expect("reads back");
    assert_eq!(again, signed);
    assert_eq!(verify(&again, &key(2)), Ok(()));
    assert_eq!(verify(&again, &key(3)), Err(OrderFault::Signature));
}

#[test]
fn every_flipped_bit_is_refused() {
    let bytes = order().sign(&key(2)).to_bytes();
    let mut refused = 0;
    for bit in 0..bytes.len() * 8 {
        let mut mutant = bytes.clone();
        mutant[bit / 8] ^= 1 << (bit % 8);
        if let Ok(signed) = SignedOrder::from_bytes(&mutant) {
            assert!(verify(&signed, &key(2)).is_err(), "bit {bit} was accepted");
        }
        refused += 1;
    }
    assert_eq!(refused, bytes.len() * 8);
}

#[test]
fn stale_foreign_and_misdirected_orders_are_told_apart() {
    let late = Order {
        created_at: Timestamp(1_000_000 - ORDER_WINDOW - 1),
        ..order()
    }
    .sign(&key(2));
    assert_eq!(verify(&late, &key(2)), Err(OrderFault::Stale));
    let edge = Order {
        created_at: Timestamp(1_000_000 + ORDER_WINDOW),
        ..order()
    }
    .sign(&key(2));
    assert_eq!(verify(&edge, &key(2)), Ok(()));
    let foreign = Order {
        audience: Fingerprint([0; 32]),
        ..order()
    }
    .sign(&key(2));
    assert_eq!(verify(&foreign, &key(2)), Err(OrderFault::Audience));
    let other = Order {
        kind: OrderKind::Submit,
        ..order()
    }
    .sign(&key(2));
    assert_eq!(verify(&other, &key(2)), Err(OrderFault::Kind));
    let changed = Order {
        content: ContentDigest::of(b"other"),
        ..order()
    }
    .sign(&key(2));
    assert_eq!(verify(&changed, &key(2)), Err(OrderFault::Content));
}
