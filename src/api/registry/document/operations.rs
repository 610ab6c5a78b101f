//! The table of operations: what each path takes, gives and may refuse.

use utoipa::openapi::path::HttpMethod;

use super::super::health::Ready;
use super::copies;
use super::shape::{Body, Shape};
use super::versions;
use crate::protocol::ErrorCode::{self, *};
use crate::protocol::evaluation::{BlindedElementsJson, EvaluatedJson};
use crate::protocol::organisation::{
    AcceptClock, Admit, CreateList, Done, Grant, Invite, Join, Organisation, QuotaOf, RegistryInfo,
    SetStanding,
};
use crate::protocol::paths;
use crate::protocol::policy::ListInfo;
use crate::protocol::record::SignedRecord;
use crate::protocol::submission::{OwnPage, Removal, RemovalReply, Submission, SubmissionReply};

/// How a request is signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Signed {
    /// Not at all: open to everybody.
    No,
    /// By a signed read.
    Read,
    /// By a signed order.
    Order,
}

/// One method of one path.
pub(super) struct Operation {
    pub(super) method: HttpMethod,
    pub(super) path: &'static str,
    pub(super) id: &'static str,
    pub(super) tag: &'static str,
    pub(super) title_id: &'static str,
    pub(super) title_en: &'static str,
    pub(super) about: &'static str,
    pub(super) signed: Signed,
    pub(super) query: &'static [&'static str],
    pub(super) takes: &'static [Body],
    pub(super) answer: &'static str,
    pub(super) gives: &'static [Body],
    /// Whether the answer carries a signed head in a header.
    pub(super) headed: bool,
    /// Whether a part of it is asked for with a `Range`, and sent with status 206.
    pub(super) ranged: bool,
    /// Codes besides those that every operation of its kind has.
    pub(super) refuses: &'static [ErrorCode],
}

/// What any request may meet.
const ANY: [ErrorCode; 8] = [
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    TooLarge,
    UnsupportedMedia,
    HeadersTooLarge,
    Overloaded,
    Internal,
];
/// What a signed request may meet besides.
const SIGNED: [ErrorCode; 7] = [
    Malformed,
    Unsigned,
    BadSignature,
    StaleOrder,
    WrongAudience,
    ContentMismatch,
    Unavailable,
];

impl Operation {
    /// Every code it may refuse with, in the table's order.
    pub(super) fn codes(&self) -> Vec<ErrorCode> {
        let by_kind: &[ErrorCode] = match self.signed {
            Signed::No => &[],
            Signed::Read => &[Replayed, OrganisationSuspended],
            Signed::Order => &[OrderConflict, StorageFull],
        };
        let signed: &[ErrorCode] = if self.signed == Signed::No {
            &[]
        } else {
            &SIGNED
        };
        let mine = |code: &&ErrorCode| {
            [&ANY, signed, by_kind, self.refuses]
                .iter()
                .any(|codes| codes.contains(code))
        };
        ErrorCode::ALL.iter().filter(mine).copied().collect()
    }
}

const NONE: Operation = Operation {
    method: HttpMethod::Get,
    path: "",
    id: "",
    tag: "registry",
    title_id: "",
    title_en: "",
    about: "",
    signed: Signed::No,
    query: &[],
    takes: &[],
    answer: "Done",
    gives: &[],
    headed: false,
    ranged: false,
    refuses: &[],
};
pub(super) const READ: Operation = Operation {
    signed: Signed::Read,
    ..NONE
};
pub(super) const ORDER: Operation = Operation {
    method: HttpMethod::Post,
    signed: Signed::Order,
    gives: &[Body::Json(Shape::one::<Done>())],
    ..NONE
};
const ADMINISTER: Operation = Operation {
    tag: "administration",
    refuses: &[
        NotGranted,
        OrganisationSuspended,
        InvalidField,
        AlreadyExists,
    ],
    ..ORDER
};

/// Every operation, in the order of the page.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        path: paths::REGISTRY,
        id: "registry",
        title_id: "Apa yang boleh diketahui siapa pun: kunci, kepercayaan, waktu",
        title_en: "What anybody may learn: keys, trust in words, the time",
        answer: "The registry",
        gives: &[Body::Json(Shape::one::<RegistryInfo>())],
        ..NONE
    },
    Operation {
        path: paths::OPENAPI,
        id: "openapi",
        title_id: "Dokumen ini",
        title_en: "This document",
        answer: "OpenAPI 3.1",
        gives: &[Body::Text("application/json")],
        ..NONE
    },
    Operation {
        path: paths::API_PAGE,
        id: "page",
        title_id: "Dokumen ini sebagai halaman",
        title_en: "This document as a page",
        answer: "HTML without scripts",
        gives: &[Body::Text("text/html")],
        ..NONE
    },
    Operation {
        path: paths::JOIN,
        id: "join",
        tag: "administration",
        title_id: "Bergabung dengan undangan",
        title_en: "Join with an invitation",
        about: "The order is signed by the new key that the body names; the body's code vouches for it.",
        takes: &[Body::Json(Shape::one::<Join>())],
        refuses: &[BadInvitation, InvalidField],
        ..ORDER
    },
    Operation {
        path: paths::LISTS,
        id: "lists",
        tag: "lists",
        title_id: "Daftar yang boleh dipakai organisasi",
        title_en: "The lists on which the organisation has a grant",
        answer: "The lists, in order of their id",
        gives: &[Body::Json(Shape::many::<ListInfo>())],
        ..READ
    },
    Operation {
        path: paths::LISTS,
        id: "create_list",
        title_id: "Membuat daftar",
        title_en: "Create a list with its keys and its first record",
        takes: &[Body::Json(Shape::one::<CreateList>())],
        answer: "The list",
        gives: &[Body::Json(Shape::one::<ListInfo>())],
        ..ADMINISTER
    },
    Operation {
        path: paths::RECORDS,
        id: "records",
        tag: "lists",
        title_id: "Catatan epok sebuah daftar",
        title_en: "A list's epoch records",
        about: "Verify them under the trust root, never under what this answer says.",
        answer: "The records, oldest first",
        gives: &[Body::Json(Shape::many::<SignedRecord>())],
        refuses: &[NotGranted],
        ..READ
    },
    Operation {
        path: paths::EVALUATIONS,
        id: "evaluate",
        tag: "evaluation",
        title_id: "Mengevaluasi elemen yang dibutakan",
        title_en: "Evaluate blinded elements",
        about: "1 to 16384 elements. The reply is in the form that `Accept` names, else in the request's. \
            The same job, chunk and content again is free and gives the same elements.",
        takes: &[
            Body::Bytes("Context, count (u32), then 32 bytes an element: docs/PROTOCOL.md"),
            Body::Json(Shape::one::<BlindedElementsJson>()),
        ],
        answer: "The chain of steps with their proofs, the quota, the receipt",
        gives: &[
            Body::Bytes("Quota, receipt, then the steps: docs/PROTOCOL.md"),
            Body::Json(Shape::one::<EvaluatedJson>()),
        ],
        refuses: &[
            NotGranted,
            NotOnRoll,
            OrganisationSuspended,
            InvalidField,
            BadElement,
            RecordMismatch,
            QuotaExceeded,
            CapReached,
            BadProof,
        ],
        ..ORDER
    },
    Operation {
        path: paths::QUOTA,
        id: "quota",
        tag: "evaluation",
        title_id: "Kuota harian organisasi",
        title_en: "Where the organisation's daily quotas stand",
        answer: "One quota a list",
        gives: &[Body::Json(Shape::many::<QuotaOf>())],
        ..READ
    },
    Operation {
        path: paths::SUBMISSIONS,
        id: "submit",
        tag: "listings",
        title_id: "Mengirim entri",
        title_en: "Submit listings",
        about: "1 to 10000 rows. Every good row is kept; every other is answered with its reason, by \
            its index. The same order again gives the same answer. The reply is in the form that \
            `Accept` names, else in the request's.",
        takes: &[
            Body::Bytes("Context, version, count, then the rows: docs/PROTOCOL.md"),
            Body::Json(Shape::one::<Submission>()),
        ],
        answer: "One outcome a row, in the rows' order, and the receipt",
        gives: &[
            Body::Bytes("Receipt, count, then the outcomes: docs/PROTOCOL.md"),
            Body::Json(Shape::one::<SubmissionReply>()),
        ],
        refuses: &[
            NotGranted,
            OrganisationSuspended,
            InvalidField,
            RecordMismatch,
        ],
        ..ORDER
    },
    Operation {
        path: paths::REMOVALS,
        id: "remove",
        tag: "listings",
        title_id: "Melunasi, menarik, menangguhkan atau memulihkan entri",
        title_en: "Settle, withdraw, suspend or reinstate listings",
        about: "1 to 10000 entries, one cause. Costs no quota and has capacity of its own; also open to a \
            suspended organisation for its own entries.",
        takes: &[Body::Json(Shape::one::<Removal>())],
        answer: "One outcome an entry, in their order, and the receipt",
        gives: &[Body::Json(Shape::one::<RemovalReply>())],
        refuses: &[InvalidField],
        ..ORDER
    },
    versions::SHOW,
    versions::OPEN,
    versions::CLOSE,
    versions::SWITCH,
    versions::DROP,
    versions::DIFF,
    Operation {
        path: paths::OWN,
        id: "own",
        tag: "listings",
        title_id: "Entri milik sendiri",
        title_en: "The organisation's own listings",
        query: &["after", "limit"],
        answer: "A page",
        gives: &[Body::Json(Shape::one::<OwnPage>())],
        refuses: &[NotGranted, InvalidField],
        ..READ
    },
    Operation {
        path: paths::BUCKET,
        id: "bucket",
        tag: "look-up",
        title_id: "Satu ember",
        title_en: "One bucket, always of the same length",
        about: "For a `check` grant. The client scans all rows; hit or miss look the same.",
        answer: "512 rows of 128 bytes under a signed head",
        gives: &[Body::Bytes("512 rows of 128 bytes, sorted by tag")],
        headed: true,
        refuses: &[NotGranted, InvalidField, RecordMismatch, ClockWrong],
        ..READ
    },
    copies::SNAPSHOT,
    copies::SNAPSHOT_KEYS,
    copies::DELTA,
    Operation {
        path: paths::ORGANISATIONS,
        id: "organisations",
        tag: "administration",
        title_id: "Semua organisasi",
        title_en: "Every organisation, for the operator",
        query: &["after", "limit"],
        answer: "Organisations in order of their id, after `after`",
        gives: &[Body::Json(Shape::many::<Organisation>())],
        refuses: &[NotGranted, InvalidField],
        ..READ
    },
    Operation {
        path: paths::ORGANISATIONS,
        id: "invite",
        title_id: "Mengundang organisasi",
        title_en: "Invite an organisation",
        about: "The body carries the digest of the invitation's code, good for 72 hours and one use.",
        takes: &[Body::Json(Shape::one::<Invite>())],
        ..ADMINISTER
    },
    Operation {
        path: paths::STANDING,
        id: "set_standing",
        title_id: "Menangguhkan atau mengaktifkan organisasi",
        title_en: "Suspend an organisation or let it act again",
        takes: &[Body::Json(Shape::one::<SetStanding>())],
        ..ADMINISTER
    },
    Operation {
        path: paths::GRANTS,
        id: "set_grant",
        title_id: "Mengubah hak dan kuota organisasi pada daftar",
        title_en: "Change what an organisation may do on a list",
        takes: &[Body::Json(Shape::one::<Grant>())],
        ..ADMINISTER
    },
    Operation {
        path: paths::CLOCK,
        id: "accept_clock",
        title_id: "Menerima jam setelah melompat",
        title_en: "Accept the clock after a leap",
        takes: &[Body::Json(Shape::one::<AcceptClock>())],
        ..ADMINISTER
    },
    Operation {
        path: paths::ROLL,
        id: "admit",
        tag: "custodian",
        title_id: "Mencatat organisasi dalam daftar kustodian",
        title_en: "Enter an organisation in the custodian's own roll",
        about: "The order is meant for the custodian (its fingerprint is the audience) and signed by its \
            own administrator.",
        takes: &[Body::Json(Shape::one::<Admit>())],
        refuses: &[InvalidField, AlreadyExists],
        ..ORDER
    },
    Operation {
        path: paths::LIVE,
        id: "live",
        tag: "health",
        title_id: "Proses hidup",
        title_en: "The process lives",
        answer: "It does",
        gives: &[Body::Text("application/json")],
        ..NONE
    },
    Operation {
        path: paths::READY,
        id: "ready",
        tag: "health",
        title_id: "Layanan siap",
        title_en: "The service can do its work",
        about: "Otherwise 503 with `reasons`: disk_full, store_unavailable, ledger_blocked, \
            clock_behind, clock_leapt, clock_unknown, shutting_down.",
        answer: "It can",
        gives: &[Body::Json(Shape::one::<Ready>())],
        refuses: &[Unavailable],
        ..NONE
    },
    Operation {
        path: paths::METRICS,
        id: "metrics",
        tag: "health",
        title_id: "Metrik Prometheus (hanya di alamat admin)",
        title_en: "Prometheus metrics (on the admin listener only)",
        answer: "OpenMetrics text",
        gives: &[Body::Text("application/openmetrics-text")],
        ..NONE
    },
];
