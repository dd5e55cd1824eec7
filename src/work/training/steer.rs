//! Between two steps: what the loop says is told, checkpoints are saved, and what is wished at the [`Helm`] is done.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::checkpoints::Checkpoints;
use super::helm::{End, Next, Wish};
use super::live::Live;
use super::start::Model;
use super::{Helm, Steered, TrainingEvent, TrainingObserver, TrainingPhotos};
use crate::train::{Command, LONGEST_REST, Settings, TrainEvent};
use crate::triplet::GuardState;

/// Photos after which the pace of a run is known.
const ENOUGH_PHOTOS: usize = 256;

/// The ear of one run.
pub(super) struct Steer<'a, 'o, 'c> {
    helm: &'a Helm,
    checkpoints: &'a mut Checkpoints<'c>,
    live: &'a Live<'a>,
    model: &'a Model<'a>,
    photos: &'a TrainingPhotos,
    observer: &'a mut TrainingObserver<'o>,
    settings: Settings,
    step: u64,
    state: GuardState,
    /// The rate from which the half is taken once it is back at the last good state.
    going_back_from: Option<f64>,
    /// Whether it was told that no step is taken.
    is_paused: bool,
    /// When the loop went on last.
    since: Instant,
    /// Time of the steps so far, and their photos.
    spent: (Duration, usize),
}

impl<'a, 'o, 'c> Steer<'a, 'o, 'c> {
    /// Of a run with these settings.
    pub(super) fn new(
        helm: &'a Helm,
        checkpoints: &'a mut Checkpoints<'c>,
        (live, model, photos): (&'a Live<'a>, &'a Model<'a>, &'a TrainingPhotos),
        observer: &'a mut TrainingObserver<'o>,
        settings: Settings,
    ) -> Self {
        let (step, state, since) = (0, GuardState::Untrained, Instant::now());
        Self {
            helm,
            checkpoints,
            live,
            model,
            photos,
            observer,
            settings,
            step,
            state,
            going_back_from: None,
            is_paused: false,
            since,
            spent: (Duration::ZERO, 0),
        }
    }

    /// Whether the state is one that a person would go back to.
    pub(super) const fn is_good(&self) -> bool {
        !matches!(self.state, GuardState::Collapsed | GuardState::Diverged)
    }

    /// Seconds of a step for each of its photos, once there were enough to tell.
    pub(super) fn seconds_a_photo(&self) -> Option<f64> {
        let (time, photos) = self.spent;
        (photos >= ENOUGH_PHOTOS).then(|| time.as_secs_f64() / photos as f64)
    }

    /// Hears an event of the loop and says what to do.
    pub(super) fn hear(&mut self, event: TrainEvent) -> Command {
        let took = self.since.elapsed();
        if let TrainEvent::Step(report) = &event {
            self.spent = (self.spent.0 + took, self.spent.1 + report.photos);
        }
        let command = self.answer(event, took);
        self.since = Instant::now();
        command
    }

    fn answer(&mut self, event: TrainEvent, took: Duration) -> Command {
        let due = self.is_good() && self.checkpoints.is_due(&event);
        let is_step = self.take_in(&event);
        let is_mix = matches!(event, TrainEvent::MixTried { .. });
        if let TrainEvent::Snapshot(checkpoint) = &event {
            let (step, failed) = (checkpoint.progress.step, self.checkpoints.save(checkpoint));
            (self.observer)(TrainingEvent::Saved { step, failed });
        }
        let went_back = matches!(event, TrainEvent::Restored { .. });
        let last = matches!(&event, TrainEvent::Step(report) if report.step == report.steps);
        let answer = (self.observer)(TrainingEvent::Loop(event));
        if is_step {
            self.look(last);
            if !self.is_good() && self.helm.is_steered() {
                // What to do is the person's choice: back with half the rate, or end with the best so far.
                self.helm.pause();
            }
        }
        if answer != Command::Continue {
            return answer;
        }
        if went_back && let Some(rate) = self.going_back_from.take() {
            let learning_rate = rate.min(self.settings.learning_rate) / 2.0;
            return Command::Change(Box::new(Settings { learning_rate, ..self.settings }));
        }
        // Before anything else that is wished for, and before a pause.
        if due && self.is_good() {
            return Command::Snapshot;
        }
        match self.next(!is_mix) {
            Command::Continue => {
                if is_step && self.helm.is_gentle() {
                    self.helm.wait(took.min(LONGEST_REST));
                }
                Command::Continue
            }
            command => command,
        }
    }

    /// Notes where the run is; true after a step.
    fn take_in(&mut self, event: &TrainEvent) -> bool {
        match event {
            TrainEvent::Started { step, .. } => self.step = *step,
            TrainEvent::Step(report) => (self.step, self.state) = (report.step, report.state),
            TrainEvent::Changed(settings) => self.settings = **settings,
            TrainEvent::Restored { step, settings } => {
                (self.step, self.state, self.settings) = (*step, GuardState::Learning, **settings);
                self.helm.went_back();
            }
            _ => {}
        }
        matches!(event, TrainEvent::Step(_))
    }

    /// Answers the query that is watched, unless that would take too much of the time.
    fn look(&mut self, at_any_cost: bool) {
        if let Some(answer) = self.live.look(self.model, self.step, at_any_cost) {
            (self.observer)(TrainingEvent::Live(answer));
        }
    }

    /// Does what is wished, and waits while it is paused. Past the last step only an end is heard.
    fn next(&mut self, can_do: bool) -> Command {
        loop {
            let command = match self.helm.next() {
                Next::End(End::Stop) => Some(Command::Stop),
                Next::End(End::Discard | End::Leave) => Some(Command::Leave),
                Next::Step => Some(Command::Continue),
                _ if !can_do => Some(Command::Continue),
                Next::Do(wish) => self.done(wish),
                Next::Wait => {
                    if !std::mem::replace(&mut self.is_paused, true) {
                        (self.observer)(TrainingEvent::Paused { step: self.step });
                    }
                    self.look(false);
                    self.helm.wait_paused();
                    None
                }
            };
            if let Some(command) = command {
                if command == Command::Continue && std::mem::take(&mut self.is_paused) {
                    (self.observer)(TrainingEvent::GoesOn);
                }
                return command;
            }
        }
    }

    fn done(&mut self, wish: Wish) -> Option<Command> {
        match wish {
            Wish::Change(steered) if steered == Steered::of(&self.settings) => None,
            Wish::Change(steered) => Some(Command::Change(Box::new(steered.put_into(self.settings)))),
            Wish::LeaveOut => {
                let wrong = self.helm.left_out()?;
                Some(Command::LeaveOut(Arc::new(self.photos.mislabelled(&wrong))))
            }
            Wish::GoBack => {
                self.going_back_from = Some(self.settings.learning_rate);
                Some(Command::Restore)
            }
            Wish::Checkpoint if self.is_good() => Some(Command::Snapshot),
            Wish::Checkpoint => {
                let reason = "this state is not worth a checkpoint: go back to the last good one, or stop".to_owned();
                (self.observer)(TrainingEvent::Loop(TrainEvent::Refused { reason }));
                None
            }
        }
    }
}
