//! One run, on its thread.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use super::super::answers::renew;
use super::super::models::tell_models;
use super::super::sentence;
use super::super::stand_back::stand_back;
use super::indexed::Indexed;
use super::teller::{LastStep, Teller};
use super::words::outcome;
use super::{Before, tell, unfinished};
use crate::app::Outbox;
use crate::app::mailbox::guarded;
use crate::library::PhotoId;
use crate::ui::{Message, TrainingNews};
use crate::work::{
    Helm, Library, Neighbors, TrainRequest, TrainingEvent, TrainingReport, WorkError, finish_training, forget_training,
    resume_training, train_model,
};

/// Said of a run that was ended while photos were prepared.
const TOO_EARLY: &str = "it was ended before the first step: nothing was learned, and nothing is kept";

/// Said of one that was ended while it waited to go on.
const AS_BEFORE: &str = "it was ended before it went on: it stands where it stood";
/// The same, when nothing of it was to be kept.
const FORGOTTEN: &str = "it was ended before it went on, and is forgotten";

/// What is to be run.
pub(super) enum What {
    New(Box<TrainRequest>),
    Resume(String),
    Finish(String),
}

/// Everything a run needs.
pub(super) struct Run {
    pub(super) library: Arc<Library>,
    /// Set when another run may begin.
    pub(super) over: Arc<AtomicBool>,
    pub(super) neighbors: Arc<Neighbors>,
    pub(super) helm: Arc<Helm>,
    pub(super) indexed: Arc<Indexed>,
    pub(super) outbox: Outbox,
    pub(super) wrong: Arc<Mutex<HashSet<PhotoId>>>,
    pub(super) before: Before,
    pub(super) last: Arc<LastStep>,
}

impl Run {
    /// Runs it to its end and tells what came of it.
    pub(super) fn go(self, what: What) {
        stand_back();
        let done = guarded("training", || self.train(what)).unwrap_or_else(|why| Err(Some(why)));
        if !self.outbox.is_wanted() {
            return;
        }
        if let Ok(report) = &done
            && report.in_use
            && let Err(error) = renew(&self.neighbors, &self.library, &self.outbox)
        {
            self.outbox.send(Message::Failed(sentence(&error)));
        }
        self.over.store(true, Ordering::Relaxed);
        if let Ok(viewer) = self.library.viewer() {
            match unfinished(&viewer, false) {
                Ok(news) => tell(&self.outbox, news),
                Err(why) => self.outbox.send(Message::Failed(why)),
            }
            tell_models(&viewer, &self.outbox);
        }
        let done = done.map(|report| Box::new(outcome(&report)));
        tell(&self.outbox, TrainingNews::Ended(done.map_err(|why| why.unwrap_or_else(|| TOO_EARLY.to_owned()))));
    }

    /// What is said of a run that was ended while it waited.
    fn given_up(&self, what: &What) -> Option<String> {
        match what {
            What::New(_) => None,
            What::Resume(name) if self.helm.is_discarded() => {
                let forgotten = forget_training(&self.library, name);
                Some(forgotten.err().map_or_else(|| FORGOTTEN.to_owned(), |error| sentence(&error)))
            }
            What::Resume(_) | What::Finish(_) => Some(AS_BEFORE.to_owned()),
        }
    }

    /// The report, or why there is none: without a sentence when it was ended.
    fn train(&self, what: What) -> Result<TrainingReport, Option<String>> {
        let is_wanted = || self.outbox.is_wanted() && !self.helm.is_ended();
        if !self.indexed.wait(is_wanted, || tell(&self.outbox, TrainingNews::Waits)) {
            return Err(self.given_up(&what));
        }
        let shared = self.library.with_threads(share_of_threads());
        let mut teller = Teller::new(self);
        let mut hear = |event: TrainingEvent| {
            if !self.outbox.is_wanted() {
                self.helm.leave();
            }
            teller.hear(event);
            crate::train::Command::Continue
        };
        let report = match what {
            What::New(request) => train_model(&shared, &request, &self.helm, &mut hear),
            What::Resume(name) => resume_training(&shared, Some(&name), &self.helm, &mut hear),
            What::Finish(name) => finish_training(&shared, Some(&name), &self.helm, &mut hear),
        };
        report.map_err(|error| match error {
            WorkError::Stopped => None,
            error => Some(sentence(&error)),
        })
    }
}

/// Threads of a training while the screen is open: one core is left to everything else.
pub(in crate::app::folder) fn share_of_threads() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1)).max(1)
}
