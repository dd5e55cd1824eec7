//! Bins of the two histograms of distances.

use crate::triplet::Histogram;

/// The distances that a bin holds; what lies beyond the last is in it too.
pub(super) fn limits(of: &Histogram, bin: usize) -> (f64, f64) {
    let width = of.upper / of.counts.len().max(1) as f64;
    let is_last = bin + 1 >= of.counts.len();
    (bin as f64 * width, if is_last { f64::INFINITY } else { (bin + 1) as f64 * width })
}

/// Pairs in all bins.
pub(super) fn pairs(of: &Histogram) -> u64 {
    of.counts.iter().map(|count| u64::from(*count)).sum()
}

/// The share of all pairs in each of `columns` equal parts.
pub(super) fn shares(of: &Histogram, columns: usize) -> Vec<f64> {
    let (bins, all) = (of.counts.len(), pairs(of).max(1) as f64);
    let part = |column: usize| {
        let from = column * bins / columns.max(1);
        let to = ((column + 1) * bins / columns.max(1)).max(from + 1);
        let count: u64 = of.counts.iter().take(to).skip(from).map(|count| u64::from(*count)).sum();
        count as f64 / all / (to - from) as f64
    };
    (0..columns).map(part).collect()
}

/// The column that shows a bin.
pub(super) fn column_of(bin: usize, bins: usize, columns: usize) -> usize {
    let middle = (2 * bin + 1) * columns / (2 * bins.max(1));
    middle.min(columns.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_and_columns_find_each_other() {
        let histogram = Histogram { upper: 2.0, counts: vec![0, 4, 0, 12] };
        assert_eq!(limits(&histogram, 1), (0.5, 1.0));
        assert_eq!(limits(&histogram, 3), (1.5, f64::INFINITY));
        assert_eq!(shares(&histogram, 4), [0.0, 0.25, 0.0, 0.75]);
        assert_eq!(shares(&histogram, 2), [0.125, 0.375]);
        assert_eq!(shares(&histogram, 8), [0.0, 0.0, 0.25, 0.25, 0.0, 0.0, 0.75, 0.75]);
        assert_eq!([0, 1, 2, 3].map(|bin| column_of(bin, 4, 8)), [1, 3, 5, 7]);
        assert_eq!([0, 1, 2, 3].map(|bin| column_of(bin, 4, 2)), [0, 0, 1, 1]);
        assert_eq!(shares(&Histogram { upper: 0.0, counts: vec![] }, 3), [0.0; 3]);
        assert_eq!(column_of(0, 0, 0), 0);
    }
}
