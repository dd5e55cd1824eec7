//! How a training goes, told as it goes.

use std::time::Instant;

use serde_json::{Value, json as value};

use super::super::output::{Bar, json, line};
use super::objects;
use crate::train::TrainEvent;
use crate::work::{TrainingEvent, TrainingPlan};

/// Tells events as JSON lines, or as a progress line with what matters.
pub(super) struct Teller {
    as_json: bool,
    bar: Bar,
    last_step: Instant,
    loss: String,
    validation: String,
}

impl Teller {
    /// JSON lines, or words.
    pub(super) fn new(as_json: bool) -> Self {
        Self { as_json, bar: Bar::new(), last_step: Instant::now(), loss: String::new(), validation: String::new() }
    }

    /// Tells one event.
    pub(super) fn tell(&mut self, event: &TrainingEvent) -> std::io::Result<()> {
        match event {
            TrainingEvent::Preparing { done, total } => self.bar.show("preparing photos", *done, *total),
            TrainingEvent::Embedding { done, total } => {
                self.bar.show("embedding the library with the new model", *done, *total);
            }
            TrainingEvent::Planned(plan) => {
                self.last_step = Instant::now();
                if self.as_json {
                    return json(&objects::plan(plan));
                }
                self.bar.clear();
                for text in plan_in_words(plan) {
                    line(&text)?;
                }
            }
            TrainingEvent::Loop(event) if self.as_json => {
                let seconds = self.last_step.elapsed().as_secs_f64();
                if matches!(event, TrainEvent::Step(_) | TrainEvent::Validated { .. }) {
                    self.last_step = Instant::now();
                }
                return json(&objects::of_event(event, seconds));
            }
            TrainingEvent::Loop(event) => self.show(event)?,
            // Snapshots are told by the loop, and nobody pauses or watches.
            TrainingEvent::Saved { .. }
            | TrainingEvent::Paused { .. }
            | TrainingEvent::GoesOn
            | TrainingEvent::Live(_) => {}
        }
        Ok(())
    }

    fn show(&mut self, event: &TrainEvent) -> std::io::Result<()> {
        match event {
            TrainEvent::Step(step) => {
                let census = &step.statistics.census;
                self.loss = step.loss.map_or_else(|| "no loss".to_owned(), |loss| format!("loss {loss:.4}"));
                let words = format!(
                    "{}, active {:.1} % of {}{}",
                    self.loss,
                    100.0 * census.active_fraction(),
                    census.valid,
                    self.validation
                );
                self.bar.show(&words, step.step as usize, step.steps as usize);
            }
            TrainEvent::Validated { step, score, best } => {
                let best = if *best { " (best)" } else { "" };
                let words = format!("validation MAP@R {:.3}, Recall@1 {:.3}{best}", score.map_at_r, score.recall_at_1);
                self.validation = format!(", {words}");
                if !self.bar.is_drawn() {
                    line(&format!(
                        "step {step}: {}{}{words}",
                        self.loss,
                        if self.loss.is_empty() { "" } else { ", " }
                    ))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes the progress line away.
    pub(super) fn finish(&self) {
        self.bar.clear();
    }
}

fn plan_in_words(plan: &TrainingPlan) -> Vec<String> {
    let (photos, settings) = (&plan.photos, &plan.config.settings);
    let mut lines = vec![format!(
        "{} labels, {} photos to learn from, {} to validate with, {} held out",
        photos.labels, photos.photos, photos.validation, photos.held_out
    )];
    let mut count = |number: usize, text: &str| {
        if number > 0 {
            lines.push(format!("{number} {text}"));
        }
    };
    count(photos.lone_labels, "labels have one photo and serve as negatives only");
    count(photos.triplets, "triplets of your own take part");
    count(photos.unlabelled, "photos have no label");
    count(photos.said_wrong, "photos are left out because you said their label is wrong");
    let cut = plan.cut.filter(|cut| *cut > 0).map(|cut| format!(" from block {cut}")).unwrap_or_default();
    lines.push(format!(
        "depth {}{cut}, {} numbers from model {}; {}, {}, margin {}; {} labels x {} photos a batch, rate {}, seed {}",
        plan.depth,
        plan.dim,
        plan.parent,
        kebab(&value!(settings.mining)),
        kebab(&value!(settings.distance)),
        settings.margin,
        plan.config.settings.labels_per_batch,
        plan.config.settings.photos_per_label,
        settings.learning_rate,
        plan.config.seed,
    ));
    lines.extend(plan.chosen.clone());
    let minutes = plan.seconds_a_step * settings.steps as f64 / 60.0;
    lines.push(format!("{} steps, about {minutes:.1} minutes; Ctrl-C stops and keeps the best so far", settings.steps));
    lines.extend(plan.notes.iter().cloned());
    lines
}

fn kebab(name: &Value) -> &str {
    name.as_str().unwrap_or_default()
}
