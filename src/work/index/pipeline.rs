//! Read, decode and embed on several threads, with bounded queues; results come out in the order they are ready.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::embedder::{Backbone, Scratch};
use crate::library::{Location, PhotoId};
use crate::work::embed::{Decoded, embed_photo};
use crate::work::{Budget, Cancel, Permit};

/// Threads that only read and hash: two, so that one slow file does not hold up the rest.
const READERS: usize = 2;
/// Files read ahead of the workers may hold this many bytes together.
const READ_AHEAD_BYTES: u64 = 64_000_000;

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

/// What the threads share.
pub(super) struct Pipeline<'a> {
    /// The library folder.
    pub(super) root: &'a Path,
    /// The network.
    pub(super) backbone: &'a dyn Backbone,
    /// The decode budget.
    pub(super) budget: &'a Arc<Budget>,
    /// Threads that decode and embed.
    pub(super) threads: usize,
    /// Whether the store has all of a photo, though it may lie nowhere now.
    pub(super) is_stored: &'a (dyn Fn(PhotoId) -> bool + Sync),
    /// The stop switch.
    pub(super) cancel: &'a Cancel,
}

struct Read {
    location: Location,
    bytes: Vec<u8>,
    id: PhotoId,
    permit: Permit,
}

impl Pipeline<'_> {
    /// Runs `locations` through the threads and hands each result to `collect`, on the calling thread. An error from
    /// `collect` stops the run and is returned.
    pub(super) fn run<E>(
        &self,
        locations: &[Location],
        collect: &mut dyn FnMut(Location, Outcome) -> Result<(), E>,
    ) -> Result<(), E> {
        let (claimed, next) = (Mutex::new(HashSet::new()), AtomicUsize::new(0));
        let read_ahead = Budget::new(READ_AHEAD_BYTES);
        let (to_workers, from_readers) = sync_channel(16 * self.threads);
        let (to_collector, results) = sync_channel(4 * self.threads);
        let from_readers = Mutex::new(from_readers);
        thread::scope(|scope| {
            for _ in 0..READERS {
                let (to_workers, to_collector) = (to_workers.clone(), to_collector.clone());
                let (next, read_ahead) = (&next, &read_ahead);
                scope.spawn(move || self.read(locations, next, read_ahead, &to_workers, &to_collector));
            }
            for _ in 0..self.threads {
                let (from_readers, claimed, to_collector) = (&from_readers, &claimed, to_collector.clone());
                scope.spawn(move || self.work(from_readers, claimed, &to_collector));
            }
            drop((to_workers, to_collector));
            let mut outcome = Ok(());
            for (location, result) in results {
                if outcome.is_ok() {
                    outcome = collect(location, result);
                    if outcome.is_err() {
                        self.cancel.cancel();
                    }
                }
            }
            outcome
        })
    }

    fn read(
        &self,
        locations: &[Location],
        next: &AtomicUsize,
        read_ahead: &Arc<Budget>,
        to_workers: &SyncSender<Read>,
        to_collector: &SyncSender<(Location, Outcome)>,
    ) {
        while let Some(location) = locations.get(next.fetch_add(1, Ordering::Relaxed)) {
            if self.cancel.is_cancelled() {
                return;
            }
            let sent = match self.read_one(location, read_ahead) {
                Ok(read) => to_workers.send(read).is_ok(),
                Err(reason) => to_collector.send((location.clone(), Outcome::Failed(None, reason))).is_ok(),
            };
            if !sent {
                return;
            }
        }
    }

    fn read_one(&self, location: &Location, read_ahead: &Arc<Budget>) -> Result<Read, String> {
        // The whole file is held in memory while it is decoded, so it may not be larger than what decoding may take.
        self.budget.admits(location.size).map_err(|error| error.to_string())?;
        let permit = read_ahead.acquire(location.size.min(READ_AHEAD_BYTES)).map_err(|error| error.to_string())?;
        let bytes = fs::read(self.root.join(&location.path)).map_err(|error| format!("cannot be read: {error}"))?;
        let id = PhotoId::of_content(&bytes);
        Ok(Read { location: location.clone(), bytes, id, permit })
    }

    fn work(
        &self,
        from_readers: &Mutex<Receiver<Read>>,
        claimed: &Mutex<HashSet<PhotoId>>,
        to_collector: &SyncSender<(Location, Outcome)>,
    ) {
        let mut scratch = Scratch::default();
        loop {
            let received = from_readers.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Read { location, bytes, id, permit }) = received else { return };
            if self.cancel.is_cancelled() {
                continue;
            }
            let first = claimed.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
            let outcome = if first { self.embed(id, &bytes, &mut scratch) } else { Outcome::Claimed(id) };
            drop((bytes, permit));
            if to_collector.send((location, outcome)).is_err() {
                return;
            }
        }
    }

    fn embed(&self, id: PhotoId, bytes: &[u8], scratch: &mut Scratch) -> Outcome {
        if (self.is_stored)(id) {
            return Outcome::Stored(id);
        }
        match embed_photo(bytes, self.backbone, self.budget, scratch) {
            Ok(decoded) => Outcome::Embedded(id, Box::new(decoded)),
            Err(reason) => Outcome::Failed(Some(id), reason),
        }
    }
}
