//! A scripted training for the tests of the screen.

use std::sync::Arc;

use super::examples;
use super::message::{
    Believed, DepthPace, HardRow, LiveNeighbors, PairRow, ParentRow, Share, Steering, StepDetails, StepRow,
    TrainingFacts, TrainingNews, TrainingOffer, TrainingOutcome,
};
use crate::eval::Verdict;
use crate::train::{Depth, StopReason};
use crate::triplet::{GuardState, Histogram, Margin, Mining};
use crate::ui::State;
use crate::ui::testing::{answer, id};

/// A step with this loss; all else follows from its number.
pub(in crate::ui) fn step(number: u64, loss: f64) -> StepRow {
    StepRow {
        step: number,
        loss: Some(loss),
        active: Share { count: 1_786, of: 5_760 },
        violating: Share { count: 691, of: 5_760 },
        hard: 691,
        semi_hard: 1_095,
        easy: 3_974,
        positive: Some(0.61),
        negative: Some(0.98),
        spread: [0.62, 1.31, 1.44],
        gradient_norm: 0.82,
        learning_rate: 2e-4,
        seconds: 0.3,
        photos: 64,
        state: GuardState::Learning,
    }
}

/// More about a step: three hard triplets, and pairs at distances 0.0, 0.1, 0.2 ...
pub(in crate::ui) fn details(number: u64, pairs: bool) -> Box<StepDetails> {
    let name = |n: usize| id(&format!("trip/IMG_{n:04}.jpg"));
    let hard = |n: usize| HardRow {
        anchor: name(3 * n),
        positive: name(3 * n + 1),
        negative: name(3 * n + 2),
        to_positive: 0.9,
        to_negative: 0.5,
    };
    let pair =
        |n: usize| PairRow { one: name(n), other: name(n + 1), same: n.is_multiple_of(2), distance: 0.1 * n as f64 };
    let histogram = |shift: u32| Histogram { upper: 2.0, counts: (0..40).map(|bin| (bin * 7 + shift) % 13).collect() };
    Box::new(StepDetails {
        step: number,
        positive: histogram(0),
        negative: histogram(5),
        hardest: (0..3).map(hard).collect(),
        pairs: if pairs { (0..20).map(pair).collect() } else { Arc::from([]) },
        suspected_at: number,
        suspects: vec![(name(7), 0.83), (name(9), 0.61)],
    })
}

/// News of one step.
pub(in crate::ui) fn stepped(row: StepRow) -> TrainingNews {
    TrainingNews::Steps { latest: details(row.step, false), rows: vec![row] }
}

/// What there is to learn from.
pub(in crate::ui) fn offer() -> TrainingOffer {
    let pace = |depth, seconds_a_photo, seconds_before| DepthPace { depth, seconds_a_photo, seconds_before };
    let parent = |name: &str, trained| ParentRow { name: name.into(), trained };
    TrainingOffer {
        labels: 61,
        lone_labels: 27,
        photos: 1_208,
        validation: 140,
        held_out: 648,
        unlabelled: 4,
        name: "tuned 3".into(),
        parents: vec![parent("base", None), parent("tuned 2", None), parent("whole", Some(Depth::Full))],
        deep: true,
        paces: vec![
            pace(Depth::Full, 0.0625, 6.0),
            pace(Depth::Tail, 0.006_25, 30.0),
            pace(Depth::Head, 0.000_062_5, 0.0),
        ],
        seconds_through: 20.0,
        ..TrainingOffer::default()
    }
}

/// Settings as they are at first.
pub(in crate::ui) fn steering() -> Steering {
    Steering {
        learning_rate: 2e-4,
        margin: Margin::Hinge(0.2),
        mining: Mining::BatchAll,
        labels_per_batch: 16,
        photos_per_label: 4,
    }
}

/// What will be done.
pub(in crate::ui) fn planned() -> TrainingNews {
    TrainingNews::Planned(Box::new(TrainingFacts {
        name: "tuned 3".into(),
        depth: Depth::Tail,
        steps: 600,
        done: 0,
        steering: steering(),
        parent: "base".into(),
        offer: offer(),
        chosen: None,
    }))
}

/// A score of the validation photos.
pub(in crate::ui) fn validated(step: u64, recall_at_1: f64) -> TrainingNews {
    let map_at_r = recall_at_1 - 0.16;
    TrainingNews::Validated { step, recall_at_1, map_at_r, map_half_width: 0.03, best: true, seconds: 1.5 }
}

/// What held-out photos say.
pub(in crate::ui) fn believed(verdict: Verdict) -> Believed {
    Believed {
        queries: 648,
        lone: 12,
        recall_at_1: [0.77, 0.92],
        map_at_r: [0.61, 0.80],
        difference: [0.12, 0.24],
        verdict,
    }
}

/// The end.
pub(in crate::ui) fn outcome(verdict: Option<Verdict>) -> Box<TrainingOutcome> {
    Box::new(TrainingOutcome {
        model: "tuned 3".into(),
        steps: 480,
        best_step: 375,
        reason: StopReason::Stopped,
        judged: verdict.map(believed),
        saved: true,
        in_use: true,
        resumable: true,
        seconds: 150.0,
        warning: None,
    })
}

/// An answer of the model in training; before, the neighbours were the same in another order.
pub(in crate::ui) fn live(query: &str, step: u64, now: &[&str], before: &[&str]) -> TrainingNews {
    let ranked = |names: &[&str]| answer(names).neighbors;
    TrainingNews::Live(LiveNeighbors {
        query: id(query),
        step,
        neighbors: ranked(now),
        before: ranked(before),
        among: 300,
    })
}

/// The selected example, how many there are, and the shape in which they lie.
pub(in crate::ui) fn example_at(state: &State) -> (usize, usize, (usize, usize)) {
    let (Some(examples), Some(panes)) = (&state.training.examples, state.panes()) else { panic!("no examples") };
    let shape = examples::shape(examples.what, panes.body, state.pictures_on);
    (state.training.examples_cursor.selected, examples::len(examples), shape)
}
