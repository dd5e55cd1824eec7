//! What the screen and the training call the same things.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::eval::Interval;
use crate::library::{PhotoId, printable};
use crate::teach::LabelSource;
use crate::train::{Settings, StepReport, TrainConfig};
use crate::triplet::Mining;
use crate::ui::{
    Believed, DepthPace, HardRow, LabelFrom, PairRow, ParentRow, Share, Steering, StepDetails, StepRow, TrainingFacts,
    TrainingOffer, TrainingOutcome, TrainingWish,
};
use crate::work::{Judgement, PhotoCounts, Prospect, Steered, TrainRequest, TrainingPlan, TrainingReport};

/// Where labels come from.
pub(super) fn label_source(labels: &LabelFrom) -> LabelSource {
    match labels {
        LabelFrom::Folders => LabelSource::Folders,
        LabelFrom::File(path) => LabelSource::File(PathBuf::from(path)),
    }
}

/// What was filled in, as the job takes it.
pub(in crate::app::folder) fn request(wish: &TrainingWish) -> TrainRequest {
    let defaults = TrainRequest::default();
    let settings = Settings {
        mining: wish.mining,
        margin: wish.margin,
        labels_per_batch: wish.labels_per_batch,
        photos_per_label: wish.photos_per_label,
        ..defaults.config.settings
    };
    TrainRequest {
        labels: label_source(&wish.labels),
        holdout: wish.holdout,
        depth: wish.depth,
        length: wish.length,
        learning_rate: wish.learning_rate,
        config: TrainConfig { seed: wish.seed, settings, ..defaults.config.clone() },
        name: wish.name.clone(),
        parent: wish.parent.clone(),
        ..defaults
    }
}

/// What can be changed, for the job.
pub(super) const fn steered(steering: Steering) -> Steered {
    let Steering { learning_rate, margin, mining, labels_per_batch, photos_per_label } = steering;
    Steered { learning_rate, margin, mining, labels_per_batch, photos_per_label }
}

/// What can be changed, for the screen.
pub(super) const fn steering(steered: Steered) -> Steering {
    let Steered { learning_rate, margin, mining, labels_per_batch, photos_per_label } = steered;
    Steering { learning_rate, margin, mining, labels_per_batch, photos_per_label }
}

const fn word(mining: Mining) -> &'static str {
    match mining {
        Mining::BatchAll => "batch-all",
        Mining::BatchHard => "batch-hard",
        Mining::SemiHard => "semi-hard",
        Mining::Random => "random",
    }
}

/// What is other: `margin 0.2 -> 0.5, K 4 -> 6`.
pub(super) fn changes(before: &Steering, now: &Steering) -> String {
    let named = |s: &Steering| {
        [
            ("learning rate", s.learning_rate.to_string()),
            ("margin", s.margin.to_string()),
            ("mining", word(s.mining).to_owned()),
            ("P", s.labels_per_batch.to_string()),
            ("K", s.photos_per_label.to_string()),
        ]
    };
    let changed = named(before).into_iter().zip(named(now)).filter(|((_, old), (_, new))| old != new);
    let words: Vec<String> = changed.map(|((name, old), (_, new))| format!("{name} {old} -> {new}")).collect();
    words.join(", ")
}

/// Photos that leave training and come back: `1 photo leaves training, 2 photos back in training`.
pub(super) fn left_out(out: usize, back: usize) -> String {
    let photos = |count: usize| format!("{count} photo{}", if count == 1 { "" } else { "s" });
    let leaves = (out > 0).then(|| format!("{} leave{} training", photos(out), if out == 1 { "s" } else { "" }));
    let is_back = (back > 0).then(|| format!("{} back in training", photos(back)));
    leaves.into_iter().chain(is_back).collect::<Vec<_>>().join(", ")
}

fn counted(counts: &PhotoCounts) -> TrainingOffer {
    TrainingOffer {
        labels: counts.labels,
        lone_labels: counts.lone_labels,
        photos: counts.photos,
        validation: counts.validation,
        held_out: counts.held_out,
        triplets: counts.triplets,
        unlabelled: counts.unlabelled,
        contradicting: counts.contradicting,
        said_wrong: counts.said_wrong,
        ..TrainingOffer::default()
    }
}

/// What there is to learn from.
pub(super) fn offer(prospect: Prospect) -> TrainingOffer {
    let pace = |pace: crate::work::Pace| DepthPace {
        depth: pace.depth,
        seconds_a_photo: pace.seconds_a_photo,
        seconds_before: pace.seconds_before,
    };
    let parent = |parent: crate::work::Parent| ParentRow { name: parent.name, trained: parent.trained };
    TrainingOffer {
        notes: prospect.notes.iter().map(|note| printable(note)).collect(),
        name: prospect.name,
        parents: prospect.parents.into_iter().map(parent).collect(),
        seconds_through: prospect.seconds_through,
        deep: prospect.deep,
        paces: prospect.paces.into_iter().map(pace).collect(),
        ..counted(&prospect.counts)
    }
}

/// What will be done.
pub(super) fn facts(plan: &TrainingPlan) -> TrainingFacts {
    TrainingFacts {
        name: plan.name.clone(),
        depth: plan.depth,
        steps: plan.config.settings.steps,
        done: plan.done,
        steering: steering(Steered::of(&plan.config.settings)),
        parent: plan.parent.clone(),
        offer: TrainingOffer {
            notes: plan.notes.iter().map(|note| printable(note)).collect(),
            name: plan.name.clone(),
            ..counted(&plan.photos)
        },
        chosen: plan.chosen.clone(),
    }
}

/// The numbers of one step, which took so many seconds.
pub(super) fn row(report: &StepReport, seconds: f64) -> StepRow {
    let (statistics, census) = (&report.statistics, &report.statistics.census);
    let share = |count: usize| Share { count: count as u64, of: census.valid as u64 };
    StepRow {
        step: report.step,
        loss: report.loss,
        active: share(census.active),
        violating: share(census.hard),
        hard: census.hard as u64,
        semi_hard: census.semi_hard as u64,
        easy: census.easy as u64,
        positive: statistics.positive.mean,
        negative: statistics.negative.mean,
        spread: [statistics.spread.p5, statistics.spread.p50, statistics.spread.p95],
        gradient_norm: report.gradient_norm,
        learning_rate: report.learning_rate,
        seconds,
        photos: report.photos,
        state: report.state,
    }
}

/// More about a step, `with_pairs` or without, and the last suspects with their step. Triplets and suspects whose label is
/// known to be wrong are left out.
pub(super) fn details(
    report: &StepReport,
    (suspected_at, suspects): &(u64, Vec<(PhotoId, f64)>),
    wrong: &HashSet<PhotoId>,
    with_pairs: bool,
) -> StepDetails {
    let rows = &report.rows;
    let hardest = report.hardest.iter().filter_map(|(triplet, _)| {
        let (anchor, positive, negative) = (triplet.anchor, triplet.positive, triplet.negative);
        if [anchor, positive, negative].iter().any(|photo| wrong.contains(photo)) {
            return None;
        }
        let (to_positive, to_negative) = (rows.between(anchor, positive)?, rows.between(anchor, negative)?);
        Some(HardRow { anchor, positive, negative, to_positive, to_negative })
    });
    let pair = |(i, j, distance): (usize, usize, f64)| {
        let (one, other) = (*rows.photos.get(i)?, *rows.photos.get(j)?);
        Some(PairRow { one, other, same: rows.labels.get(i) == rows.labels.get(j), distance })
    };
    let pairs = with_pairs.then(|| rows.distances.pairs().filter_map(pair));
    StepDetails {
        step: report.step,
        positive: report.statistics.positive.histogram.clone(),
        negative: report.statistics.negative.histogram.clone(),
        hardest: hardest.collect(),
        pairs: pairs.into_iter().flatten().filter(|pair| pair.one != pair.other).collect(),
        suspected_at: *suspected_at,
        suspects: suspects.iter().filter(|(photo, _)| !wrong.contains(photo)).copied().collect(),
    }
}

/// What the held-out photos say.
pub(in crate::app::folder) fn believed(judgement: &Judgement) -> Option<Believed> {
    let (before, after) = (judgement.before.as_ref()?, judgement.after.as_ref()?);
    let comparison = judgement.comparison.filter(|comparison| comparison.queries > 0)?;
    let Interval(low, high) = comparison.map_at_r_ci95;
    Some(Believed {
        queries: comparison.queries,
        lone: after.lone,
        recall_at_1: [before.recall_at_1, after.recall_at_1],
        map_at_r: [before.map_at_r, after.map_at_r],
        difference: [low, high],
        verdict: comparison.verdict,
    })
}

/// What came of a run.
pub(super) fn outcome(report: &TrainingReport) -> TrainingOutcome {
    let failed = |why: &String| printable(&format!("its last checkpoint could not be saved: {why}"));
    TrainingOutcome {
        model: report.model.clone(),
        steps: report.steps,
        best_step: report.best_step,
        reason: report.reason,
        judged: believed(&report.judgement),
        saved: report.saved,
        in_use: report.in_use,
        resumable: report.resumable,
        seconds: report.seconds,
        warning: report.checkpoint_failed.as_ref().map(failed),
    }
}
