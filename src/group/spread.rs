//! Spreads a batch over the caller's rayon pool, in pieces that are worth a task.

use curve25519_dalek::RistrettoPoint;
use curve25519_dalek::traits::Identity;
use rayon::prelude::*;

/// Elements one core works on before another is worth waking: about 2 ms.
const ELEMENTS_PER_TASK: usize = 128;
/// Elements in one piece of a sum: longer pieces need fewer additions for each element.
const ELEMENTS_PER_SUM: usize = 4096;

/// `work` on pieces of `inputs`, the results in order.
pub(super) fn spread<I: Sync, O: Send>(
    inputs: &[I],
    work: impl Fn(&[I]) -> Vec<O> + Sync,
) -> Vec<O> {
    if inputs.len() <= ELEMENTS_PER_TASK {
        return work(inputs);
    }
    inputs
        .par_chunks(ELEMENTS_PER_TASK)
        .flat_map_iter(&work)
        .collect()
}

/// `work` on matching pieces of two slices of one length, the results in order.
pub(super) fn spread_pairs<L: Sync, R: Sync, O: Send>(
    left: &[L],
    right: &[R],
    work: impl Fn(&[L], &[R]) -> Vec<O> + Sync,
) -> Vec<O> {
    assert_eq!(left.len(), right.len(), "slices of one length");
    if left.len() <= ELEMENTS_PER_TASK {
        return work(left, right);
    }
    left.par_chunks(ELEMENTS_PER_TASK)
        .zip(right.par_chunks(ELEMENTS_PER_TASK))
        .flat_map_iter(|(left, right)| work(left, right))
        .collect()
}

/// The sum of `work` over matching pieces of two slices of one length.
pub(super) fn sum<L: Sync, R: Sync>(
    left: &[L],
    right: &[R],
    work: impl Fn(&[L], &[R]) -> RistrettoPoint + Sync,
) -> RistrettoPoint {
    if left.len() <= ELEMENTS_PER_SUM {
        return work(left, right);
    }
    left.par_chunks(ELEMENTS_PER_SUM)
        .zip(right.par_chunks(ELEMENTS_PER_SUM))
        .map(|(left, right)| work(left, right))
        .reduce(RistrettoPoint::identity, |left, right| left + right)
}
