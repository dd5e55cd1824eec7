//! Numbers of a training as they stand on the screen.

use crate::train::StopReason;
use crate::triplet::Mining;
use crate::ui::words;

use super::history::Series;
use super::message::{Believed, Share, Steering};

/// A share of one as it is written of retrieval: `.77`, `1.00`.
pub(in crate::ui) fn score(share: f64) -> String {
    let text = format!("{share:.2}");
    text.strip_prefix('0').map_or_else(|| text.clone(), str::to_owned)
}

/// `31 %`, `0.4 %`.
pub(super) fn percent(share: f64) -> String {
    let share = 100.0 * share;
    if share > 0.0 && share < 9.95 { format!("{share:.1} %") } else { format!("{share:.0} %") }
}

/// `31 % of 5,760`.
pub(super) fn share(share: Share) -> String {
    let part = if share.of == 0 { 0.0 } else { share.count as f64 / share.of as f64 };
    format!("{} of {}", percent(part), words::grouped(share.of))
}

/// A number of any size in few characters: `0.132`, `12.5`, `3.4e-5`.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        _ if !value.is_finite() => "no number".to_owned(),
        0.0 => "0".to_owned(),
        size if !(0.001..100_000.0).contains(&size) => rate(value),
        size if size < 10.0 => format!("{value:.3}"),
        size if size < 1000.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// A learning rate: `2e-4`, `1.5e-4`.
pub(super) fn rate(value: f64) -> String {
    let exact = format!("{value:e}");
    if exact.len() <= 6 { exact } else { format!("{value:.1e}") }
}

/// A value of a curve.
pub(super) fn of_series(series: Series, value: f64) -> String {
    match series {
        Series::Rate => rate(value),
        Series::Speed => format!("{value:.0}"),
        series if series.is_share() => percent(value),
        _ => number(value),
    }
}

/// The name of a mining, as on the command line.
pub(super) const fn mining(mining: Mining) -> &'static str {
    match mining {
        Mining::BatchAll => "batch-all",
        Mining::BatchHard => "batch-hard",
        Mining::SemiHard => "semi-hard",
        Mining::Random => "random",
    }
}

/// `batch-all · margin 0.2 · rate 2e-4 · P 16 · K 4`.
pub(super) fn steering(of: &Steering) -> String {
    format!(
        "{} · margin {} · rate {} · P {} · K {}",
        mining(of.mining),
        of.margin,
        rate(of.learning_rate),
        of.labels_per_batch,
        of.photos_per_label
    )
}

/// `Recall@1 .77 -> .92 (held out, 648 photos, 12 lone): better`.
pub(in crate::ui) fn judged(judged: &Believed) -> String {
    let [before, after] = judged.recall_at_1.map(score);
    let photos = words::counted(judged.queries, "photo");
    format!(
        "Recall@1 {before} -> {after} (held out, {photos}, {} lone): {}",
        words::grouped(judged.lone as u64),
        judged.verdict
    )
}

/// `MAP@R .61 -> .80, the difference lies within +0.12 and +0.24 (95 %)`.
pub(in crate::ui) fn judged_further(judged: &Believed) -> String {
    let [before, after] = judged.map_at_r.map(score);
    let [low, high] = judged.difference;
    format!("MAP@R {before} -> {after}, the difference lies within {low:+.3} and {high:+.3} (95 %)")
}

/// Why a training ended.
pub(super) const fn reason(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Finished => "all steps are taken",
        StopReason::EarlyStopping => "validation got no better for a while",
        StopReason::Stopped => "it was stopped",
        StopReason::Collapsed => "it collapsed",
        StopReason::Diverged => "it diverged",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Verdict;

    #[test]
    fn figures_are_short_and_say_what_they_are() {
        assert_eq!([score(0.773), score(1.0), score(0.0)], [".77", "1.00", ".00"]);
        assert_eq!([percent(0.31), percent(0.004), percent(0.0)], ["31 %", "0.4 %", "0 %"]);
        assert_eq!([rate(2e-4), rate(1.5e-4), rate(1.0 / 3e4)], ["2e-4", "1.5e-4", "3.3e-5"]);
        assert_eq!([number(0.1324), number(12.5), number(f64::NAN)], ["0.132", "12.5", "no number"]);
        assert_eq!(share(Share { count: 1786, of: 5760 }), "31 % of 5,760");
        assert_eq!(share(Share::default()), "0 % of 0");
    }

    #[test]
    fn a_verdict_names_its_photos() {
        let believed = Believed {
            queries: 648,
            lone: 12,
            recall_at_1: [0.77, 0.92],
            map_at_r: [0.61, 0.80],
            difference: [0.12, 0.24],
            verdict: Verdict::Better,
        };
        assert_eq!(judged(&believed), "Recall@1 .77 -> .92 (held out, 648 photos, 12 lone): better");
        assert_eq!(judged_further(&believed), "MAP@R .61 -> .80, the difference lies within +0.120 and +0.240 (95 %)");
    }
}
