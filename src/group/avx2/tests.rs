//! Runs what every backend must pass, where the machine has the instructions.

use super::super::lanes::judge;
use super::*;

#[test]
fn the_field_is_that_of_big_integers() {
    let Some(set) = Avx2::detect() else {
        return;
    };
    judge::field::<Four>(set);
}

#[test]
fn its_group_is_the_judges() {
    let Some(set) = Avx2::detect() else {
        return;
    };
    judge::group::<Four>(set);
}

#[test]
fn its_one_way_map_is_the_judges() {
    let Some(set) = Avx2::detect() else {
        return;
    };
    judge::one_way_map::<Four>(set);
}

#[test]
fn its_multiples_are_the_judges() {
    let Some(set) = Avx2::detect() else {
        return;
    };
    judge::multiples::<Four>(set);
}

#[test]
fn its_sums_are_the_judges() {
    let Some(set) = Avx2::detect() else {
        return;
    };
    judge::sums::<Four>(set);
}

#[test]
fn its_combinations_are_the_judges() {
    let Some(set) = Avx2::detect() else {
        return;
    };
    judge::combinations::<Four>(set);
}
