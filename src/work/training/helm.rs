//! How a training is steered from other threads: between two steps it looks here what is wished.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::live::Watched;
use crate::library::PhotoId;
use crate::train::Settings;
use crate::triplet::{Margin, Mining};
use crate::work::Cancel;

/// How often a paused run looks whether anybody is left who could let it go on.
const GLANCE: Duration = Duration::from_millis(100);

/// What can be changed between two steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steered {
    /// Full learning rate of the head.
    pub learning_rate: f64,
    /// By how much negatives should be farther.
    pub margin: Margin,
    /// Which triplets count.
    pub mining: Mining,
    /// P.
    pub labels_per_batch: usize,
    /// K.
    pub photos_per_label: usize,
}

impl Steered {
    /// What of these settings can be changed.
    pub const fn of(settings: &Settings) -> Self {
        let Settings { learning_rate, margin, mining, labels_per_batch, photos_per_label, .. } = *settings;
        Self { learning_rate, margin, mining, labels_per_batch, photos_per_label }
    }

    /// `settings` with these in their place.
    pub(super) const fn put_into(self, settings: Settings) -> Settings {
        let Self { learning_rate, margin, mining, labels_per_batch, photos_per_label } = self;
        Settings { labels_per_batch, photos_per_label, learning_rate, mining, margin, ..settings }
    }
}

/// How a run is to end before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The best so far is judged and saved, and the run can go on.
    Stop,
    /// Neither a model nor the run is kept.
    Discard,
    /// The run is kept as it stands: nobody is there for a result.
    Leave,
}

/// Something to be done between two steps, in its turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wish {
    Change(Steered),
    Checkpoint,
    GoBack,
    /// Other photos are left out.
    LeaveOut,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Next {
    Step,
    Do(Wish),
    End(End),
    /// Wait, and look here again: it is paused.
    Wait,
}

#[derive(Default)]
struct State {
    paused: bool,
    gentle: bool,
    ended: bool,
    end: Option<End>,
    wishes: VecDeque<Wish>,
    /// Photos with the label that is wrong, once anybody has said which.
    left_out: Option<Arc<BTreeSet<(PhotoId, String)>>>,
    /// What is watched, and how often that has changed.
    watched: (u64, Option<Arc<Watched>>),
}

/// The helm of one run, shared by those who steer and the thread that trains.
pub struct Helm {
    cancel: Cancel,
    /// Whether anybody is left who waits for the run; `None`: nobody steers it, and it goes on to the end.
    wanted: Option<Box<dyn Fn() -> bool + Send + Sync>>,
    state: Mutex<State>,
    changed: Condvar,
}

impl Helm {
    /// Of a run that nobody steers: `cancel` stops it, and keeps the best so far.
    pub fn of(cancel: &Cancel) -> Self {
        Self { cancel: cancel.clone(), wanted: None, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Of a run with somebody at the helm, for as long as they are `wanted`: it asks them what to do when the embedding
    /// has collapsed or diverged, and is left where it stands (saved, to go on later) when nobody is there any more.
    pub fn steered(wanted: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self { wanted: Some(Box::new(wanted)), ..Self::of(&Cancel::default()) }
    }

    /// Take no further step until told to go on.
    pub fn pause(&self) {
        self.set(|state| state.paused = true);
    }

    /// Go on after a pause.
    pub fn go_on(&self) {
        self.set(|state| state.paused = false);
    }

    /// End after the step in hand and keep the best so far. While photos are prepared or embedded, end that.
    pub fn stop(&self) {
        self.end(End::Stop);
    }

    /// End after the step in hand and keep nothing.
    pub fn discard(&self) {
        self.end(End::Discard);
    }

    /// End after the step in hand and keep the run, to be gone on with.
    pub fn leave(&self) {
        self.end(End::Leave);
    }

    /// Other settings from the next step on.
    pub fn change(&self, steered: Steered) {
        self.set(|state| state.wishes.push_back(Wish::Change(steered)));
    }

    /// Go on without the photos that have these labels, which are wrong, and with all others.
    pub fn leave_out(&self, wrong: BTreeSet<(PhotoId, String)>) {
        self.set(|state| {
            state.left_out = Some(Arc::new(wrong));
            state.wishes.push_back(Wish::LeaveOut);
        });
    }

    /// The run is back at an earlier state, in which other photos may be left out.
    pub(super) fn went_back(&self) {
        self.set(|state| {
            let wish = state.left_out.is_some().then_some(Wish::LeaveOut);
            state.wishes.extend(wish);
        });
    }

    /// Photos that are to be left out where they have this label.
    pub(super) fn left_out(&self) -> Option<Arc<BTreeSet<(PhotoId, String)>>> {
        self.state().left_out.clone()
    }

    /// Save a checkpoint before the next step.
    pub fn checkpoint(&self) {
        self.set(|state| state.wishes.push_back(Wish::Checkpoint));
    }

    /// Back to the last good state, with half the learning rate.
    pub fn go_back(&self) {
        self.set(|state| {
            state.wishes.push_back(Wish::GoBack);
            state.paused = false;
        });
    }

    /// Rest between steps, or not. It changes how long steps take and nothing else.
    pub fn gentle(&self, gentle: bool) {
        self.set(|state| state.gentle = gentle);
    }

    /// Answer this query by the model in training from now on; `None`: no query.
    pub fn watch(&self, watched: Option<Watched>) {
        self.set(|state| state.watched = (state.watched.0 + 1, watched.map(Arc::new)));
    }

    /// Whether it was asked to keep nothing.
    pub fn is_discarded(&self) -> bool {
        self.state().end == Some(End::Discard)
    }

    /// Whether it was told to end, or nobody is there any more.
    pub fn is_ended(&self) -> bool {
        self.ends().is_some()
    }

    /// The switch that ends what is not a step: preparing photos, embedding the library.
    pub(super) const fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Whether somebody steers.
    pub(super) const fn is_steered(&self) -> bool {
        self.wanted.is_some()
    }

    /// Whether nobody is there any more.
    pub(super) fn is_left(&self) -> bool {
        self.wanted.as_ref().is_some_and(|wanted| !wanted()) || self.state().end == Some(End::Leave)
    }

    /// How the run was told to end.
    pub(super) fn ends(&self) -> Option<End> {
        if self.is_left() { Some(End::Leave) } else { self.state().end }
    }

    /// What comes next.
    pub(super) fn next(&self) -> Next {
        if let Some(end) = self.ends() {
            return Next::End(end);
        }
        if self.cancel.is_cancelled() {
            return Next::End(End::Stop);
        }
        let mut state = self.state();
        match state.wishes.pop_front() {
            Some(wish) => Next::Do(wish),
            None if state.paused => Next::Wait,
            None => Next::Step,
        }
    }

    /// Waits until something is wished, or for `patience`.
    pub(super) fn wait(&self, patience: Duration) {
        let state = self.state();
        if state.end.is_none() && state.wishes.is_empty() {
            drop(self.changed.wait_timeout(state, patience));
        }
    }

    /// Waits a moment of a pause.
    pub(super) fn wait_paused(&self) {
        if self.state().paused {
            self.wait(GLANCE);
        }
    }

    /// Whether to rest between steps.
    pub(super) fn is_gentle(&self) -> bool {
        self.state().gentle
    }

    /// What is watched, once that is another than number `known`; `None` when the run is over.
    pub(super) fn next_watched(&self, known: u64) -> Option<(u64, Option<Arc<Watched>>)> {
        let mut state = self.state();
        while !state.ended && state.watched.0 == known {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        (!state.ended).then(|| state.watched.clone())
    }

    /// Whether what is watched is still number `number`.
    pub(super) fn is_watched(&self, number: u64) -> bool {
        let state = self.state();
        !state.ended && state.watched.0 == number
    }

    /// Wakes whoever waits: something is ready.
    pub(super) fn wake(&self) {
        self.changed.notify_all();
    }

    /// The last step is taken.
    pub(super) fn close(&self) {
        self.set(|state| state.ended = true);
    }

    fn end(&self, end: End) {
        // In a phase that takes no steps the switch ends it; between steps the kind of end comes first.
        self.set(|state| state.end = Some(end));
        self.cancel.cancel();
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
