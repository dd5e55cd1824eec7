//! A query answered by the model in training, while it trains: the person sees the own neighbours change.
//!
//! The weights in training embed the query and some candidates; what goes into them (features, activations or pixels)
//! is got ready once for each query, beside the training, for as many candidates as a second allows. A look changes
//! nothing of the run: no random number is drawn and no state is kept.

use std::cell::OnceCell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use half::f16;

use super::RunPlan;
use super::start::{Model, Start};
use crate::embedder::{Lite, Scratch, View};
use crate::embedding::EmbeddingMatrix;
use crate::library::PhotoId;
use crate::neighbor::{Gallery, LinearScan, Neighbor, NeighborIndex};
use crate::train::{Depth, Inputs};
use crate::work::each_photo::Originals;
use crate::work::{Cancel, Helm, Library, Viewer, WorkError};

/// Time for getting the inputs of one query's candidates ready.
const READY_WITHIN: Duration = Duration::from_secs(1);
/// Between two looks, at least.
const PAUSE: Duration = Duration::from_millis(200);
/// A look may cost a tenth of the time until the next one.
const SHARE: u32 = 10;

/// A query and the photos among which it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// The query.
    pub query: PhotoId,
    /// The candidates, the likeliest first, without the query.
    pub among: Vec<PhotoId>,
}

/// What the model in training answers.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveAnswer {
    /// The query.
    pub query: PhotoId,
    /// Steps taken by the model.
    pub step: u64,
    /// All candidates that could be embedded, nearest first.
    pub neighbors: Vec<Neighbor>,
}

/// The inputs of a query (the first) and its candidates.
struct Ready {
    number: u64,
    photos: Vec<PhotoId>,
    inputs: Inputs,
}

/// When the last look was, what it cost, and at what.
#[derive(Default)]
struct Looked {
    last: Option<Instant>,
    cost: Duration,
    /// Number of the query, and step.
    at: (u64, u64),
}

/// The looks at one run.
pub(super) struct Live<'a> {
    library: &'a Library,
    plan: &'a RunPlan,
    start: &'a Start,
    ready: Mutex<Option<Arc<Ready>>>,
    looked: Mutex<Looked>,
}

impl<'a> Live<'a> {
    /// At the run of this plan.
    pub(super) fn new(library: &'a Library, plan: &'a RunPlan, start: &'a Start) -> Self {
        Self { library, plan, start, ready: Mutex::default(), looked: Mutex::default() }
    }

    /// Gets the inputs of whatever is watched ready, until the run is over. Runs beside the training.
    pub(super) fn prepare(&self, helm: &Helm) {
        let mut known = 0;
        while let Some((number, watched)) = helm.next_watched(known) {
            known = number;
            let made = watched.map_or(Ok(None), |watched| self.inputs(number, &watched, &|| helm.is_watched(number)));
            let made = made.unwrap_or_else(|error| {
                tracing::warn!("the query cannot be watched: {error}");
                None
            });
            *self.ready.lock().unwrap_or_else(PoisonError::into_inner) = made.map(Arc::new);
            helm.wake();
        }
    }

    /// The answer of `model` at this step, unless there is none yet, it is the same as before, or it would cost too much.
    pub(super) fn look(&self, model: &Model<'_>, step: u64, at_any_cost: bool) -> Option<LiveAnswer> {
        let ready = Arc::clone(self.ready.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?);
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        if looked.last.is_some() && looked.at == (ready.number, step) {
            return None;
        }
        let wait = PAUSE.max(looked.cost * SHARE);
        if !at_any_cost && looked.at.0 == ready.number && looked.last.is_some_and(|last| last.elapsed() < wait) {
            return None;
        }
        let began = Instant::now();
        let answer = answer(model, &ready, step);
        *looked = Looked { last: Some(Instant::now()), cost: began.elapsed(), at: (ready.number, step) };
        answer.map_err(|error| tracing::warn!("the query cannot be answered: {error}")).ok()
    }

    fn inputs(&self, number: u64, watched: &Watched, go_on: &dyn Fn() -> bool) -> Result<Option<Ready>, WorkError> {
        let source = Source::of(self.library, self.plan, self.start)?;
        let mut scratch = Scratch::default();
        gathered(number, watched, go_on, |photo| source.of_photo(photo, &mut scratch))
    }
}

/// What `of_photo` gives for the query and its candidates, for as long as it is wanted and there is time. `None`: another
/// query was chosen before there was anything.
fn gathered(
    number: u64,
    watched: &Watched,
    go_on: &dyn Fn() -> bool,
    mut of_photo: impl FnMut(PhotoId) -> Result<Vec<f32>, String>,
) -> Result<Option<Ready>, WorkError> {
    let (mut photos, mut inputs, began) = (Vec::new(), Inputs::default(), Instant::now());
    for photo in std::iter::once(&watched.query).chain(&watched.among) {
        if !go_on() || (photos.len() > 1 && began.elapsed() > READY_WITHIN) {
            break;
        }
        match of_photo(*photo) {
            Ok(numbers) => {
                inputs.push(&numbers);
                photos.push(*photo);
            }
            Err(reason) if photos.is_empty() => return Err(WorkError::Unwatchable(reason)),
            Err(reason) => tracing::debug!("no candidate: {reason}"),
        }
    }
    Ok((!photos.is_empty()).then_some(Ready { number, photos, inputs }))
}

fn answer(model: &Model<'_>, ready: &Ready, step: u64) -> Result<LiveAnswer, WorkError> {
    let rows: EmbeddingMatrix = model.embed(&ready.inputs)?;
    let (Some(&query), Some(row)) = (ready.photos.first(), rows.rows().next().map(<[f32]>::to_vec)) else {
        return Err(WorkError::Stopped);
    };
    let count = ready.photos.len();
    let scan = LinearScan::new(Arc::new(Gallery::new(ready.photos.clone(), rows)?));
    let answer = scan.nearest(&row, count, &|other| other != 0)?;
    Ok(LiveAnswer { query, step, neighbors: answer.neighbors })
}

/// Where the inputs of photos come from that need not be in the training set.
struct Source<'a> {
    viewer: Viewer,
    plan: &'a RunPlan,
    start: &'a Start,
    /// Where photos lie, once one has to be read.
    originals: OnceCell<Result<Originals, String>>,
}

impl<'a> Source<'a> {
    fn of(library: &Library, plan: &'a RunPlan, start: &'a Start) -> Result<Self, WorkError> {
        Ok(Self { viewer: library.viewer()?, plan, start, originals: OnceCell::new() })
    }

    fn originals(&self) -> Result<&Originals, String> {
        let side = self.viewer.backbone().shorter_side();
        let all = || Originals::of(&self.viewer, side).map_err(|error| error.to_string());
        self.originals.get_or_init(all).as_ref().map_err(Clone::clone)
    }

    fn of_photo(&self, photo: PhotoId, scratch: &mut Scratch) -> Result<Vec<f32>, String> {
        match self.plan.depth {
            Depth::Head => self.features(photo, scratch),
            Depth::Tail => self.activations(photo, scratch),
            Depth::Full => self
                .originals()?
                .with(photo, &Cancel::default(), |pixels| Ok(self.lite()?.view(pixels, &View::PLAIN)))?,
        }
    }

    fn lite(&self) -> Result<&Lite, String> {
        self.viewer.backbone().lite().ok_or_else(|| "the network cannot be trained".to_owned())
    }

    fn features(&self, photo: PhotoId, scratch: &mut Scratch) -> Result<Vec<f32>, String> {
        let (parent, backbone) = (&self.start.parent, self.viewer.backbone());
        if parent.uses(backbone) {
            let found = self.viewer.reader().features_of(backbone.id(), &[photo]).map_err(|error| error.to_string())?;
            return found.into_iter().flatten().next().ok_or_else(|| "it has no features".to_owned());
        }
        let network = &parent.network;
        let image = self.originals()?.with(photo, &Cancel::default(), |pixels| network.preprocess(pixels))?;
        network.features(&image, scratch).map_err(|error| error.to_string())
    }

    /// The same numbers whether the cache has them or not.
    fn activations(&self, photo: PhotoId, scratch: &mut Scratch) -> Result<Vec<f32>, String> {
        let (lite, cut) = (self.lite()?, self.plan.cut);
        let layer = format!("{}/{cut}", lite.base_id());
        let kept = self.viewer.reader().activation(&layer, photo, 0).map_err(|error| error.to_string())?;
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let image = self.originals()?.with(photo, &Cancel::default(), |pixels| lite.view(pixels, &View::PLAIN))?;
        let numbers = lite.activations(&image, cut, scratch).map_err(|error| error.to_string())?;
        Ok(numbers.into_iter().map(|v| f16::from_f32(v).to_f32()).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const fn photo(number: u8) -> PhotoId {
        PhotoId::from_bytes([number; 32])
    }

    /// What is got ready of a query 0 with candidates 1 to 4, of which 2 cannot be read, when another query is chosen after
    /// so many photos.
    fn ready_until(chosen: usize) -> Option<Vec<PhotoId>> {
        let watched = Watched { query: photo(0), among: (1..5).map(photo).collect() };
        let asked = Cell::new(0);
        let go_on = || asked.replace(asked.get() + 1) < chosen;
        let of_photo = |id| if id == photo(2) { Err("it is broken".to_owned()) } else { Ok(vec![1.0, 2.0]) };
        gathered(7, &watched, &go_on, of_photo).unwrap().map(|ready| ready.photos)
    }

    #[test]
    fn a_query_that_is_left_before_its_first_photo_is_ready_is_no_query_without_photos() {
        let photos = |numbers: &[u8]| Some(numbers.iter().copied().map(photo).collect());
        let expected =
            [None, photos(&[0]), photos(&[0, 1]), photos(&[0, 1]), photos(&[0, 1, 3]), photos(&[0, 1, 3, 4])];
        assert_eq!([0, 1, 2, 3, 4, 5].map(ready_until), expected);
    }

    #[test]
    fn a_query_that_cannot_be_read_says_why() {
        let watched = Watched { query: photo(0), among: vec![photo(1)] };
        let refused = gathered(7, &watched, &|| true, |_| Err("it is broken".to_owned())).err().unwrap();
        assert!(refused.to_string().contains("it is broken"), "{refused}");
    }
}
