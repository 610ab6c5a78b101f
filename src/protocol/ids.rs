//! Names and numbers of things.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::limits::{MAX_ID_BYTES, MAX_OFFICER_BYTES, MIN_ID_BYTES};

/// Why a text is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not 3 to 48 characters of `[a-z0-9-]`.
    #[error("an id has 3 to 48 characters, each of a-z, 0-9 or -")]
    Name,
    /// Not 1 to 64 printable ASCII characters.
    #[error("an officer's id has 1 to 64 printable ASCII characters")]
    Officer,
    /// Not the right count of hexadecimal digits.
    #[error("not the right count of hexadecimal digits")]
    Hex,
}

macro_rules! name_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(Box<str>);

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl $name {
            /// Parses 3 to 48 characters of `[a-z0-9-]`.
            ///
            /// # Errors
            /// [`IdError::Name`] otherwise.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
                let fits = (MIN_ID_BYTES..=MAX_ID_BYTES).contains(&text.len());
                if fits && text.bytes().all(plain) { Ok(Self(text.into())) } else { Err(IdError::Name) }
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        text_conversions!($name);
        super::schema::schema!($name, super::schema::text(
            "^[a-z0-9-]{3,48}$",
            MIN_ID_BYTES,
            MAX_ID_BYTES,
            "an id: 3 to 48 characters of a-z, 0-9 and -",
        ));
    };
}

macro_rules! text_conversions {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(&text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }
    };
}

name_id! {
    /// A list's id: `[a-z0-9-]{3,48}`.
    ListId
}
name_id! {
    /// An organisation's id: `[a-z0-9-]{3,48}`.
    OrgId
}

/// Who within an organisation gave an order: 1 to 64 printable ASCII characters, a staff number or
/// a service's name (not a person's name or NIK).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OfficerId(Box<str>);

impl OfficerId {
    /// Parses 1 to 64 printable ASCII characters without spaces.
    ///
    /// # Errors
    /// [`IdError::Officer`] otherwise, and for any run of 16 digits: it could be a NIK.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let digits = text
            .as_bytes()
            .windows(16)
            .any(|w| w.iter().all(u8::is_ascii_digit));
        let fits = (1..=MAX_OFFICER_BYTES).contains(&text.len());
        if fits && !digits && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(text.into()))
        } else {
            Err(IdError::Officer)
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_conversions!(OfficerId);
super::schema::schema!(
    OfficerId,
    super::schema::text(
        "^[!-~]{1,64}$",
        1,
        MAX_OFFICER_BYTES,
        "who within the organisation: a staff number or a service's name, no person's name or NIK",
    )
);

macro_rules! byte_id {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $length]);

        impl $name {
            /// How many bytes it has.
            pub const BYTES: usize = $length;

            /// Parses lower-case or upper-case hexadecimal digits, two a byte.
            ///
            /// # Errors
            /// [`IdError::Hex`] otherwise.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes());
                bytes.ok().and_then(|b| b.try_into().ok()).map(Self).ok_or(IdError::Hex)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serde::ser::SerializeTuple::end(self.0.iter().try_fold(
                        serde::Serializer::serialize_tuple(serializer, $length)?,
                        |mut tuple, byte| {
                            serde::ser::SerializeTuple::serialize_element(&mut tuple, byte)?;
                            Ok(tuple)
                        },
                    )?)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Bytes;
                impl<'de> serde::de::Visitor<'de> for Bytes {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        write!(f, "{} bytes, in text as {} hexadecimal digits", $length, 2 * $length)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        $name::parse(text).map_err(E::custom)
                    }

                    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<$name, A::Error> {
                        let mut bytes = [0u8; $length];
                        for (at, byte) in bytes.iter_mut().enumerate() {
                            *byte = seq
                                .next_element()?
                                .ok_or_else(|| serde::de::Error::invalid_length(at, &self))?;
                        }
                        Ok($name(bytes))
                    }
                }
                if deserializer.is_human_readable() {
                    deserializer.deserialize_str(Bytes)
                } else {
                    deserializer.deserialize_tuple($length, Bytes)
                }
            }
        }

        $crate::protocol::schema::schema!($name, $crate::protocol::schema::hexadecimal($length));
    };
}

pub(super) use byte_id;

byte_id! {
    /// A listing's id: 16 random bytes, made by the registry, the same across rotations.
    EntryId, 16
}
byte_id! {
    /// An order's random id: what makes a repeated write the same write.
    OrderId, 16
}
byte_id! {
    /// A job's random id: the charges of one job's chunks belong together.
    JobId, 16
}
byte_id! {
    /// Where a person stands in a list's epoch: 32 bytes that nobody can compute from a NIK without
    /// the list's key.
    Locator, 32
}
byte_id! {
    /// A BLAKE3 digest of 32 bytes.
    Digest32, 32
}
byte_id! {
    /// A public key's fingerprint: the BLAKE3 hash of its context and its 32 bytes.
    Fingerprint, 32
}

impl Locator {
    /// The first `bits` bits, big-endian: the bucket (`bits` at most 32).
    #[must_use]
    pub const fn bucket(&self, bits: u8) -> u32 {
        let head = u32::from_be_bytes([self.0[0], self.0[1], self.0[2], self.0[3]]);
        if bits == 0 {
            0
        } else {
            head >> (32 - bits as u32)
        }
    }

    /// Bytes 0 to 15: what a row shows.
    #[must_use]
    pub fn tag(&self) -> [u8; 16] {
        std::array::from_fn(|at| self.0[at])
    }

    /// Bytes 16 to 23 as a little-endian integer: what a snapshot holds.
    #[must_use]
    pub fn filter_key(&self) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|at| self.0[16 + at]))
    }
}

/// The number of a list's key: the first is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u32);

super::schema::schema!(Epoch, <u32 as utoipa::PartialSchema>::schema());

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a list's entries are made from. A list has exactly one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ListKind {
    /// The oblivious PRF of the NIK.
    #[serde(rename = "oprf/nik")]
    OprfNik,
    /// The oblivious PRF of a keyed hash of the NIK.
    #[serde(rename = "oprf/keyed")]
    OprfKeyed,
    /// HMAC-SHA256 of the NIK under a key that the members hold.
    #[serde(rename = "hash/hmac-sha256")]
    HashHmacSha256,
    /// Keyed BLAKE3 of the NIK under a key that the members hold.
    #[serde(rename = "hash/blake3")]
    HashBlake3,
}

impl ListKind {
    /// Every kind, in order of its number.
    pub const ALL: [Self; 4] = [
        Self::OprfNik,
        Self::OprfKeyed,
        Self::HashHmacSha256,
        Self::HashBlake3,
    ];

    /// The name that JSON and the command line carry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OprfNik => "oprf/nik",
            Self::OprfKeyed => "oprf/keyed",
            Self::HashHmacSha256 => "hash/hmac-sha256",
            Self::HashBlake3 => "hash/blake3",
        }
    }

    /// The number that signed bytes carry: 1 to 4.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::OprfNik => 1,
            Self::OprfKeyed => 2,
            Self::HashHmacSha256 => 3,
            Self::HashBlake3 => 4,
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The kind of a number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// Whether entries are made by an evaluation, metered, under a key that no member holds.
    #[must_use]
    pub const fn is_oprf(self) -> bool {
        matches!(self, Self::OprfNik | Self::OprfKeyed)
    }
}

super::schema::schema!(
    ListKind,
    super::schema::one_of(ListKind::ALL.iter().map(|kind| kind.as_str()))
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_their_alphabet() {
        assert!(ListId::parse("peminjam-macet").is_ok());
        for bad in [
            "",
            "ab",
            "Peminjam",
            "a b c",
            "a/b",
            &"a".repeat(49),
            "naïf",
        ] {
            assert_eq!(ListId::parse(bad), Err(IdError::Name), "{bad}");
        }
        assert_eq!(OfficerId::parse("3515144508680002"), Err(IdError::Officer));
        assert!(OfficerId::parse("petugas-07").is_ok());
    }

    #[test]
    fn byte_ids_round_trip_in_text_and_in_bytes() {
        let id = EntryId([7; 16]);
        let json = serde_json::to_string(&id).expect("serialises");
        assert_eq!(json, format!("\"{}\"", "07".repeat(16)));
        assert_eq!(serde_json::from_str::<EntryId>(&json).expect("parses"), id);
        assert!(serde_json::from_str::<EntryId>("\"07\"").is_err());
        let bytes = postcard::to_stdvec(&id).expect("serialises");
        assert_eq!(bytes, [7; 16]);
        assert_eq!(postcard::from_bytes::<EntryId>(&bytes).expect("parses"), id);
    }
}
