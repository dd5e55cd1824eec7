//! Decodes photos and embeds them.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};

use super::crew::{Crew, Member};
use super::{Done, LOOK, Outcome, Pipeline, Waiting};
use crate::embedder::Scratch;
use crate::library::PhotoId;
use crate::work::embed::embed_photo;
use crate::work::photo_file::{Content, Unusable};

/// A thread that decodes and embeds.
#[derive(Clone)]
pub(super) struct Working {
    pub(super) pipeline: Pipeline,
    pub(super) crew: Arc<Crew>,
    pub(super) queue: Arc<Mutex<Receiver<Waiting>>>,
    /// Whether nothing comes any more.
    pub(super) is_over: Arc<AtomicBool>,
    pub(super) claimed: Arc<Mutex<HashSet<PhotoId>>>,
    pub(super) to_collector: SyncSender<Done>,
}

impl Working {
    /// Embeds one photo after the other.
    pub(super) fn run(&self, member: &Member) {
        member.begins();
        let mut scratch = Scratch::default();
        while self.pipeline.goes_on() && !member.is_dismissed() {
            let received = self.queue.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(LOOK);
            match received {
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.is_over.store(true, Ordering::Relaxed);
                    return;
                }
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

/// The switch was turned while a photo was in hand.
struct Stopped;
