//! What a run says, as news for the screen: steps are gathered and told some twenty times a second.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::super::locked;
use super::run::Run;
use super::words::{changes, details, facts, left_out, row, steering};
use super::{Before, tell};
use crate::app::Outbox;
use crate::library::{PhotoId, printable};
use crate::train::{Settings, StepReport, TrainEvent};
use crate::ui::{LiveNeighbors, Message, Ranked, Steering, StepDetails, StepRow, TrainingNews};
use crate::work::{LiveAnswer, Steered, TrainingEvent};

/// Between two messages about steps, at least.
const PAUSE: Duration = Duration::from_millis(50);

/// The last step that was told, and whether its pairs are listed too.
#[derive(Default)]
pub(super) struct LastStep {
    with_pairs: AtomicBool,
    report: Mutex<Option<Box<StepReport>>>,
    /// The last step that suspected photos, which need not be the last one, and those.
    suspects: Mutex<(u64, Vec<(PhotoId, f64)>)>,
}

impl LastStep {
    /// Another run begins.
    pub(super) fn forget(&self) {
        self.with_pairs.store(false, Ordering::Relaxed);
        *locked(&self.report) = None;
        *locked(&self.suspects) = (0, Vec::new());
    }

    fn suspect(&self, report: &StepReport) {
        *locked(&self.suspects) = (report.step, report.suspects.clone());
    }

    fn details(&self, report: &StepReport, wrong: &Mutex<HashSet<PhotoId>>, with_pairs: bool) -> StepDetails {
        details(report, &locked(&self.suspects), &locked(wrong), with_pairs)
    }

    /// Lists pairs from now on, or none any more; returns those of the last step.
    pub(super) fn want_pairs(&self, wanted: bool, wrong: &Mutex<HashSet<PhotoId>>) -> Option<StepDetails> {
        self.with_pairs.store(wanted, Ordering::Relaxed);
        let report = locked(&self.report);
        report.as_ref().filter(|_| wanted).map(|report| self.details(report, wrong, true))
    }

    /// Keeps a step; returns what is told about it.
    fn keep(&self, report: Box<StepReport>, wrong: &Mutex<HashSet<PhotoId>>) -> StepDetails {
        let mut last = locked(&self.report);
        let details = self.details(&report, wrong, self.with_pairs.load(Ordering::Relaxed));
        *last = Some(report);
        details
    }
}

/// Tells one run.
pub(super) struct Teller {
    outbox: Outbox,
    wrong: Arc<Mutex<HashSet<PhotoId>>>,
    before: Before,
    last: Arc<LastStep>,
    rows: Vec<StepRow>,
    latest: Option<Box<StepReport>>,
    told: Instant,
    /// When the loop went on last.
    since: Instant,
    steering: Option<Steering>,
    step: u64,
}

impl Teller {
    /// Tells the screen about this run.
    pub(super) fn new(run: &Run) -> Self {
        let now = Instant::now();
        Self {
            outbox: run.outbox.clone(),
            wrong: Arc::clone(&run.wrong),
            before: Arc::clone(&run.before),
            last: Arc::clone(&run.last),
            rows: Vec::new(),
            latest: None,
            told: now,
            since: now,
            steering: None,
            step: 0,
        }
    }

    /// Hears one event.
    pub(super) fn hear(&mut self, event: TrainingEvent) {
        if !matches!(event, TrainingEvent::Loop(TrainEvent::Step(_)) | TrainingEvent::Live(_)) {
            self.flush();
        }
        match event {
            TrainingEvent::Preparing { done, total } => self.tell(TrainingNews::Preparing { done, total }),
            TrainingEvent::Planned(plan) => {
                self.steering = Some(steering(Steered::of(&plan.config.settings)));
                self.step = plan.done;
                self.tell(TrainingNews::Planned(Box::new(facts(&plan))));
            }
            TrainingEvent::Loop(event) => self.hear_loop(event),
            TrainingEvent::Saved { step, failed: None } => self.tell(TrainingNews::Checkpointed { step }),
            TrainingEvent::Saved { step, failed: Some(why) } => {
                let text = format!("the checkpoint of step {step} cannot be saved: {why}; the training goes on");
                self.outbox.send(Message::Failed(printable(&text)));
            }
            TrainingEvent::Paused { step } => self.tell(TrainingNews::Paused { step }),
            TrainingEvent::GoesOn => self.tell(TrainingNews::GoesOn),
            TrainingEvent::Live(answer) => self.tell_live(&answer),
            TrainingEvent::Embedding { done, total } => {
                self.tell(TrainingNews::Busy(format!("embedding the library with the new model: {done} / {total}")));
            }
        }
        self.since = Instant::now();
    }

    fn hear_loop(&mut self, event: TrainEvent) {
        match event {
            TrainEvent::Step(report) => self.hear_step(report),
            TrainEvent::Validated { step, score, best } => self.tell(TrainingNews::Validated {
                step,
                recall_at_1: score.recall_at_1,
                map_at_r: score.map_at_r,
                map_half_width: score.map_half_width,
                best,
                seconds: self.since.elapsed().as_secs_f64(),
            }),
            TrainEvent::Changed(settings) => self.hear_changed(&settings),
            TrainEvent::LeftOut { out, back } => self.hear_left_out(out, back),
            TrainEvent::Refused { reason } => self.tell(TrainingNews::Refused(printable(&reason))),
            TrainEvent::Restored { step, .. } => {
                self.step = step;
                self.tell(TrainingNews::WentBack { step });
            }
            TrainEvent::MixTried { .. } => {
                self.tell(TrainingNews::Busy(
                    "trying which mix of weights is best on the validation photos".to_owned(),
                ));
            }
            TrainEvent::Started { .. } | TrainEvent::Snapshot(_) => {}
        }
    }

    fn hear_step(&mut self, report: Box<StepReport>) {
        self.step = report.step;
        if !report.suspects.is_empty() {
            self.last.suspect(&report);
        }
        self.rows.push(row(&report, self.since.elapsed().as_secs_f64()));
        self.latest = Some(report);
        if self.told.elapsed() >= PAUSE {
            self.flush();
        }
    }

    fn hear_changed(&mut self, settings: &Settings) {
        let now = steering(Steered::of(settings));
        let words = self.steering.map(|before| changes(&before, &now)).unwrap_or_default();
        self.steering = Some(now);
        self.tell(TrainingNews::Changed { step: self.step, steering: now, words });
    }

    fn hear_left_out(&self, out: usize, back: usize) {
        let words = left_out(out, back);
        if !words.is_empty() {
            self.tell(TrainingNews::LeftOut { step: self.step, words });
        }
    }

    fn tell_live(&self, answer: &LiveAnswer) {
        let before = locked(&self.before).clone().filter(|(query, _)| *query == answer.query);
        // Another query is watched by now.
        let Some((query, before)) = before else { return };
        let neighbors: Vec<Ranked> =
            answer.neighbors.iter().map(|n| Ranked { photo: n.photo, distance: n.distance }).collect();
        let among = neighbors.len();
        self.tell(TrainingNews::Live(LiveNeighbors { query, step: answer.step, neighbors, before, among }));
    }

    /// Tells the steps that were gathered.
    fn flush(&mut self) {
        let Some(report) = self.latest.take() else { return };
        let latest = Box::new(self.last.keep(report, &self.wrong));
        let rows = std::mem::take(&mut self.rows);
        self.tell(TrainingNews::Steps { rows, latest });
        self.told = Instant::now();
    }

    fn tell(&self, news: TrainingNews) {
        tell(&self.outbox, news);
    }
}
