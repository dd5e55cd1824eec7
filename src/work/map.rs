//! The map of a library: principal axes at once, then a layout that keeps neighbours together.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::search::Rows;
use crate::layout::{Descent, FEWEST_ROWS, MapStage, NearRows, Place, principal_places};
use crate::library::PhotoId;
use crate::neighbor::Members;
use crate::work::{Neighbors, WorkError};

/// Neighbours a photo holds on to.
const NEAR: usize = 15;
/// The same library, the same map.
const SEED: u64 = 1;
/// The time between two looks at the map on its way.
const PACE: Duration = Duration::from_millis(300);

/// A look at a map.
#[derive(Clone, Debug)]
pub struct MapLook<'a> {
    /// The photos on the map.
    pub photos: &'a Arc<[PhotoId]>,
    /// Where each of them lies.
    pub places: &'a [Place],
    /// How far the map is.
    pub stage: MapStage,
    /// The model that says what is near.
    pub model: &'a Arc<str>,
}

/// A map of the photos that answered when it was begun. It can be left at any time and gone on with.
pub struct MapJob {
    of: Rows,
    members: Members,
    /// The row of each photo of the map.
    rows: Vec<usize>,
    /// The photo of the map in each row.
    numbers: Vec<usize>,
    photos: Arc<[PhotoId]>,
    model: Arc<str>,
    axes: Vec<Place>,
    near: NearRows,
    descent: Option<Descent>,
}

impl MapJob {
    /// Begins the map of the photos that answer now; `None` while there are none.
    pub fn begin(neighbors: &Neighbors) -> Option<Self> {
        let (of, members, model) = neighbors
            .ask(|searcher| (searcher.rows_of_now(), searcher.members().clone(), Arc::from(searcher.model())))?;
        let rows: Vec<usize> = (0..members.rows()).filter(|row| members.contains(*row)).collect();
        let mut numbers = vec![0; members.rows()];
        for (number, row) in rows.iter().enumerate() {
            if let Some(place) = numbers.get_mut(*row) {
                *place = number;
            }
        }
        let photos = rows.iter().map(|row| members.photo(*row)).collect();
        let axes = principal_places(rows.len(), |number| rows.get(number).map_or(&[][..], |row| members.row(*row)));
        Some(Self { of, members, rows, numbers, photos, model, axes, near: NearRows::new(), descent: None })
    }

    /// Whether the same photos answer, by the same model, as when it was begun.
    pub fn is_of_now(&self, neighbors: &Neighbors) -> bool {
        neighbors.ask(|searcher| searcher.rows_of_now() == self.of).unwrap_or(false)
    }

    /// Goes on until the map is finished, telling it a few times a second. Stops when `go_on` says so, and when other
    /// photos or another model answer: then it must be begun anew.
    pub fn run(
        &mut self,
        neighbors: &Neighbors,
        go_on: &dyn Fn() -> bool,
        tell: &mut dyn FnMut(&MapLook<'_>),
    ) -> Result<(), WorkError> {
        tell(&self.look());
        if self.rows.len() < FEWEST_ROWS {
            return Ok(());
        }
        let mut told = Instant::now();
        while let Some(row) = self.rows.get(self.near.len()) {
            let near = self.nearest(neighbors, *row)?;
            self.near.push(near);
            self.pause(&mut told, go_on, tell)?;
        }
        if self.descent.is_none() {
            self.descent = Some(Descent::new(&self.axes, &self.near, SEED));
        }
        while self.descent.as_mut().is_some_and(Descent::step) {
            self.pause(&mut told, go_on, tell)?;
        }
        tell(&self.look());
        Ok(())
    }

    /// Between two pieces of work: is it time to stop, is it time to tell?
    fn pause(
        &self,
        told: &mut Instant,
        go_on: &dyn Fn() -> bool,
        tell: &mut dyn FnMut(&MapLook<'_>),
    ) -> Result<(), WorkError> {
        if !go_on() {
            return Err(WorkError::Stopped);
        }
        if told.elapsed() >= PACE {
            tell(&self.look());
            *told = Instant::now();
        }
        Ok(())
    }

    /// The map as it is.
    fn look(&self) -> MapLook<'_> {
        let (places, stage) = match &self.descent {
            Some(descent) => (descent.places(), arranging(descent)),
            None if self.rows.len() < FEWEST_ROWS => (&*self.axes, MapStage::Axes),
            None => (&*self.axes, MapStage::Searching { done: self.near.len(), of: self.rows.len() }),
        };
        MapLook { photos: &self.photos, places, stage, model: &self.model }
    }

    /// The nearest photos of the map to the photo of a row, by their numbers on the map. Each question is one of many
    /// that the index answers: whoever asks for neighbours meanwhile gets a turn.
    fn nearest(&self, neighbors: &Neighbors, row: usize) -> Result<Vec<(usize, f32)>, WorkError> {
        let answer = neighbors.ask(|searcher| {
            (searcher.rows_of_now() == self.of).then(|| searcher.nearest_rows(self.members.row(row), row, NEAR))
        });
        let answer = answer.flatten().ok_or(WorkError::Stopped)??;
        let number = |near: &crate::neighbor::Neighbor| Some((*self.numbers.get(near.row)?, near.distance));
        Ok(answer.neighbors.iter().filter_map(number).collect())
    }
}

fn arranging(descent: &Descent) -> MapStage {
    match descent.progress() {
        (done, of) if done < of => MapStage::Arranging { done, of },
        _ => MapStage::Arranged,
    }
}
