//! Runs what every backend must pass, where the machine has the instructions.

use super::super::lanes::judge;
use super::*;

#[test]
fn the_field_is_that_of_big_integers() {
    let Some(set) = Ifma::detect() else {
        return;
    };
    judge::field::<Eight>(set);
}

#[test]
fn its_group_is_the_judges() {
    let Some(set) = Ifma::detect() else {
        return;
    };
    judge::group::<Eight>(set);
}

#[test]
fn its_one_way_map_is_the_judges() {
    let Some(set) = Ifma::detect() else {
        return;
    };
    judge::one_way_map::<Eight>(set);
}

#[test]
fn its_multiples_are_the_judges() {
    let Some(set) = Ifma::detect() else {
        return;
    };
    judge::multiples::<Eight>(set);
}

#[test]
fn its_sums_are_the_judges() {
    let Some(set) = Ifma::detect() else {
        return;
    };
    judge::sums::<Eight>(set);
}

#[test]
fn its_combinations_are_the_judges() {
    let Some(set) = Ifma::detect() else {
        return;
    };
    judge::combinations::<Eight>(set);
}
