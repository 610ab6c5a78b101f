//! Orders off the wire: what is read is written back byte for byte, in both forms, and no order
//! that the key did not sign verifies.
#![no_main]

use std::sync::LazyLock;

use saring::protocol::order::SignedOrder;
use saring::protocol::read::SignedRead;
use saring::protocol::sign::{PublicKey, SigningKey};

/// The seeds are signed by another key.
static KEY: LazyLock<PublicKey> = LazyLock::new(|| SigningKey::from_bytes([0x5a; 32]).public_key());

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(signed) = SignedOrder::from_bytes(data) {
        assert_eq!(signed.to_bytes(), data);
        let again = SignedOrder::from_header(&signed.to_header());
        assert_eq!(again.as_ref(), Ok(&signed));
        let order = &signed.order;
        let (kind, now) = (order.kind, order.created_at);
        assert!(
            signed
                .verify(&KEY, order.audience, kind, &order.content, now)
                .is_err()
        );
    }
    let Ok(header) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(signed) = SignedOrder::from_header(header) {
        assert_eq!(signed.to_header(), header);
    }
    if let Ok(signed) = SignedRead::from_header(header) {
        assert_eq!(signed.to_header(), header);
    }
});
