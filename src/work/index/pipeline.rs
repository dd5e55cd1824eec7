//! Read, decode and embed on several threads, with bounded queues; results come out in the order they are ready.
//!
//! What is held at once is bounded whatever the folder: small files that wait share [`READ_AHEAD_BYTES`], pictures being
//! decoded share the library's decode budget, and large files are not held at all but read while they are decoded.
//!
//! A file that comes slowly holds up its own thread only, and after a second another thread takes the place of that one
//! ([`Crew`]). So the rest goes on until dozens of files have stalled (of large ones, which are read a second time while they
//! are decoded, [`SPARE_WORKERS`] more than there are workers), or until those that have hold all of a budget.
//!
//! A stop is answered at once: nobody waits for the threads. Each of them ends at its next look at the switch, which for
//! all but a few decoders is some milliseconds later, and what it has in hand is dropped.

mod crew;
mod reading;
mod working;

use std::any::Any;
use std::io;
use std::panic::resume_unwind;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::embedder::Backbone;
use crate::library::{Location, PhotoId};
use crate::work::embed::Decoded;
use crate::work::photo_file::{Content, Files};
use crate::work::{Budget, Cancel, Permit, WorkError};
use crew::{Crew, Watched};
use reading::Reading;
use working::Working;

/// Threads that only read and hash, so that slow files do not hold up the rest: one of them is enough to keep the others
/// busy.
const READERS: usize = 4;
/// Readers that may wait for files beside those: what they hold is counted among the bytes read ahead.
const SPARE_READERS: usize = 28;
/// Workers that may wait for files beside those that are at work: each keeps the memory of its network.
const SPARE_WORKERS: usize = 4;
/// Files read ahead of the workers may hold this many bytes together.
const READ_AHEAD_BYTES: u64 = 64_000_000;
/// Who has waited so long for a file has stalled.
pub(super) const STALLED: Duration = Duration::from_secs(1);
/// Who waits for something looks this often at the stop switch.
const LOOK: Duration = Duration::from_millis(50);

/// What became of one file.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A photo seen for the first time, embedded.
    Embedded(PhotoId, Box<Decoded>),
    /// The content of a photo that is in the store with all that belongs to it.
    Stored(PhotoId),
    /// The content of a photo that another worker has, or had, in hand.
    Claimed(PhotoId),
    /// It could not be used, for this reason; the identity is known when the bytes could be read.
    Failed(Option<PhotoId>, String),
}

/// Whether the store has all of a photo, though it may lie nowhere now.
pub(super) type IsStored = dyn Fn(PhotoId) -> bool + Send + Sync;

/// What the threads share.
#[derive(Clone)]
pub(super) struct Pipeline {
    /// Where the files are.
    pub(super) files: Arc<dyn Files>,
    /// The network.
    pub(super) backbone: Arc<dyn Backbone>,
    /// The decode budget.
    pub(super) budget: Arc<Budget>,
    /// Threads that decode and embed.
    pub(super) threads: usize,
    /// Whose wait for a file has lasted so long is replaced by another thread.
    pub(super) stalled: Duration,
    /// Whether a photo need not be embedded.
    pub(super) is_stored: Arc<IsStored>,
    /// The stop switch.
    pub(super) cancel: Cancel,
}

/// A file on its way from a reader to a worker.
struct Waiting {
    location: Location,
    content: Content,
    id: PhotoId,
    /// Its part of the bytes read ahead.
    share: Permit,
}

/// What a thread says that panics.
type Panic = Box<dyn Any + Send>;

/// What comes out at the end.
type Done = (Location, Outcome);

impl Pipeline {
    /// Runs `locations` through the threads and hands each result to `collect`, on the calling thread; in between, and
    /// whenever nothing came for a while, `collect` gets `None`. An error from it stops the run and is returned.
    ///
    /// Once stopped, results that are there are still collected, and then this returns, whatever the threads do.
    pub(super) fn run(
        &self,
        locations: Vec<Location>,
        collect: &mut dyn FnMut(Option<Done>) -> Result<(), WorkError>,
    ) -> Result<(), WorkError> {
        let (to_collector, results) = sync_channel(4 * self.threads);
        let number = locations.len();
        let mut threads = self.threads(locations.into(), to_collector);
        let outcome = self.collect(number, &mut threads, &results, collect);
        if outcome.is_err() {
            self.cancel.cancel();
        }
        if !self.cancel.is_cancelled() {
            threads.join();
        }
        outcome
    }

    /// The threads of a run, none of them started.
    fn threads(&self, locations: Arc<[Location]>, to_collector: SyncSender<Done>) -> Threads {
        let (to_workers, queue) = sync_channel(16 * self.threads);
        let pipeline = Self { files: Arc::new(Watched(Arc::clone(&self.files))), ..self.clone() };
        let worker = Working {
            pipeline: pipeline.clone(),
            crew: Crew::new(self.threads, SPARE_WORKERS, self.stalled),
            queue: Arc::new(Mutex::new(queue)),
            is_over: Arc::default(),
            claimed: Arc::default(),
            to_collector: to_collector.clone(),
        };
        let reader = Reading {
            pipeline,
            crew: Crew::new(READERS, SPARE_READERS, self.stalled),
            locations,
            next: Arc::default(),
            read_ahead: Budget::new(READ_AHEAD_BYTES),
            to_workers,
            to_collector,
        };
        Threads { all: Vec::new(), panic: None, reader: Some(reader), worker }
    }

    fn collect(
        &self,
        mut left: usize,
        threads: &mut Threads,
        results: &Receiver<Done>,
        collect: &mut dyn FnMut(Option<Done>) -> Result<(), WorkError>,
    ) -> Result<(), WorkError> {
        let mut looked = None::<Instant>;
        while left > 0 && !self.cancel.is_cancelled() {
            if looked.is_none_or(|looked| looked.elapsed() >= LOOK) {
                looked = Some(Instant::now());
                threads.fill_up()?;
            }
            match results.recv_timeout(LOOK) {
                Ok(done) => {
                    left -= 1;
                    collect(Some(done))?;
                }
                Err(RecvTimeoutError::Timeout) => {
                    collect(None)?;
                    if threads.have_ended() {
                        // One has failed with a file in hand, which nobody will tell of any more.
                        break;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        results.try_iter().try_for_each(|done| collect(Some(done)))
    }

    fn goes_on(&self) -> bool {
        !self.cancel.is_cancelled()
    }
}

/// The threads of a run.
struct Threads {
    /// Those that have not ended, as far as was looked.
    all: Vec<JoinHandle<()>>,
    /// What the first of them that panicked said.
    panic: Option<Panic>,
    /// What another reader begins with, while there is something to read.
    reader: Option<Reading>,
    /// What another worker begins with.
    worker: Working,
}

impl Threads {
    /// Starts those that are missing: all of them at first, later one for each that waits for a file. Those that have ended
    /// are let go, with their stacks: on a slow disk there is one for nearly every file.
    fn fill_up(&mut self) -> Result<(), WorkError> {
        for thread in self.all.extract_if(.., |thread| thread.is_finished()) {
            self.panic = self.panic.take().or(thread.join().err());
        }
        self.reader.take_if(|reader| reader.is_over());
        if let Some(reader) = &self.reader {
            for _ in 0..reader.crew.missing() {
                let (crew, reader, member) = (&reader.crew, reader.clone(), reader.crew.member());
                self.all.extend(needed(started("reader", move || reader.run(&member)), crew)?);
            }
        }
        if !self.worker.is_over.load(Ordering::Relaxed) {
            for _ in 0..self.worker.crew.missing() {
                let (crew, worker, member) = (&self.worker.crew, self.worker.clone(), self.worker.crew.member());
                self.all.extend(needed(started("embedder", move || worker.run(&member)), crew)?);
            }
        }
        Ok(())
    }

    fn have_ended(&self) -> bool {
        self.all.iter().all(JoinHandle::is_finished)
    }

    /// Waits for all of them, once everything is read.
    fn join(self) {
        let Self { all, mut panic, reader, worker } = self;
        // What they wait for ends when nobody else could send it.
        drop((reader, worker));
        for thread in all {
            panic = panic.or(thread.join().err());
        }
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }
}

fn started(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(work)
}

/// Another thread of a crew. That the system refuses it matters only where nobody else is there.
fn needed(started: io::Result<JoinHandle<()>>, crew: &Crew) -> Result<Option<JoinHandle<()>>, WorkError> {
    match started {
        Ok(thread) => Ok(Some(thread)),
        Err(error) if crew.is_empty() => Err(WorkError::Threads(error.to_string())),
        Err(error) => {
            tracing::debug!(%error, "no other thread can be started: it goes on with those that are there");
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests;
