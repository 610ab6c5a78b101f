//! Signed reads: who asks to read what. Over HTTP they travel in the header `Saring-Read`.

use super::bytes::{DecodeError, Reader, Writer};
use super::digest::ContentDigest;
use super::ids::{Fingerprint, OrderId, OrgId};
use super::order::{OrderFault, within_window};
use super::sign::{PublicKey, Signature, SigningKey};
use super::time::Timestamp;

/// What starts the bytes of every signed read, closed by a zero byte.
pub const READ_CONTEXT: &str = "saring/v1/read";
/// The HTTP header that carries a signed read.
pub const READ_HEADER: &str = "saring-read";

/// One read, before its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The fingerprint of the registry it is meant for.
    pub audience: Fingerprint,
    /// Who reads.
    pub organisation: OrgId,
    /// The HTTP method, upper case.
    pub method: String,
    /// The path with its query, as sent.
    pub path: String,
    /// SHA-512 of the body (of nothing, for a GET).
    pub body: ContentDigest,
    /// When the read was made.
    pub created_at: Timestamp,
    /// Random; remembered by the server for the length of the window.
    pub nonce: OrderId,
}

impl Read {
    /// The bytes that are signed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_context(READ_CONTEXT);
        w.raw(&self.audience.0).string(self.organisation.as_str());
        w.string(&self.method).string(&self.path).raw(&self.body.0);
        w.time(self.created_at).raw(&self.nonce.0);
        w.finish()
    }

    /// Signs the read.
    #[must_use]
    pub fn sign(self, key: &SigningKey) -> SignedRead {
        let signature = key.sign(&self.to_bytes());
        SignedRead {
            read: self,
            signature,
        }
    }
}

/// A read with its organisation's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRead {
    /// The read.
    pub read: Read,
    /// Ed25519 over [`Read::to_bytes`].
    pub signature: Signature,
}

impl SignedRead {
    /// The value of the header [`READ_HEADER`]: base64url without padding.
    #[must_use]
    pub fn to_header(&self) -> String {
        let mut bytes = self.read.to_bytes();
        bytes.extend_from_slice(&self.signature.0);
        data_encoding::BASE64URL_NOPAD.encode(&bytes)
    }

    /// Reads what [`SignedRead::to_header`] makes. The signature is not verified.
    ///
    /// # Errors
    /// [`DecodeError::WrongContext`] if it is not base64url, else every [`DecodeError`].
    pub fn from_header(text: &str) -> Result<Self, DecodeError> {
        let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes());
        let bytes = bytes.map_err(|_| DecodeError::WrongContext)?;
        let (read, signature) = bytes
            .split_last_chunk::<64>()
            .ok_or(DecodeError::Truncated)?;
        let mut r = Reader::with_context(read, READ_CONTEXT)?;
        let read = Read {
            audience: Fingerprint(r.array()?),
            organisation: OrgId::parse(r.string()?)
                .map_err(|_| DecodeError::Field("organisation"))?,
            method: r.string()?.to_owned(),
            path: r.string()?.to_owned(),
            body: ContentDigest(r.array()?),
            created_at: r.time()?,
            nonce: OrderId(r.array()?),
        };
        r.finish()?;
        Ok(Self {
            read,
            signature: Signature(*signature),
        })
    }

    /// Checks audience, time, what is read and the signature, in this order. That the nonce is new
    /// is the server's to check, after this.
    ///
    /// # Errors
    /// The [`OrderFault`] of the first that does not hold; another method, path or body is
    /// [`OrderFault::Content`].
    pub fn verify(
        &self,
        key: &PublicKey,
        audience: Fingerprint,
        method: &str,
        path: &str,
        body: &ContentDigest,
        now: Timestamp,
    ) -> Result<(), OrderFault> {
        let read = &self.read;
        if read.audience != audience {
            return Err(OrderFault::Audience);
        }
        if !within_window(read.created_at, now) {
            return Err(OrderFault::Stale);
        }
        if read.method != method || read.path != path || read.body != *body {
            return Err(OrderFault::Content);
        }
        key.verify(&read.to_bytes(), &self.signature)
            .map_err(|_| OrderFault::Signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_serves_one_method_path_and_time() {
        let key = SigningKey::from_bytes([1; 32]);
        let audience = key.public_key().fingerprint();
        let read = Read {
            audience,
            organisation: OrgId::parse("ksp-maju").expect("an id"),
            method: "GET".into(),
            path: "/v1/quota?list=a".into(),
            body: ContentDigest::of(b""),
            created_at: Timestamp(0),
            nonce: OrderId([2; 16]),
        };
        let signed = SignedRead::from_header(&read.sign(&key).to_header()).expect("reads back");
        let check = |method, path, body: &[u8], now| {
            let body = ContentDigest::of(body);
            signed.verify(
                &key.public_key(),
                audience,
                method,
                path,
                &body,
                Timestamp(now),
            )
        };
        assert_eq!(check("GET", "/v1/quota?list=a", b"", 0), Ok(()));
        assert_eq!(
            check("POST", "/v1/quota?list=a", b"", 0),
            Err(OrderFault::Content)
        );
        assert_eq!(
            check("GET", "/v1/quota?list=b", b"", 0),
            Err(OrderFault::Content)
        );
        assert_eq!(
            check("GET", "/v1/quota?list=a", b"x", 0),
            Err(OrderFault::Content)
        );
        assert_eq!(
            check("GET", "/v1/quota?list=a", b"", 300_001),
            Err(OrderFault::Stale)
        );
    }
}
