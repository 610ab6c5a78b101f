//! What a new member starts from: the trust root's digest and a code, in one line of text.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::bytes::Writer;
use super::ids::{Digest32, OrgId};
use super::sign::PublicKey;

/// The keys under which a first epoch record is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustRoot {
    /// The registry's key.
    pub registry: PublicKey,
    /// The custodians' keys, in order of their index from 1.
    pub custodians: Vec<PublicKey>,
}

impl TrustRoot {
    /// What an invitation carries.
    #[must_use]
    pub fn digest(&self) -> Digest32 {
        let mut w = Writer::default();
        w.raw(&self.registry.0)
            .u16(u16::try_from(self.custodians.len()).unwrap_or(u16::MAX));
        for custodian in &self.custodians {
            w.raw(&custodian.0);
        }
        Digest32::of("saring/v1/trust-root", &w.finish())
    }
}

/// An invitation's code: 128 random bits, one use. Whoever has it can join in the invited
/// organisation's name, so it is shown once and never logged.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct InvitationCode([u8; 16]);

impl InvitationCode {
    /// A code of 16 random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// What the registry keeps in the code's place.
    #[must_use]
    pub fn digest(&self) -> Digest32 {
        Digest32::of("saring/v1/invitation-code", &self.0)
    }
}

super::schema::schema!(InvitationCode, super::schema::hexadecimal(CODE_BYTES));

impl Serialize for InvitationCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for InvitationCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = zeroize::Zeroizing::new(String::deserialize(deserializer)?);
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes());
        bytes
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("a code has 32 hexadecimal digits"))
    }
}

/// Why a line is not an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvitationError {
    /// Not of the form `saring-invitation-v1:...`.
    #[error("this is not an invitation (saring-invitation-v1:...)")]
    Form,
    /// The check digits do not fit: a typing error.
    #[error("the invitation has a typing error")]
    Check,
}

/// What a person is handed to join: `saring-invitation-v1:<organisation>:<base64url>:<url>`.
///
/// The base64url part holds code(16), trust root digest(32) and the first 4 bytes of the BLAKE3
/// digest over everything else.
#[derive(Clone)]
pub struct Invitation {
    /// Who is invited.
    pub organisation: OrgId,
    /// The registry's address.
    pub url: String,
    /// The digest of the trust root that the registry must show.
    pub trust_root: Digest32,
    /// The code.
    pub code: InvitationCode,
}

const INVITATION_PREFIX: &str = "saring-invitation-v1:";
const CODE_BYTES: usize = 16;
const BODY_BYTES: usize = CODE_BYTES + 32 + 4;

impl Invitation {
    /// The line to hand over.
    #[must_use]
    pub fn to_line(&self) -> zeroize::Zeroizing<String> {
        let mut body = zeroize::Zeroizing::new(Vec::with_capacity(BODY_BYTES));
        body.extend_from_slice(&self.code.0);
        body.extend_from_slice(&self.trust_root.0);
        let check = check(&self.organisation, &self.url, &body);
        body.extend_from_slice(&check);
        let body = zeroize::Zeroizing::new(BASE64URL_NOPAD.encode(&body));
        zeroize::Zeroizing::new(format!(
            "{INVITATION_PREFIX}{}:{}:{}",
            self.organisation, *body, self.url
        ))
    }

    /// Reads what [`Invitation::to_line`] makes, without regard to white space around it.
    ///
    /// # Errors
    /// [`InvitationError::Form`], [`InvitationError::Check`].
    pub fn parse(line: &str) -> Result<Self, InvitationError> {
        let rest = line
            .trim()
            .strip_prefix(INVITATION_PREFIX)
            .ok_or(InvitationError::Form)?;
        let mut parts = rest.splitn(3, ':');
        let mut part = || parts.next().ok_or(InvitationError::Form);
        let organisation = OrgId::parse(part()?).map_err(|_| InvitationError::Form)?;
        let body = BASE64URL_NOPAD.decode(part()?.as_bytes());
        let body = zeroize::Zeroizing::new(body.map_err(|_| InvitationError::Form)?);
        let url = part()?.to_owned();
        let (open, sum) = body.split_last_chunk::<4>().ok_or(InvitationError::Form)?;
        if body.len() != BODY_BYTES {
            return Err(InvitationError::Form);
        }
        if check(&organisation, &url, open) != *sum {
            return Err(InvitationError::Check);
        }
        let (code, root) = open
            .split_first_chunk::<CODE_BYTES>()
            .ok_or(InvitationError::Form)?;
        let trust_root = Digest32(root.try_into().map_err(|_| InvitationError::Form)?);
        Ok(Self {
            organisation,
            url,
            trust_root,
            code: InvitationCode(*code),
        })
    }
}

fn check(organisation: &OrgId, url: &str, open: &[u8]) -> [u8; 4] {
    let mut w = Writer::default();
    w.string(organisation.as_str()).string(url).raw(open);
    let bytes = zeroize::Zeroizing::new(w.finish());
    let [a, b, c, d, ..] = Digest32::of("saring/v1/invitation-check", &bytes).0;
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation() -> Invitation {
        Invitation {
            organisation: OrgId::parse("ksp-maju").expect("an id"),
            url: "https://registry.example:8443".into(),
            trust_root: Digest32([3; 32]),
            code: InvitationCode([4; 16]),
        }
    }

    #[test]
    fn an_invitation_survives_copying_and_no_typing_error_does() {
        let line = invitation().to_line();
        let read = Invitation::parse(&format!("  {}\n", *line)).expect("reads back");
        assert_eq!(read.code.digest(), invitation().code.digest());
        assert_eq!(
            (read.url, read.trust_root),
            (invitation().url, invitation().trust_root)
        );
        for at in INVITATION_PREFIX.len()..line.len() {
            let mut typo = line.as_bytes().to_vec();
            typo[at] = if typo[at] == b'x' { b'y' } else { b'x' };
            let typo = String::from_utf8(typo).expect("ASCII");
            assert!(Invitation::parse(&typo).is_err(), "byte {at}");
        }
    }

    #[test]
    fn the_root_names_every_key_in_order() {
        let key = |byte| PublicKey([byte; 32]);
        let root = |custodians| {
            TrustRoot {
                registry: key(1),
                custodians,
            }
            .digest()
        };
        assert_ne!(root(vec![key(2), key(3)]), root(vec![key(3), key(2)]));
        assert_ne!(root(vec![key(2)]), root(vec![key(2), key(2)]));
    }
}
