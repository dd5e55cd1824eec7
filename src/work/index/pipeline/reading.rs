//! Reads files and knows them by their content.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::SyncSender;

use super::crew::{Crew, Member};
use super::{Done, Outcome, Pipeline, Waiting};
use crate::library::Location;
use crate::work::Budget;
use crate::work::budget::NoPermit;
use crate::work::photo_file::{Content, SMALL, Unusable};

/// A thread that reads and hashes.
#[derive(Clone)]
pub(super) struct Reading {
    pub(super) pipeline: Pipeline,
    pub(super) crew: Arc<Crew>,
    pub(super) locations: Arc<[Location]>,
    pub(super) next: Arc<AtomicUsize>,
    pub(super) read_ahead: Arc<Budget>,
    pub(super) to_workers: SyncSender<Waiting>,
    pub(super) to_collector: SyncSender<Done>,
}

impl Reading {
    /// Whether every file is read, or is being read.
    pub(super) fn is_over(&self) -> bool {
        self.next.load(Ordering::Relaxed) >= self.locations.len()
    }

    /// Reads one file after the other.
    pub(super) fn run(&self, member: &Member) {
        member.begins();
        while let Some(location) = self.locations.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let sent = match self.read(location) {
                Ok(waiting) => self.to_workers.send(waiting).is_ok(),
                Err(Unusable::Stopped) => false,
                Err(Unusable::Because(why)) => {
                    self.to_collector.send((location.clone(), Outcome::Failed(None, why))).is_ok()
                }
            };
            if !sent || !self.pipeline.goes_on() || member.is_dismissed() {
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
