//! The end of a run: which weights to use.
//!
//! Weights between start and end often do better on labels never seen than either (Wortsman et al. 2022, "Robust
//! fine-tuning of zero-shot models", arXiv 2109.01903), and so may their average over steps (Izmailov et al. 2018,
//! "Averaging Weights Leads to Wider Optima and Better Generalization", arXiv 1803.05407). How far to go is a free choice,
//! made on the validation photos.

use super::run::Run;
use super::{Best, Mix, Score, StopReason, TrainError, TrainEvent, Trained, Weights};

/// Tried besides start and best, whose scores are known.
const CANDIDATES: [Mix; 6] = [
    Mix::TowardBest(0.5),
    Mix::TowardBest(0.75),
    Mix::TowardBest(0.25),
    Mix::TowardAverage(1.0),
    Mix::TowardAverage(0.75),
    Mix::TowardAverage(0.5),
];

/// Chooses the weights, loads them into the model and sums the run up.
pub(super) fn finish(run: &mut Run<'_, '_, '_>, reason: StopReason) -> Result<Trained, TrainError> {
    let checkpoint = run.stopped_at.take().map_or_else(|| run.checkpoint(), Ok)?;
    let start_score = run.progress.start_score;
    let went_wrong = matches!(reason, StopReason::Collapsed | StopReason::Diverged);
    let best_step = run.progress.best.map_or(run.progress.step, |best| best.step);
    let (mix, weights, score) = match (run.progress.best, run.best.clone()) {
        _ if run.leaving => (Mix::Start, run.start.clone(), None),
        (Some(best), Some(weights)) => choose(run, best, &weights, reason)?,
        // Without validation photos the last weights are the result, unless the run went wrong.
        _ if went_wrong || !checkpoint.weights.is_finite() => (Mix::Start, run.start.clone(), None),
        _ => (Mix::Last, checkpoint.weights.clone(), None),
    };
    weights.load_into(&run.parameters)?;
    Ok(Trained { weights, mix, score, start_score, best_step, reason, checkpoint })
}

type Chosen = (Mix, Weights, Option<Score>);

/// Tries the mixes, unless told to stop while doing so. A collapsed or diverged run has no good average or second half,
/// but weights towards its best are still tried. On a tie the best itself is kept.
fn choose(run: &mut Run<'_, '_, '_>, best: Best, weights: &Weights, reason: StopReason) -> Result<Chosen, TrainError> {
    let name = if best.step == 0 { Mix::Start } else { Mix::Best };
    let mut chosen = (name, weights.clone(), Some(best.score));
    let mut top = best.score.map_at_r;
    run.stopping = false;
    for mix in CANDIDATES {
        let healthy = !matches!(reason, StopReason::Collapsed | StopReason::Diverged);
        let candidate = match mix {
            Mix::TowardBest(share) if best.step > 0 => run.start.toward(weights, share),
            Mix::TowardAverage(share) if healthy && run.progress.averaged > 0 => run.start.toward(&run.average, share),
            _ => continue,
        };
        candidate.load_into(&run.parameters)?;
        let score = match run.score() {
            Err(TrainError::NotFinite) => continue,
            scored => scored?,
        };
        let Some(score) = score else { continue };
        run.tell(TrainEvent::MixTried { mix, score })?;
        if score.map_at_r > top {
            top = score.map_at_r;
            chosen = (mix, candidate, Some(score));
        }
        if run.stopping || run.leaving {
            break;
        }
    }
    Ok(chosen)
}
