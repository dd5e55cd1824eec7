//! What is known of the training that runs, or that ran last.

use super::history::History;
use super::message::{LiveNeighbors, Steering, StepDetails, StepRow, TrainingFacts, TrainingNews, TrainingOutcome};
use super::{figures, verdict};
use crate::triplet::GuardState;
use crate::ui::words;

/// How far a training is.
#[derive(Clone, Debug)]
pub(in crate::ui) enum Phase {
    /// It was asked for.
    Asked,
    /// It begins when photos are indexed.
    Waits,
    /// Photos are sent through the layers that stay as they are.
    Preparing { done: usize, total: usize },
    /// Steps are taken.
    Going,
    /// No step is taken.
    Paused,
    /// It is over.
    Ended(Box<TrainingOutcome>),
    /// It could not be done.
    Failed(String),
}

/// A score of the validation photos.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Score {
    pub(super) step: u64,
    pub(super) recall_at_1: f64,
    pub(super) map_at_r: f64,
    pub(super) map_half_width: f64,
}

/// One training.
#[derive(Clone, Debug)]
pub(in crate::ui) struct Run {
    pub(super) phase: Phase,
    pub(super) facts: Option<Box<TrainingFacts>>,
    /// As they are now.
    pub(super) steering: Option<Steering>,
    pub(super) history: History,
    pub(super) latest: Option<Box<StepDetails>>,
    /// Before training.
    pub(super) baseline: Option<Score>,
    pub(super) score: Option<Score>,
    pub(super) best: Option<Score>,
    pub(super) live: Option<LiveNeighbors>,
    /// Something that takes a while, in words.
    pub(super) busy: Option<String>,
    /// It was told to stop.
    pub(super) stopping: bool,
    /// Seconds of all steps.
    seconds: f64,
    /// Seconds of all validations.
    validating: f64,
    /// Those of validations after the first steps.
    validating_later: f64,
    /// Steps that took them.
    taken: u64,
    /// Photos embedded in all steps.
    photos: u64,
}

impl Run {
    /// One that was just asked for.
    pub(super) fn asked() -> Self {
        Self {
            phase: Phase::Asked,
            facts: None,
            steering: None,
            history: History::default(),
            latest: None,
            baseline: None,
            score: None,
            best: None,
            live: None,
            busy: None,
            stopping: false,
            seconds: 0.0,
            validating: 0.0,
            validating_later: 0.0,
            taken: 0,
            photos: 0,
        }
    }

    /// Whether it goes on, or is to begin.
    pub(in crate::ui) const fn is_running(&self) -> bool {
        !matches!(self.phase, Phase::Ended(_) | Phase::Failed(_))
    }

    /// The state of the last step.
    pub(super) fn state(&self) -> Option<GuardState> {
        self.history.last_row().map(|row| row.state)
    }

    /// Steps taken, and steps in all.
    pub(super) fn steps(&self) -> (u64, u64) {
        let facts = self.facts.as_ref();
        let taken = self.history.last_row().map_or_else(|| facts.map_or(0, |facts| facts.done), |row| row.step);
        (taken, facts.map_or(0, |facts| facts.steps))
    }

    /// How often each photo was looked at, as far as that can be told.
    pub(super) fn epoch(&self) -> Option<f64> {
        let photos = self.facts.as_ref().map(|facts| facts.offer.photos).filter(|photos| *photos > 0)?;
        Some(self.photos as f64 / photos as f64)
    }

    /// Photos a second and seconds a step, over the last steps.
    pub(super) fn speed(&self) -> Option<(f64, f64)> {
        let last = || self.history.recent().rev().take(50);
        let seconds: f64 = last().map(|row| row.seconds).sum();
        let photos: usize = last().map(|row| row.photos).sum();
        (seconds > 0.0).then(|| (photos as f64 / seconds, seconds / last().count() as f64))
    }

    /// Seconds of steps and validations; pauses are not among them.
    pub(super) const fn seconds_gone(&self) -> f64 {
        self.seconds + self.validating
    }

    /// Seconds until all steps are taken, with validations as often as so far.
    pub(super) fn seconds_left(&self) -> Option<f64> {
        let (taken, all) = self.steps();
        let validating = self.validating_later / self.taken.max(1) as f64;
        self.speed().map(|(_, step)| (step + validating) * all.saturating_sub(taken) as f64)
    }

    /// Another list of models was told: whether this one answers may have changed since the end.
    pub(super) fn models_listed(&mut self, in_use: Option<&str>) {
        if let Phase::Ended(outcome) = &mut self.phase {
            outcome.in_use = outcome.saved && in_use == Some(outcome.model.as_str());
        }
    }

    /// Takes in what a training says; what comes after the end is late and changes nothing.
    pub(super) fn take(&mut self, news: TrainingNews) {
        if !self.is_running() {
            return;
        }
        if !matches!(news, TrainingNews::Live(_)) {
            self.busy = None;
        }
        match news {
            TrainingNews::Waits => self.phase = Phase::Waits,
            TrainingNews::Preparing { done, total } => self.phase = Phase::Preparing { done, total },
            TrainingNews::Planned(facts) => {
                if matches!(self.phase, Phase::Asked | Phase::Waits) {
                    self.phase = Phase::Going;
                }
                self.steering = Some(facts.steering);
                self.facts = Some(facts);
            }
            TrainingNews::Steps { rows, latest } => self.take_steps(rows, latest),
            TrainingNews::Validated { step, recall_at_1, map_at_r, map_half_width, best, seconds } => {
                self.validating += seconds.max(0.0);
                self.validating_later += if self.taken > 0 { seconds.max(0.0) } else { 0.0 };
                self.validated(Score { step, recall_at_1, map_at_r, map_half_width }, best);
            }
            TrainingNews::Changed { step, steering, words } => {
                self.steering = Some(steering);
                self.history.mark(step, words);
            }
            TrainingNews::LeftOut { step, words } => self.history.mark(step, words),
            TrainingNews::Paused { .. } => self.phase = Phase::Paused,
            TrainingNews::GoesOn => self.phase = Phase::Going,
            // Every run has one before its first step.
            TrainingNews::Checkpointed { step } if step > 0 => {
                self.history.mark(step, format!("checkpoint of step {}", words::grouped(step)));
            }
            TrainingNews::WentBack { step } => self.went_back(step),
            TrainingNews::Live(live) => self.live = Some(live),
            TrainingNews::Busy(what) => self.busy = Some(what),
            TrainingNews::Ended(Ok(outcome)) => self.phase = Phase::Ended(outcome),
            TrainingNews::Ended(Err(why)) => self.phase = Phase::Failed(why),
            TrainingNews::Checkpointed { .. }
            | TrainingNews::Offer(_)
            | TrainingNews::Unfinished { .. }
            | TrainingNews::WrongLabels(_)
            | TrainingNews::Refused(_) => {}
        }
    }

    fn take_steps(&mut self, rows: Vec<StepRow>, latest: Box<StepDetails>) {
        if !matches!(self.phase, Phase::Paused) {
            self.phase = Phase::Going;
        }
        for row in rows {
            self.seconds += row.seconds.max(0.0);
            self.taken += 1;
            self.photos += row.photos as u64;
            self.history.push(row);
        }
        self.latest = Some(latest);
    }

    fn validated(&mut self, score: Score, best: bool) {
        self.history.validate(score.step, score.recall_at_1, score.map_at_r);
        self.baseline.get_or_insert(score);
        self.score = Some(score);
        if best {
            self.best = Some(score);
        }
    }

    fn went_back(&mut self, step: u64) {
        let from = self.steps().0;
        self.history.go_back(step);
        self.history.mark(step, format!("back to step {step} from {from}"));
    }

    /// The training in a few words, for the status line of every screen: `training: step 120 / 600 · loss 0.132 · learning`.
    pub(in crate::ui) fn status(&self) -> String {
        let (taken, all) = self.steps();
        let loss = self.history.smooth().map(|loss| format!(" · loss {}", figures::number(loss)));
        let state = self.state().map(|state| format!(" · {}", verdict::word(state)));
        let step = format!("step {taken} / {all}");
        match (&self.phase, &self.busy) {
            (Phase::Ended(_), _) => "training is over".to_owned(),
            (Phase::Failed(why), _) => why.clone(),
            (_, Some(busy)) => format!("training: {busy}"),
            (Phase::Asked, _) => "training begins".to_owned(),
            (Phase::Waits, _) => "training begins when photos are indexed".to_owned(),
            (Phase::Preparing { done, total }, _) => {
                let count = |number: usize| words::grouped(number as u64);
                format!("training: preparing photos {} / {}", count(*done), count(*total))
            }
            (Phase::Paused, _) => format!("training paused at {step}"),
            (Phase::Going, _) if self.stopping => format!("training stops at {step}"),
            (Phase::Going, _) => {
                format!("training: {step}{}{}", loss.unwrap_or_default(), state.unwrap_or_default())
            }
        }
    }
}
