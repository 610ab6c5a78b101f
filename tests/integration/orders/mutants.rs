//! Orders bent in every way.

use data_encoding::BASE64URL_NOPAD;
use saring::protocol::codes::Purpose;
use saring::protocol::limits::ORDER_WINDOW;
use saring::protocol::order::{Order, OrderKind, SignedOrder};
use saring::protocol::time::{DAY, MINUTE};
use saring::protocol::{
    ContentDigest, Digest32, Fingerprint, JobId, ListId, OfficerId, OrderId, OrgId, Signature,
};

use super::{Request, Scene};
use crate::member::now;

type Bend = fn(Order) -> Order;

/// Every field, each with another value that could stand there.
const FIELDS: [(&str, Bend); 13] = [
    ("kind", |order| Order {
        kind: match order.kind {
            OrderKind::Evaluate => OrderKind::Submit,
            _ => OrderKind::Evaluate,
        },
        ..order
    }),
    ("audience", |order| Order {
        audience: Fingerprint([7; 32]),
        ..order
    }),
    ("organisation", |order| Order {
        organisation: OrgId::parse("ksp-lain").unwrap(),
        ..order
    }),
    ("officer", |order| Order {
        officer: OfficerId::parse("petugas-2").unwrap(),
        ..order
    }),
    ("list", |order| Order {
        list: Some(ListId::parse("daftar-lain").unwrap()),
        ..order
    }),
    ("record", |order| Order {
        record: Digest32([7; 32]),
        ..order
    }),
    ("purpose", |order| Order {
        purpose: Purpose::PortfolioWatch,
        ..order
    }),
    ("job", |order| Order {
        job: JobId([7; 16]),
        ..order
    }),
    ("chunk", |order| Order {
        chunk: order.chunk + 1,
        ..order
    }),
    ("count", |order| Order {
        count: order.count + 1,
        ..order
    }),
    ("content", |order| Order {
        content: ContentDigest::of(b"other"),
        ..order
    }),
    ("id", |order| Order {
        id: OrderId([7; 16]),
        ..order
    }),
    ("time", |order| Order {
        created_at: order.created_at.plus(1),
        ..order
    }),
];

/// What no signature helps: signed by the right key all the same.
const SIGNED: [(&str, Bend); 8] = [
    ("another audience, signed", |order| Order {
        audience: Fingerprint([7; 32]),
        ..order
    }),
    ("another kind, signed", |order| Order {
        kind: OrderKind::SetGrant,
        ..order
    }),
    ("a list without a grant, signed", |order| Order {
        list: Some(ListId::parse("daftar-lain").unwrap()),
        ..order
    }),
    ("no list, signed", |order| Order {
        list: None,
        ..order
    }),
    ("too old, signed", |order| Order {
        created_at: now().plus(-ORDER_WINDOW - MINUTE),
        ..order
    }),
    ("from the future, signed", |order| Order {
        created_at: now().plus(ORDER_WINDOW + MINUTE),
        ..order
    }),
    ("from another year, signed", |order| Order {
        created_at: now().plus(-365 * DAY),
        ..order
    }),
    ("another count, signed", |order| Order {
        count: order.count + 1,
        ..order
    }),
];

/// Everything that an order's request is bent into.
pub(super) fn mutants(scene: &Scene, order: &Order, request: &Request) -> Vec<(String, Request)> {
    let good = order.clone().sign(&scene.member.key);
    let header = good.to_header();
    let mut mutants = Vec::new();
    let mut add = |name: &str, request: Request| mutants.push((name.to_owned(), request));
    add("no order", request.clone());
    add("an empty order", request.with_header(""));
    add("no base64", request.with_header("not an order!"));
    add(
        "half an order",
        request.with_header(&header[..header.len() / 2]),
    );
    let longer = BASE64URL_NOPAD.encode(&[good.to_bytes(), vec![0]].concat());
    add("a longer order", request.with_header(longer));
    for (name, bend) in FIELDS {
        let bent = SignedOrder {
            order: bend(order.clone()),
            signature: good.signature,
        };
        add(name, request.with_header(bent.to_header()));
    }
    for (name, bend) in SIGNED {
        let bent = bend(order.clone()).sign(&scene.member.key);
        add(name, request.with_header(bent.to_header()));
    }
    for bit in [0, 255, 256, 511] {
        let mut flipped = good.clone();
        flipped.signature.0[bit / 8] ^= 1 << (bit % 8);
        add(
            "a bit of the signature",
            request.with_header(flipped.to_header()),
        );
    }
    let zeros = SignedOrder {
        order: order.clone(),
        signature: Signature([0; 64]),
    };
    add(
        "a signature of zeros",
        request.with_header(zeros.to_header()),
    );
    let others = order.clone().sign(&scene.other.key);
    add(
        "another's signature",
        request.with_header(others.to_header()),
    );
    let malleated = SignedOrder {
        order: order.clone(),
        signature: plus_group_order(good.signature),
    };
    add(
        "s plus the group's order",
        request.with_header(malleated.to_header()),
    );
    mutants.extend(with_other_requests(scene, &request.with_header(header)));
    mutants
}

/// The order untouched, on requests that are not its own.
fn with_other_requests(scene: &Scene, request: &Request) -> Vec<(String, Request)> {
    let mut mutants = Vec::new();
    let mut add = |name: &str, request: Request| mutants.push((name.to_owned(), request));
    let mut other_body = request.clone();
    *other_body.body.last_mut().unwrap() ^= 1;
    add("another body", other_body);
    let mut longer_body = request.clone();
    longer_body.body.push(b' ');
    add("a longer body", longer_body);
    let mut no_body = request.clone();
    no_body.body.clear();
    add("no body", no_body);
    let mut elsewhere = request.clone();
    elsewhere.line = elsewhere.line.replace(scene.list().as_str(), "daftar-lain");
    add("another list's path", elsewhere);
    mutants
}

/// s + l: the same point equation, a different encoding (RFC 8032, section 5.1.7 forbids it).
fn plus_group_order(mut signature: Signature) -> Signature {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0;
    for (byte, add) in signature.0[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    signature
}
