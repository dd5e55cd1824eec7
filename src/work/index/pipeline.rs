//! Read, decode and embed on several threads, with bounded queues; results come out in the order they are ready.
//!
//! What is held at once is bounded whatever the folder: small files that wait share [`READ_AHEAD_BYTES`], pictures being
//! decoded share the library's decode budget, and large files are not held at all but read while they are decoded.
//!
//! A file that comes slowly holds up its own thread only: the rest goes on while another reader and another worker are free.
//! So four files that stall at the same moment hold up everything, and so do as many large ones as there are workers (one
//! alone, with one thread) when they stall later: those are read a second time while they are decoded.
//!
//! A stop is answered at once: nobody waits for the threads. Each of them ends at its next look at the switch, which for
//! all but a few decoders is some milliseconds later, and what it has in hand is dropped.

use std::collections::HashSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::embedder::{Backbone, Scratch};
use crate::library::{Location, PhotoId};
use crate::work::budget::NoPermit;
use crate::work::embed::{Decoded, embed_photo};
use crate::work::photo_file::{Content, Files, SMALL, Unusable};
use crate::work::{Budget, Cancel, Permit, WorkError};

/// Threads that only read and hash, so that slow files do not hold up the rest: one of them is enough to keep the others
/// busy.
const READERS: usize = 4;
/// Files read ahead of the workers may hold this many bytes together.
const READ_AHEAD_BYTES: u64 = 64_000_000;
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
        let threads = self.start(&locations.into(), &to_collector)?;
        drop(to_collector);
        let outcome = self.collect(&results, collect);
        if outcome.is_err() {
            self.cancel.cancel();
        }
        if !self.cancel.is_cancelled() {
            for thread in threads {
                thread.join().unwrap_or_else(|panic| resume_unwind(panic));
            }
        }
        outcome
    }

    fn start(
        &self,
        locations: &Arc<[Location]>,
        to_collector: &SyncSender<Done>,
    ) -> Result<Vec<JoinHandle<()>>, WorkError> {
        let (to_workers, queue) = sync_channel(16 * self.threads);
        let (queue, claimed) = (Arc::new(Mutex::new(queue)), Arc::new(Mutex::new(HashSet::new())));
        let (next, read_ahead) = (Arc::new(AtomicUsize::new(0)), Budget::new(READ_AHEAD_BYTES));
        let named = |name: &str| thread::Builder::new().name(name.to_owned());
        let mut threads = Vec::new();
        for _ in 0..READERS {
            let reader = Reading {
                pipeline: self.clone(),
                locations: Arc::clone(locations),
                next: Arc::clone(&next),
                read_ahead: Arc::clone(&read_ahead),
                to_workers: to_workers.clone(),
                to_collector: to_collector.clone(),
            };
            threads.push(named("reader").spawn(move || reader.run()).map_err(|error| no_thread(&error))?);
        }
        for _ in 0..self.threads {
            let worker = Working {
                pipeline: self.clone(),
                queue: Arc::clone(&queue),
                claimed: Arc::clone(&claimed),
                to_collector: to_collector.clone(),
            };
            threads.push(named("embedder").spawn(move || worker.run()).map_err(|error| no_thread(&error))?);
        }
        Ok(threads)
    }

    fn collect(
        &self,
        results: &Receiver<Done>,
        collect: &mut dyn FnMut(Option<Done>) -> Result<(), WorkError>,
    ) -> Result<(), WorkError> {
        while !self.cancel.is_cancelled() {
            match results.recv_timeout(LOOK) {
                Ok(done) => collect(Some(done))?,
                Err(RecvTimeoutError::Timeout) => collect(None)?,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
        results.try_iter().try_for_each(|done| collect(Some(done)))
    }

    fn goes_on(&self) -> bool {
        !self.cancel.is_cancelled()
    }
}

/// A thread that reads and hashes.
struct Reading {
    pipeline: Pipeline,
    locations: Arc<[Location]>,
    next: Arc<AtomicUsize>,
    read_ahead: Arc<Budget>,
    to_workers: SyncSender<Waiting>,
    to_collector: SyncSender<Done>,
}

impl Reading {
    fn run(&self) {
        while let Some(location) = self.locations.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let sent = match self.read(location) {
                Ok(waiting) => self.to_workers.send(waiting).is_ok(),
                Err(Unusable::Stopped) => false,
                Err(Unusable::Because(why)) => {
                    self.to_collector.send((location.clone(), Outcome::Failed(None, why))).is_ok()
                }
            };
            if !sent || !self.pipeline.goes_on() {
                return;
            }
        }
    }

    fn read(&self, location: &Location) -> Result<Waiting, Unusable> {
        let go_on = || self.pipeline.goes_on();
        // A large file holds nothing while it waits; to be read, it takes as much as it shows of itself.
        let share = self.read_ahead.acquire(location.size.min(SMALL), &go_on).map_err(|refusal| match refusal {
            NoPermit::Stopped => Unusable::Stopped,
            NoPermit::TooLarge(why) => Unusable::Because(why.to_string()),
        })?;
        let file = self.pipeline.files.open(&location.path).map_err(|error| Unusable::unread(&error, &go_on))?;
        let (content, id) = Content::read(file, &go_on)?;
        let share = match content {
            Content::Small(_) => share,
            Content::Large(_) => self.read_ahead.nothing(),
        };
        Ok(Waiting { location: location.clone(), content, id, share })
    }
}

/// A thread that decodes and embeds.
struct Working {
    pipeline: Pipeline,
    queue: Arc<Mutex<Receiver<Waiting>>>,
    claimed: Arc<Mutex<HashSet<PhotoId>>>,
    to_collector: SyncSender<Done>,
}

impl Working {
    fn run(&self) {
        let mut scratch = Scratch::default();
        while self.pipeline.goes_on() {
            let received = self.queue.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(LOOK);
            match received {
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
                Ok(Waiting { location, mut content, id, share }) => {
                    let first = self.claimed.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
                    let outcome =
                        if first { self.embed(id, &mut content, &mut scratch) } else { Ok(Outcome::Claimed(id)) };
                    drop((content, share));
                    let Ok(outcome) = outcome else { return };
                    if self.to_collector.send((location, outcome)).is_err() {
                        return;
                    }
                }
            }
        }
    }

    fn embed(&self, id: PhotoId, content: &mut Content, scratch: &mut Scratch) -> Result<Outcome, Stopped> {
        let Pipeline { backbone, budget, is_stored, .. } = &self.pipeline;
        if is_stored(id) {
            return Ok(Outcome::Stored(id));
        }
        let go_on = || self.pipeline.goes_on();
        let embedded = catch_unwind(AssertUnwindSafe(|| embed_photo(content, &**backbone, budget, scratch, &go_on)));
        match embedded {
            Ok(Ok(decoded)) => Ok(Outcome::Embedded(id, Box::new(decoded))),
            Ok(Err(Unusable::Because(why))) => Ok(Outcome::Failed(Some(id), why)),
            Ok(Err(Unusable::Stopped)) => Err(Stopped),
            Err(_) => {
                *scratch = Scratch::default();
                Ok(Outcome::Failed(Some(id), "embedding it failed; please report this file".to_owned()))
            }
        }
    }
}

fn no_thread(error: &io::Error) -> WorkError {
    WorkError::Threads(error.to_string())
}

/// The switch was turned while a photo was in hand.
struct Stopped;

#[cfg(test)]
mod tests;
