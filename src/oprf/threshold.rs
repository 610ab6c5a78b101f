//! Shamir shares of a list's key (t of n), and Lagrange coefficients.

use rand_core::CryptoRng;

use super::keys::{PrivateKey, Share};
use super::{MAX_CUSTODIANS, OprfError};
use crate::group::{PublicScalar, Scalar};

/// Splits `key` into n shares of which any t evaluate as the key does. A dealer sees the whole
/// key, so it is for tests, and for n = 1; the record says how a key was made.
///
/// # Errors
/// [`OprfError::ThresholdOutOfRange`], and [`OprfError::Group`] when a share is zero, which happens by
/// chance once in 2^252.
pub fn deal(
    key: PrivateKey,
    threshold: u8,
    count: u8,
    rng: &mut impl CryptoRng,
) -> Result<Vec<Share>, OprfError> {
    check_threshold(threshold, count)?;
    let mut coefficients = vec![key.into_scalar()];
    coefficients.extend((1..threshold).map(|_| Scalar::random(rng)));
    (1..=count)
        .map(|index| {
            let share = Scalar::polynomial(&coefficients, &PublicScalar::from(u64::from(index)))?;
            Share::new(index, PrivateKey::from(share))
        })
        .collect()
}

/// The coefficients with which values at `indices` of a polynomial of degree `indices.len() - 1`
/// give its value `at` a place: `f(at) = sum(lambda[i] * f(indices[i]))`.
///
/// # Errors
/// [`OprfError::RepeatedIndex`].
pub fn lagrange(indices: &[u8], at: u8) -> Result<Vec<PublicScalar>, OprfError> {
    let place = |index: u8| PublicScalar::from(u64::from(index));
    let coefficient = |&own: &u8| {
        let mut numerator = PublicScalar::ONE;
        let mut denominator = PublicScalar::ONE;
        let others = indices.iter().filter(|&&other| other != own);
        if others.clone().count() + 1 != indices.len() {
            return Err(OprfError::RepeatedIndex { index: own });
        }
        for &other in others {
            numerator = numerator.product(place(at).difference(place(other)));
            denominator = denominator.product(place(own).difference(place(other)));
        }
        Ok(numerator.product(denominator.inverse()?))
    };
    indices.iter().map(coefficient).collect()
}

/// `1 <= t <= n <= MAX_CUSTODIANS`.
pub(super) fn check_threshold(threshold: u8, count: u8) -> Result<(), OprfError> {
    if threshold == 0 || threshold > count || count > MAX_CUSTODIANS {
        return Err(OprfError::ThresholdOutOfRange);
    }
    Ok(())
}
