//! The three numbers of one query. `relevant[i]` says whether rank i + 1 has the query's label.

/// Whether one of the first `k` is relevant: Recall@K of one query in the metric-learning meaning.
pub fn recall_at(relevant: &[bool], k: usize) -> bool {
    relevant.iter().take(k).any(|&hit| hit)
}

/// `(1/R) sum_{i<=R} rel(i)`. Zero when `r` is zero.
pub fn r_precision(relevant: &[bool], r: usize) -> f64 {
    let hits = relevant.iter().take(r).filter(|&&hit| hit).count();
    if r == 0 { 0.0 } else { hits as f64 / r as f64 }
}

/// `(1/R) sum_{i<=R} P(i) rel(i)` with P(i) the precision at i. The divisor is always R. Zero when `r` is zero.
pub fn map_at_r(relevant: &[bool], r: usize) -> f64 {
    let (mut hits, mut sum) = (0.0, 0.0);
    for (hit, rank) in relevant.iter().take(r).zip(1u32..) {
        if *hit {
            hits += 1.0;
            sum += hits / f64::from(rank);
        }
    }
    if r == 0 { 0.0 } else { sum / r as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The project's test vectors: R = 3, ranks as digits, Recall@1, R-precision, MAP@R.
    #[test]
    fn the_test_vectors_come_out() {
        for (digits, recall, precision, map) in [
            ("1010010000", true, 2.0 / 3.0, 0.5556),
            ("0111000000", false, 2.0 / 3.0, 0.3889),
            ("1000000011", true, 1.0 / 3.0, 1.0 / 3.0),
            ("0001110000", false, 0.0, 0.0),
        ] {
            let relevant: Vec<bool> = digits.bytes().map(|digit| digit == b'1').collect();
            assert_eq!(recall_at(&relevant, 1), recall, "{digits}");
            assert!((r_precision(&relevant, 3) - precision).abs() < 1e-4, "{digits}");
            assert!((map_at_r(&relevant, 3) - map).abs() < 1e-4, "{digits}");
        }
    }

    #[test]
    fn the_divisor_is_r_even_when_fewer_ranks_are_given() {
        assert!((r_precision(&[true], 4) - 0.25).abs() < 1e-12);
        assert!((map_at_r(&[true], 4) - 0.25).abs() < 1e-12);
        assert!((map_at_r(&[], 0)).abs() < 1e-12);
        assert!(!recall_at(&[], 10));
    }
}
