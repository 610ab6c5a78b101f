//! Judges of numbers: whether two samples can be told apart, and whether bytes are even.

/// The area under the curve of the best threshold between two samples: 0.5 cannot tell them apart,
/// 1 always can, whichever is the greater. Equal values count half (Mann and Whitney 1947).
pub(crate) fn separation(left: &[f64], right: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = left.iter().map(|value| (*value, true)).collect();
    all.extend(right.iter().map(|value| (*value, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut ranks, mut at) = (0.0, 0);
    while at < all.len() {
        let equal = all[at..].iter().take_while(|one| one.0 == all[at].0);
        let equal = equal.count();
        // Ranks count from 1; equal values share their mean.
        let rank = at as f64 + (equal as f64 + 1.0) / 2.0;
        let of_left = all[at..at + equal].iter().filter(|one| one.1).count();
        ranks += rank * of_left as f64;
        at += equal;
    }
    let (m, n) = (left.len() as f64, right.len() as f64);
    let area = (ranks - m * (m + 1.0) / 2.0) / (m * n);
    area.max(1.0 - area)
}

/// The most that [`separation`] may say of two samples of `count` each: 0.52, or what chance alone
/// passes once in 150,000 times at a smaller count (4.5 standard deviations; the variance of the
/// area for samples of one distribution is (2n + 1) / 12 n^2).
pub(crate) fn separation_bar(count: usize) -> f64 {
    let n = count as f64;
    let deviation = ((2.0 * n + 1.0) / (12.0 * n * n)).sqrt();
    (0.5 + 4.5 * deviation).max(0.52)
}

/// How many standard deviations the chi-square statistic of `counts` is above what even counts
/// give (Wilson and Hilferty 1931).
pub(crate) fn unevenness(counts: &[u64]) -> f64 {
    let total: u64 = counts.iter().sum();
    let expected = total as f64 / counts.len() as f64;
    let square = |count: &u64| (*count as f64 - expected).powi(2) / expected;
    let statistic: f64 = counts.iter().map(square).sum();
    let freedom = counts.len() as f64 - 1.0;
    let spread = 2.0 / (9.0 * freedom);
    ((statistic / freedom).cbrt() - (1.0 - spread)) / spread.sqrt()
}

#[test]
fn statistics_know_the_same_from_the_different() {
    let even: Vec<f64> = (0..1_000).map(f64::from).collect();
    let shifted: Vec<f64> = even.iter().map(|value| value + 1_000.0).collect();
    assert!((separation(&even, &even) - 0.5).abs() < 1e-9);
    assert!((separation(&even, &shifted) - 1.0).abs() < 1e-9);
    assert!((separation(&shifted, &even) - 1.0).abs() < 1e-9);
    // One of two lies above, the other among them: 3/4.
    assert!((separation(&[1.0, 3.0], &[2.0, 2.0]) - 0.5).abs() < 1e-9);
    assert!((separation(&[2.0, 3.0], &[2.0, 2.0]) - 0.75).abs() < 1e-9);
    assert!(separation_bar(100_000) == 0.52 && separation_bar(100) > 0.6);
    assert!(unevenness(&[1_000; 256]) < 0.0);
    let mut one_more = [1_000; 256];
    one_more[7] = 2_000;
    assert!(unevenness(&one_more) > 4.0);
}
