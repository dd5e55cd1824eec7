//! The state of a run on disk, so that a kill costs a minute and a resumed run is the same run.

use std::time::{Duration, Instant};

use crate::train::{Checkpoint, CheckpointError, TrainEvent};
use crate::work::{Library, WorkError, now_unix_s};

/// Checkpoints kept of a run.
const KEPT: usize = 2;

/// Saves the checkpoints of one run.
pub(super) struct Checkpoints<'a> {
    library: &'a Library,
    run: String,
    every: Duration,
    /// When the last one was saved, or tried to be; `None`: there is none yet.
    saved: Option<Instant>,
    failed: Option<WorkError>,
}

impl<'a> Checkpoints<'a> {
    /// Of the run of this name, at least `every` apart. One that goes on has one already; another gets it before its first
    /// step, so that it can be gone on with from then on.
    pub(super) fn of(library: &'a Library, run: &str, every: Duration, goes_on: bool) -> Self {
        Self { library, run: run.to_owned(), every, saved: goes_on.then(Instant::now), failed: None }
    }

    /// Whether this is a good moment for one: between two steps, when the last is long enough ago.
    pub(super) fn is_due(&self, event: &TrainEvent) -> bool {
        match event {
            TrainEvent::Started { .. } => self.saved.is_none(),
            TrainEvent::Step(_) | TrainEvent::Validated { .. } => {
                self.saved.is_none_or(|saved| saved.elapsed() >= self.every)
            }
            _ => false,
        }
    }

    /// Saves one; why it failed (a full disk) is returned, and kept for the end: the run itself goes on.
    pub(super) fn save(&mut self, checkpoint: &Checkpoint) -> Option<String> {
        self.saved = Some(Instant::now());
        let bytes = checkpoint.to_bytes().map_err(|error| WorkError::Train(error.into()));
        let step = checkpoint.progress.step;
        let saved = bytes.and_then(|bytes| {
            let mut store = self.library.store();
            Ok(store.put_checkpoint((&self.run, step), &bytes, KEPT, now_unix_s())?)
        });
        match saved {
            Ok(()) => self.failed = None,
            Err(error) => {
                tracing::error!("the checkpoint of step {step} is not saved: {error}");
                self.failed = Some(error);
            }
        }
        self.failed()
    }

    /// Why the newest checkpoint is not on disk, if it is not.
    pub(super) fn failed(&self) -> Option<String> {
        self.failed.as_ref().map(ToString::to_string)
    }
}

/// The newest checkpoint of a run.
pub(super) fn newest(library: &Library, run: &str) -> Result<Checkpoint, WorkError> {
    let found = library.store().newest_checkpoint(run)?;
    let missing = || CheckpointError::Format("it is gone".to_owned());
    let (_, bytes) = found.ok_or_else(|| WorkError::Train(missing().into()))?;
    Checkpoint::from_bytes(&bytes).map_err(|error| WorkError::Train(error.into()))
}
