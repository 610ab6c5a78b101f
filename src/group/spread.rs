//! Spreads a batch over the caller's rayon pool, in pieces that are worth a task. Results are
//! written in place, so that no copy of a secret one is left behind.

use curve25519_dalek::RistrettoPoint;
use curve25519_dalek::traits::Identity;
use rayon::prelude::*;

use crate::machine::between_pieces;

/// Elements one core works on before another is worth waking: about 2 ms. Whole groups of lanes.
const ELEMENTS_PER_TASK: usize = 128;
/// Elements in one piece of a sum: longer pieces need fewer additions for each element.
const ELEMENTS_PER_SUM: usize = 4096;

/// One result for each input, in order: `work` overwrites `blank` in matching pieces.
pub(super) fn spread<I: Sync, O: Clone + Send>(
    inputs: &[I],
    blank: O,
    work: impl Fn(&[I], &mut [O]) + Sync,
) -> Vec<O> {
    let mut out = vec![blank; inputs.len()];
    spread_into(inputs, &mut out, work);
    out
}

/// [`spread`] into a slice that is there.
pub(super) fn spread_into<I: Sync, O: Send>(
    inputs: &[I],
    out: &mut [O],
    work: impl Fn(&[I], &mut [O]) + Sync,
) {
    assert_eq!(inputs.len(), out.len(), "one output for each input");
    if inputs.len() <= ELEMENTS_PER_TASK {
        return work(inputs, out);
    }
    inputs
        .par_chunks(ELEMENTS_PER_TASK)
        .zip(out.par_chunks_mut(ELEMENTS_PER_TASK))
        .for_each(|(inputs, out)| {
            between_pieces();
            work(inputs, out);
        });
}

/// [`spread`] over two slices of one length.
pub(super) fn spread_pairs<L: Sync, R: Sync, O: Clone + Send>(
    left: &[L],
    right: &[R],
    blank: O,
    work: impl Fn(&[L], &[R], &mut [O]) + Sync,
) -> Vec<O> {
    assert_eq!(left.len(), right.len(), "slices of one length");
    let mut out = vec![blank; left.len()];
    if left.len() <= ELEMENTS_PER_TASK {
        work(left, right, &mut out);
    } else {
        left.par_chunks(ELEMENTS_PER_TASK)
            .zip(right.par_chunks(ELEMENTS_PER_TASK))
            .zip(out.par_chunks_mut(ELEMENTS_PER_TASK))
            .for_each(|((left, right), out)| {
                between_pieces();
                work(left, right, out);
            });
    }
    out
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
        .map(|(left, right)| {
            between_pieces();
            work(left, right)
        })
        .reduce(RistrettoPoint::identity, |left, right| left + right)
}
