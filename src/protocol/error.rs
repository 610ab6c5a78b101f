//! Stable error codes: one table of code, HTTP status, whether the same call may be repeated, and
//! what people read.

use serde::{Deserialize, Serialize};

use super::order::OrderFault;

macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $status:literal, $retryable:literal, $id:literal, $en:literal;)+) => {
        /// Why a call did not do what it was asked. The code never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
        pub enum ErrorCode {
            $($(#[$doc])* #[doc = concat!("`", $code, "`, status ", $status, ".")] #[serde(rename = $code)] #[error($en)] $variant,)+
        }

        impl ErrorCode {
            /// Every code, in the table's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable `snake_case` code.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// Whether the same call may succeed later, unchanged.
            #[must_use]
            pub const fn retryable(self) -> bool {
                match self { $(Self::$variant => $retryable,)+ }
            }

            /// What people read, in Bahasa Indonesia.
            #[must_use]
            pub const fn text_id(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            /// What people read, in English.
            #[must_use]
            pub const fn text_en(self) -> &'static str {
                match self { $(Self::$variant => $en,)+ }
            }

            /// The code of a text.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == text)
            }
        }
    };
}

error_codes! {
    /// The body or a header does not parse.
    Malformed = "malformed", 400, false, "Permintaan tidak dapat dibaca.", "The request does not parse.";
    /// A field has a value that is not allowed.
    InvalidField = "invalid_field", 422, false, "Ada isian yang tidak diperbolehkan.", "A field has a value that is not allowed.";
    /// An element is not a canonical encoding or is the identity.
    BadElement = "bad_element", 422, false, "Ada elemen yang tidak sah.", "An element is not a valid encoding.";
    /// The signed order or read is missing.
    Unsigned = "unsigned", 401, false, "Permintaan tidak ditandatangani.", "The request is not signed.";
    /// No such organisation, or its key does not verify the signature.
    BadSignature = "bad_signature", 401, false, "Tanda tangan tidak cocok.", "The signature does not verify.";
    /// The order's time is outside the window; the answer tells the server's time.
    StaleOrder = "stale_order", 401, true, "Waktu perintah di luar jendela lima menit dari waktu server.", "The order's time is more than five minutes from the server's time.";
    /// The order is meant for another registry.
    WrongAudience = "wrong_audience", 401, false, "Perintah ditujukan ke registri lain.", "The order is meant for another registry.";
    /// The content is not the one the order names, or the order is of another kind.
    ContentMismatch = "content_mismatch", 400, false, "Isi tidak sesuai dengan perintah.", "The content does not match the order.";
    /// A signed read's nonce was seen before.
    Replayed = "replayed", 409, false, "Permintaan ini sudah pernah dipakai.", "This signed read was used before.";
    /// The organisation is suspended or its contract has ended.
    OrganisationSuspended = "organisation_suspended", 403, false, "Organisasi ditangguhkan atau kontraknya berakhir.", "The organisation is suspended or its contract has ended.";
    /// The organisation has no grant for this.
    NotGranted = "not_granted", 403, false, "Organisasi tidak punya hak untuk ini.", "The organisation has no grant for this.";
    /// The custodian's own roll does not admit this.
    NotOnRoll = "not_on_roll", 403, false, "Organisasi tidak ada dalam daftar kustodian.", "The organisation is not on the custodian's roll.";
    /// Nothing there.
    NotFound = "not_found", 404, false, "Tidak ditemukan.", "Not found.";
    /// The method is not one of this path's.
    MethodNotAllowed = "method_not_allowed", 405, false, "Metode tidak diperbolehkan.", "The method is not allowed here.";
    /// Exists already with other content.
    AlreadyExists = "already_exists", 409, false, "Sudah ada dengan isi lain.", "It exists already with other content.";
    /// The same order id or charge key came with other content.
    OrderConflict = "order_conflict", 409, false, "Nomor perintah yang sama datang dengan isi lain.", "The same order id came with other content.";
    /// The epoch record in the order is not the one in force; the answer names both.
    RecordMismatch = "record_mismatch", 409, false, "Catatan epok berbeda dari yang berlaku.", "The epoch record is not the one in force.";
    /// The invitation's code is unknown, used or past its 72 hours.
    BadInvitation = "bad_invitation", 403, false, "Undangan tidak dikenal, sudah dipakai, atau kedaluwarsa.", "The invitation is unknown, used or past its time.";
    /// The daily quota is used up; the answer tells used, allowed and reset.
    QuotaExceeded = "quota_exceeded", 429, true, "Kuota harian habis.", "The daily quota is used up.";
    /// The custodian's hard cap for the list and day is reached.
    CapReached = "cap_reached", 429, true, "Batas keras kustodian untuk hari ini tercapai.", "The custodian's hard cap for the day is reached.";
    /// The body is over its limit.
    TooLarge = "too_large", 413, false, "Permintaan melebihi batas ukuran.", "The request is over its limit.";
    /// The media type is not one of this path's.
    UnsupportedMedia = "unsupported_media", 415, false, "Jenis isi tidak didukung.", "The media type is not supported.";
    /// The headers are over their limit.
    HeadersTooLarge = "headers_too_large", 431, false, "Kepala permintaan terlalu besar.", "The headers are over their limit.";
    /// The client sent too slowly.
    RequestTimeout = "request_timeout", 408, true, "Permintaan terlalu lambat.", "The request came too slowly.";
    /// A proof or chain does not verify.
    BadProof = "bad_proof", 502, true, "Bukti kustodian tidak sah.", "A custodian's proof does not verify.";
    /// The server has more work than it takes; the answer says when to come back.
    Overloaded = "overloaded", 503, true, "Server sedang penuh.", "The server has more work than it takes.";
    /// The snapshot whose keys are asked for is no longer kept: begin with the newest.
    SnapshotGone = "snapshot_gone", 410, false, "Salinan daftar (snapshot) itu sudah tidak disimpan; mulai dari yang terbaru.", "That snapshot is no longer kept; begin with the newest.";
    /// No delta leads on from that sequence, or a whole snapshot is cheaper.
    SnapshotNeeded = "snapshot_needed", 410, false, "Perubahan sejak urutan itu tidak tersedia atau lebih besar daripada salinan utuh; ambil salinan utuh.", "What changed since that sequence is not kept or is more than a whole snapshot; take a snapshot.";
    /// The snapshot is being built; the answer says when to come back.
    SnapshotPending = "snapshot_pending", 503, true, "Salinan daftar sedang dibuat.", "The snapshot is being built.";
    /// A part the answer needs is not to be had: no verdict.
    Unavailable = "unavailable", 503, true, "Layanan tidak tersedia.", "The service is not available.";
    /// The server's clock cannot be trusted.
    ClockWrong = "clock_wrong", 503, true, "Jam server tidak dapat dipercaya.", "The server's clock cannot be trusted.";
    /// The disk is full; nothing was written.
    StorageFull = "storage_full", 507, true, "Penyimpanan penuh; tidak ada yang ditulis.", "The disk is full; nothing was written.";
    /// A fault of the server's own.
    Internal = "internal", 500, true, "Kesalahan di dalam server.", "A fault inside the server.";
}

impl From<OrderFault> for ErrorCode {
    fn from(fault: OrderFault) -> Self {
        match fault {
            OrderFault::Audience => Self::WrongAudience,
            OrderFault::Kind | OrderFault::Content => Self::ContentMismatch,
            OrderFault::Stale => Self::StaleOrder,
            OrderFault::Signature => Self::BadSignature,
        }
    }
}
super::schema::schema!(
    ErrorCode,
    super::schema::one_of(ErrorCode::ALL.iter().map(|code| code.as_str()))
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_snake_case_and_read_back() {
        for &code in ErrorCode::ALL {
            assert_eq!(ErrorCode::parse(code.as_str()), Some(code));
            assert!(
                code.as_str()
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'_')
            );
            assert!((400..600).contains(&code.status()));
            assert_eq!(
                serde_json::to_value(code).expect("serialises"),
                code.as_str()
            );
        }
    }
}
