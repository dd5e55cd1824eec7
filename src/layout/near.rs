//! The nearest rows of every row, in one piece of memory.

/// Lists of nearest rows, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NearRows {
    /// Where each list ends in `rows` and `distances`.
    ends: Vec<usize>,
    rows: Vec<u32>,
    distances: Vec<f32>,
}

impl NearRows {
    /// No list yet.
    pub const fn new() -> Self {
        Self { ends: Vec::new(), rows: Vec::new(), distances: Vec::new() }
    }

    /// Appends the list of the next row: other rows with their distances, nearest first.
    pub fn push(&mut self, near: impl IntoIterator<Item = (usize, f32)>) {
        for (row, distance) in near {
            self.rows.push(row as u32);
            self.distances.push(distance);
        }
        self.ends.push(self.rows.len());
    }

    /// How many rows have a list.
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether no row has a list.
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The lists in order: rows, and their distances.
    pub(super) fn lists(&self) -> impl Iterator<Item = (&[u32], &[f32])> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| {
            (self.rows.get(start..*end).unwrap_or_default(), self.distances.get(start..*end).unwrap_or_default())
        })
    }
}
