//! A run of any length in bounded memory: neighbouring steps share a bucket, and when all buckets are in use, each two
//! become one.

/// Buckets kept at most.
pub(super) const MOST: usize = 512;

/// Some values of one curve. What is not a number is no value but a gap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Summary {
    pub(super) least: f64,
    pub(super) most: f64,
    sum: f64,
    count: u64,
    gaps: u64,
}

impl Summary {
    const EMPTY: Self = Self { least: f64::INFINITY, most: f64::NEG_INFINITY, sum: 0.0, count: 0, gaps: 0 };

    /// Of one value, or of a gap.
    pub(super) fn of(value: Option<f64>) -> Self {
        match value.filter(|value| value.is_finite()) {
            Some(value) => Self { least: value, most: value, sum: value, count: 1, gaps: 0 },
            None => Self { gaps: 1, ..Self::EMPTY },
        }
    }

    /// Of the values of both.
    fn with(&self, other: &Self) -> Self {
        Self {
            least: self.least.min(other.least),
            most: self.most.max(other.most),
            sum: self.sum + other.sum,
            count: self.count + other.count,
            gaps: self.gaps + other.gaps,
        }
    }

    /// Their mean; `None`: there is no number among them.
    pub(super) fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }

    /// Whether a value is missing.
    pub(super) const fn has_gap(&self) -> bool {
        self.gaps > 0
    }
}

/// Neighbouring steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bucket<const N: usize> {
    pub(super) from: u64,
    pub(super) to: u64,
    steps: u64,
    pub(super) curves: [Summary; N],
}

impl<const N: usize> Bucket<N> {
    fn absorb(&mut self, later: &Self) {
        self.to = later.to;
        self.steps += later.steps;
        for (curve, more) in self.curves.iter_mut().zip(&later.curves) {
            *curve = curve.with(more);
        }
    }
}

/// `N` curves over one axis that only grows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Buckets<const N: usize> {
    /// Steps in a full bucket.
    capacity: u64,
    all: Vec<Bucket<N>>,
}

impl<const N: usize> Default for Buckets<N> {
    fn default() -> Self {
        Self { capacity: 1, all: Vec::new() }
    }
}

impl<const N: usize> Buckets<N> {
    /// Adds the values at `x`.
    pub(super) fn push(&mut self, x: u64, values: [Option<f64>; N]) {
        let new = Bucket { from: x, to: x, steps: 1, curves: values.map(Summary::of) };
        if let Some(last) = self.all.last_mut().filter(|last| last.steps < self.capacity) {
            last.absorb(&new);
            return;
        }
        if self.all.len() >= MOST {
            self.halve();
        }
        self.all.push(new);
    }

    /// Makes one of each two.
    fn halve(&mut self) {
        let merged = self.all.chunks(2).filter_map(|pair| {
            let (first, later) = pair.split_first()?;
            let mut bucket = *first;
            for later in later {
                bucket.absorb(later);
            }
            Some(bucket)
        });
        self.all = merged.collect();
        self.capacity *= 2;
    }

    /// All of them, in order.
    pub(super) fn all(&self) -> &[Bucket<N>] {
        &self.all
    }

    /// The bucket at `x`, or the nearest before it.
    pub(super) fn at(&self, x: u64) -> Option<&Bucket<N>> {
        let after = self.all.partition_point(|bucket| bucket.from <= x);
        self.all.get(after.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(values: &[f64]) -> Buckets<1> {
        let mut buckets = Buckets::default();
        values.iter().zip(0..).for_each(|(value, x)| buckets.push(x, [Some(*value)]));
        buckets
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn nothing_is_lost_but_detail(values in prop::collection::vec(prop_oneof![9 => -1e3..1e3f64, 1 => Just(f64::NAN)], 1..5_000)) {
            let buckets = filled(&values);
            prop_assert!(buckets.all().len() <= MOST);
            let whole = buckets.all().iter().fold(Summary::EMPTY, |sum, bucket| sum.with(&bucket.curves[0]));
            let numbers: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
            prop_assert_eq!(whole.count as usize, numbers.len());
            prop_assert_eq!(whole.gaps as usize, values.len() - numbers.len());
            prop_assert_eq!(whole.least.to_bits(), numbers.iter().copied().fold(f64::INFINITY, f64::min).to_bits());
            prop_assert_eq!(whole.most.to_bits(), numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max).to_bits());
            prop_assert!((whole.sum - numbers.iter().sum::<f64>()).abs() < 1e-6 * (1.0 + whole.sum.abs()));
            prop_assert_eq!((buckets.all()[0].from, buckets.all().last().unwrap().to), (0, values.len() as u64 - 1));
            prop_assert!(buckets.all().windows(2).all(|two| two[0].to + 1 == two[1].from), "no step is missing or twice");
            for x in [0, values.len() as u64 / 2, values.len() as u64 - 1] {
                let bucket = buckets.at(x).unwrap();
                prop_assert!(bucket.from <= x && x <= bucket.to);
            }
        }
    }

    #[test]
    fn a_hundred_thousand_steps_need_no_more_memory_than_five_hundred() {
        let buckets = filled(&vec![1.0; 100_000]);
        assert!(buckets.all().len() <= MOST && buckets.all.capacity() <= 2 * MOST, "{}", buckets.all.capacity());
        assert_eq!(buckets.all().iter().map(|bucket| bucket.steps).sum::<u64>(), 100_000);
    }

    #[test]
    fn a_gap_is_no_number() {
        let mut buckets = Buckets::<1>::default();
        buckets.push(1, [None]);
        buckets.push(2, [Some(f64::INFINITY)]);
        assert!(buckets.all().iter().all(|bucket| bucket.curves[0].has_gap() && bucket.curves[0].mean().is_none()));
        assert_eq!(Buckets::<1>::default().at(7), None);
    }
}
