//! One person's sealed row: `tag(16) || nonce(24) || XChaCha20-Poly1305(seal_key, nonce, summary(72),
//! AAD = "saring/v1/row" || 0x00 || material || tag)`, 128 bytes.
//!
//! Whoever holds the person's element opens it; nobody else can, nor tell it from padding.

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use rand_core::CryptoRng;

use super::bytes::DecodeError;
use super::derive::SealKey;
use super::limits::{ROW_BYTES, SUMMARY_BYTES};
use super::summary::Summary;

/// A row's bytes, sealed or padding.
pub type Row = [u8; ROW_BYTES];

/// Bytes of a tag: the first half of a locator.
pub const TAG_BYTES: usize = 16;
/// Bytes of a row's nonce.
pub const NONCE_BYTES: usize = 24;
const SEALED_AT: usize = TAG_BYTES + NONCE_BYTES;
const CONTEXT: &[u8] = b"saring/v1/row\0";

/// Why a row does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// Not sealed under this key for this list, epoch and tag, or changed since.
    #[error("the row does not open under this key")]
    Seal,
    /// It opens, but what it says is no summary.
    #[error("the row opens but holds no summary: {0}")]
    Summary(DecodeError),
}

/// Seals `summary` under a fresh nonce of `rng`.
#[must_use]
pub fn seal_row(
    key: &SealKey,
    material: &[u8],
    tag: [u8; TAG_BYTES],
    summary: &Summary,
    rng: &mut impl CryptoRng,
) -> Row {
    let mut nonce = [0; NONCE_BYTES];
    rng.fill_bytes(&mut nonce);
    seal_bytes(key, material, tag, nonce, &summary.to_bytes())
}

/// Opens a row and reads its summary.
///
/// # Errors
/// [`RowError::Seal`] if it was not sealed so, [`RowError::Summary`] if it holds no summary.
pub fn open_row(key: &SealKey, material: &[u8], row: &Row) -> Result<Summary, RowError> {
    Summary::from_bytes(&open_bytes(key, material, row)?).map_err(RowError::Summary)
}

/// Seals 72 bytes under a nonce that this key has never met: fresh random bytes, but for
/// known-answer tests.
///
/// # Panics
/// Never: the cipher takes any message of this length.
#[must_use]
pub fn seal_bytes(
    key: &SealKey,
    material: &[u8],
    tag: [u8; TAG_BYTES],
    nonce: [u8; NONCE_BYTES],
    summary: &[u8; SUMMARY_BYTES],
) -> Row {
    let mut row = [0; ROW_BYTES];
    row[..TAG_BYTES].copy_from_slice(&tag);
    row[TAG_BYTES..SEALED_AT].copy_from_slice(&nonce);
    let body = &mut row[SEALED_AT..SEALED_AT + SUMMARY_BYTES];
    body.copy_from_slice(summary);
    let seal = XChaCha20Poly1305::new(key.expose().into())
        .encrypt_inout_detached(&XNonce::from(nonce), &aad(material, tag), body.into())
        .expect("72 bytes are far below the cipher's limit");
    row[SEALED_AT + SUMMARY_BYTES..].copy_from_slice(&seal);
    row
}

/// Opens a row's 72 bytes without reading them.
///
/// # Errors
/// [`RowError::Seal`] if the row was not sealed under this key for this material and tag.
///
/// # Panics
/// Never: a row's parts have fixed lengths.
pub fn open_bytes(
    key: &SealKey,
    material: &[u8],
    row: &Row,
) -> Result<[u8; SUMMARY_BYTES], RowError> {
    let (tag, rest) = row.split_first_chunk().expect("16 of 128 bytes");
    let (nonce, rest) = rest
        .split_first_chunk::<NONCE_BYTES>()
        .expect("24 of 112 bytes");
    let (sealed, seal) = rest
        .split_first_chunk::<SUMMARY_BYTES>()
        .expect("72 of 88 bytes");
    let seal: [u8; 16] = seal.try_into().expect("16 of 16 bytes");
    let mut summary = *sealed;
    XChaCha20Poly1305::new(key.expose().into())
        .decrypt_inout_detached(
            &XNonce::from(*nonce),
            &aad(material, *tag),
            summary.as_mut_slice().into(),
            &seal.into(),
        )
        .map_err(|_| RowError::Seal)?;
    Ok(summary)
}

fn aad(material: &[u8], tag: [u8; TAG_BYTES]) -> Vec<u8> {
    [CONTEXT, material, &tag].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::summary::tests::any_summary;
    use super::*;

    proptest! {
        #[test]
        fn a_row_opens_as_sealed_and_never_once_a_bit_is_changed(
            summary in any_summary(),
            key: [u8; 32],
            tag: [u8; TAG_BYTES],
            nonce: [u8; NONCE_BYTES],
            bit in 0usize..ROW_BYTES * 8,
        ) {
            let key = SealKey::new(key);
            let row = seal_bytes(&key, b"list\0\x01\0\0\0", tag, nonce, &summary.to_bytes());
            prop_assert_eq!(open_row(&key, b"list\0\x01\0\0\0", &row), Ok(summary));
            prop_assert_eq!(open_row(&key, b"list\0\x02\0\0\0", &row), Err(RowError::Seal));
            let mut changed = row;
            changed[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(open_row(&key, b"list\0\x01\0\0\0", &changed), Err(RowError::Seal));
            let mut other = *key.expose();
            other[bit % 32] ^= 1;
            let other = SealKey::new(other);
            prop_assert_eq!(open_row(&other, b"list\0\x01\0\0\0", &row), Err(RowError::Seal));
        }
    }

    #[test]
    fn a_row_that_holds_no_summary_says_so() {
        let key = SealKey::new([1; 32]);
        let row = seal_bytes(&key, b"m", [2; 16], [3; 24], &[0; SUMMARY_BYTES]);
        assert_eq!(
            open_row(&key, b"m", &row),
            Err(RowError::Summary(DecodeError::WrongContext))
        );
    }
}
