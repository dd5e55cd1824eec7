//! The loop.

use super::checkpoint::{Best, Checkpoint, Progress};
use super::step::{Generators, differentiate};
use super::{
    AdamW, Command, Parameter, Score, Settings, StepReport, StopReason, TrainConfig, TrainError, TrainEvent, Trainable,
    Trained, TrainingSet, Weights, clip, embed, rate_at, select,
};
use crate::embedding::EmbeddingMatrix;
use crate::library::PhotoId;
use crate::triplet::{Generator, Guard, GuardState, Observation, Sampler};

/// Scores the embeddings of the validation photos, in the order of [`TrainingSet::validation`].
pub type Metric<'a> = dyn FnMut(&EmbeddingMatrix) -> Result<Score, String> + 'a;

/// Hears every event and answers it.
pub type Observer<'a> = dyn FnMut(TrainEvent) -> Command + 'a;

/// Streams of the seed's generator.
const SAMPLING: u64 = 0;
const MINING: u64 = 1;
const AUGMENTATION: u64 = 2;

/// Trains `model` on `set`, from the beginning or from a checkpoint of the same model and set.
///
/// Early stopping, the best step and the final mix of weights are chosen by `metric` on `set.validation`; without
/// validation photos the last weights are the result. The model is left with the weights that are returned. On a number
/// that is not finite the update is not made and the run ends with the best weights so far.
pub fn train(
    model: &dyn Trainable,
    set: &TrainingSet,
    config: &TrainConfig,
    resume: Option<&Checkpoint>,
    metric: &mut Metric<'_>,
    observer: &mut Observer<'_>,
) -> Result<Trained, TrainError> {
    let mut run = Run::new(model, set, config, metric, observer)?;
    if let Some(checkpoint) = resume {
        run.apply(checkpoint)?;
    }
    run.origin = Some(run.checkpoint()?);
    run.tell_start()?;
    let reason = run.steps()?;
    select::finish(&mut run, reason)
}

/// A run in progress.
pub(super) struct Run<'a, 'm, 'o> {
    pub model: &'a dyn Trainable,
    pub set: &'a TrainingSet,
    pub parameters: Vec<Parameter>,
    pub progress: Progress,
    pub start: Weights,
    pub best: Option<Weights>,
    pub average: Weights,
    optimizer: AdamW,
    origin: Option<Checkpoint>,
    pub stopping: bool,
    /// Nobody waits for the result.
    pub leaving: bool,
    /// It is back at an earlier state, and what the last step ended in does not count.
    went_back: bool,
    /// The state from which a run that was told to stop goes on.
    pub stopped_at: Option<Checkpoint>,
    metric: &'a mut Metric<'m>,
    observer: &'a mut Observer<'o>,
}

impl<'a, 'm, 'o> Run<'a, 'm, 'o> {
    fn new(
        model: &'a dyn Trainable,
        set: &'a TrainingSet,
        config: &TrainConfig,
        metric: &'a mut Metric<'m>,
        observer: &'a mut Observer<'o>,
    ) -> Result<Self, TrainError> {
        config.validate()?;
        let stream = |number| Generator::new(config.seed, number);
        let (labels, photos) = (config.settings.labels_per_batch, config.settings.photos_per_label);
        let sampler = Sampler::new(&set.labels, &set.user_triplets, labels, photos, stream(SAMPLING))?;
        let parameters = model.parameters();
        let progress = Progress {
            config: config.clone(),
            step: 0,
            updates: 0,
            averaged: 0,
            sampler,
            mining: stream(MINING),
            augmentation: stream(AUGMENTATION),
            guard: Guard::default(),
            start_score: None,
            best: None,
            validated_at: None,
            without_better: 0,
            history: vec![(0, config.settings)],
            left_out: Vec::new(),
        };
        let (start, optimizer) = (Weights::of(&parameters)?, AdamW::new(&parameters)?);
        let (best, average, origin) = (None, Weights::default(), None);
        Ok(Self {
            model,
            set,
            parameters,
            progress,
            start,
            best,
            average,
            optimizer,
            origin,
            stopping: false,
            leaving: false,
            went_back: false,
            stopped_at: None,
            metric,
            observer,
        })
    }

    pub(super) const fn settings(&self) -> &Settings {
        &self.progress.config.settings
    }

    pub(super) fn checkpoint(&self) -> Result<Checkpoint, TrainError> {
        Ok(Checkpoint {
            progress: Progress { updates: self.optimizer.steps(), ..self.progress.clone() },
            weights: Weights::of(&self.parameters)?,
            start: self.start.clone(),
            best: self.best.clone(),
            average: self.average.clone(),
            moments: self.optimizer.moments(&self.parameters)?,
        })
    }

    fn apply(&mut self, checkpoint: &Checkpoint) -> Result<(), TrainError> {
        self.optimizer = AdamW::from_moments(&self.parameters, &checkpoint.moments, checkpoint.progress.updates)?;
        checkpoint.weights.load_into(&self.parameters)?;
        self.progress = checkpoint.progress.clone();
        self.start = checkpoint.start.clone();
        self.best.clone_from(&checkpoint.best);
        self.average = checkpoint.average.clone();
        Ok(())
    }

    fn tell_start(&mut self) -> Result<(), TrainError> {
        let sampler = &self.progress.sampler;
        let (usable_labels, lone_labels) = (sampler.usable_labels(), sampler.lone_labels());
        let (step, parameters) = (self.progress.step, self.start.len());
        self.tell(TrainEvent::Started { step, parameters, usable_labels, lone_labels })
    }

    /// Says something and does what is answered. What comes of that is told too, and answered in its turn, so that several
    /// things can be done between two steps: go back, and then change the settings.
    pub(super) fn tell(&mut self, mut event: TrainEvent) -> Result<(), TrainError> {
        loop {
            event = match (self.observer)(event) {
                Command::Continue => return Ok(()),
                Command::Stop => {
                    self.stopping = true;
                    return Ok(());
                }
                Command::Leave => {
                    self.leaving = true;
                    return Ok(());
                }
                Command::Snapshot => {
                    let checkpoint = self.checkpoint()?;
                    self.origin = Some(checkpoint.clone());
                    TrainEvent::Snapshot(Box::new(checkpoint))
                }
                Command::Restore => {
                    if let Some(origin) = self.origin.take() {
                        self.apply(&origin)?;
                        self.origin = Some(origin);
                        self.went_back = true;
                    }
                    TrainEvent::Restored { step: self.progress.step, settings: Box::new(*self.settings()) }
                }
                Command::Change(settings) => self.change(settings),
                Command::LeaveOut(photos) => self.leave_out(&photos),
            };
        }
    }

    fn steps(&mut self) -> Result<StopReason, TrainError> {
        while !self.leaving {
            let last = self.progress.step >= self.settings().steps;
            if (last || self.is_validation_due()) && !self.validates()? {
                return Ok(StopReason::Diverged);
            }
            if self.leaving {
                break;
            }
            if self.stopping {
                // The run that goes on from here must not know of a validation that would not have been made.
                self.stopped_at = Some(self.checkpoint()?);
                return Ok(if self.validates()? { StopReason::Stopped } else { StopReason::Diverged });
            }
            if self.progress.config.patience.is_some_and(|patience| self.progress.without_better >= patience) {
                return Ok(StopReason::EarlyStopping);
            }
            if self.progress.step >= self.settings().steps {
                return Ok(StopReason::Finished);
            }
            self.went_back = false;
            match self.step()? {
                _ if self.went_back => {}
                GuardState::Diverged => return Ok(StopReason::Diverged),
                GuardState::Collapsed if self.progress.config.stop_when_collapsed => return Ok(StopReason::Collapsed),
                _ => {}
            }
        }
        Ok(StopReason::Stopped)
    }

    const fn is_validation_due(&self) -> bool {
        self.progress.step.is_multiple_of(self.progress.config.validate_every)
    }

    fn step(&mut self) -> Result<GuardState, TrainError> {
        let batch = self.progress.sampler.next_batch();
        let ids = batch.photos.iter().map(|&photo| self.photo(photo)).collect::<Result<Vec<_>, _>>()?;
        let settings = *self.settings();
        let Progress { mining, augmentation, .. } = &mut self.progress;
        let generators = Generators { mining, augmentation };
        let mut outcome = differentiate(self.model, &batch, &ids, &settings, generators)?;
        let rate = rate_at(self.progress.step, &settings);
        let mut norm = 0.0;
        if let Some(gradients) = &mut outcome.gradients {
            norm = clip(gradients, settings.clip_norm)?;
            outcome.finite &= norm.is_finite();
            if outcome.finite {
                self.optimizer.step(&self.parameters, gradients, rate, &settings)?;
            }
        }
        self.progress.step += 1;
        if outcome.finite && self.progress.step > settings.warmup {
            self.average.average_in(&self.parameters, self.progress.averaged)?;
            self.progress.averaged += 1;
        }
        let mined = batch.photos.get(..batch.labels.len()).unwrap_or_default();
        let seen = Observation::of(&outcome.statistics, mined, settings.margin, outcome.finite);
        let state =
            if mined.is_empty() && outcome.finite { GuardState::Learning } else { self.progress.guard.observe(seen) };
        let report = self.report(&batch, &ids, outcome, state);
        let report = StepReport { gradient_norm: norm, learning_rate: rate, ..report };
        self.tell(TrainEvent::Step(Box::new(report)))?;
        Ok(state)
    }

    fn photo(&self, photo: usize) -> Result<PhotoId, TrainError> {
        let reason = || format!("the set has {} photos", self.set.photos.len());
        self.set.photos.get(photo).copied().ok_or_else(|| TrainError::Photo { photo, reason: reason() })
    }

    /// Validates at this step unless that was done. False when an embedding is not finite: there is nothing to score.
    fn validates(&mut self) -> Result<bool, TrainError> {
        if self.progress.validated_at == Some(self.progress.step) {
            return Ok(true);
        }
        match self.validate() {
            Err(TrainError::NotFinite) => Ok(false),
            done => done.map(|()| true),
        }
    }

    /// Embeds and scores the validation photos, and keeps the weights when they are the best so far.
    fn validate(&mut self) -> Result<(), TrainError> {
        let step = self.progress.step;
        self.progress.validated_at = Some(step);
        let Some(score) = self.score()? else { return Ok(()) };
        if step == 0 {
            self.progress.start_score = Some(score);
        }
        let best = self.progress.best.is_none_or(|best| score.map_at_r > best.score.map_at_r);
        if best {
            self.progress.best = Some(Best { step, score });
            self.best = Some(Weights::of(&self.parameters)?);
        }
        self.progress.without_better = if best { 0 } else { self.progress.without_better + 1 };
        self.tell(TrainEvent::Validated { step, score, best })
    }

    /// The score of the weights the model has now; `None` without validation photos.
    pub(super) fn score(&mut self) -> Result<Option<Score>, TrainError> {
        if self.set.validation.is_empty() {
            return Ok(None);
        }
        let all = embed(self.model, &self.set.validation)?;
        (self.metric)(&all).map(Some).map_err(TrainError::Metric)
    }
}
