//! The learning rate over time: linear warm-up, then half a cosine down to 0 (Loshchilov, Hutter 2017, "SGDR", arXiv
//! 1608.03983), and over depth: deeper layers learn more slowly (Howard, Ruder 2018, "`ULMFiT`", arXiv 1801.06146).

use super::Settings;

/// Learning rate of step `step` (from 0) of the head. Warm-up reaches the full rate at step `warmup - 1`; the cosine ends
/// at 0 after the last step.
pub fn rate_at(step: u64, settings: &Settings) -> f64 {
    let (warmup, steps) = (settings.warmup, settings.steps);
    let share = if step < warmup {
        (step + 1) as f64 / warmup as f64
    } else {
        let progress = (step - warmup) as f64 / steps.saturating_sub(warmup).max(1) as f64;
        0.5 * (1.0 + (std::f64::consts::PI * progress.min(1.0)).cos())
    };
    settings.learning_rate * share
}

/// By what the rate is multiplied `depth` layers below the head (0: the head itself).
pub fn rate_of_depth(depth: usize, settings: &Settings) -> f64 {
    match i32::try_from(depth) {
        Ok(0) => 1.0,
        Ok(depth) => settings.body_rate_share * settings.layer_decay.powi(depth - 1),
        Err(_) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_linearly_and_falls_along_a_cosine() {
        let settings = Settings { learning_rate: 1.0, warmup: 10, steps: 110, ..Settings::default() };
        for (step, expected) in [(0, 0.1), (4, 0.5), (9, 1.0), (10, 1.0), (60, 0.5), (110, 0.0), (500, 0.0)] {
            assert!((rate_at(step, &settings) - expected).abs() < 1e-12, "{step}");
        }
        let cold = Settings { warmup: 0, ..settings };
        assert!((rate_at(0, &cold) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn deeper_layers_learn_more_slowly() {
        let settings = Settings { body_rate_share: 0.5, layer_decay: 0.8, ..Settings::default() };
        for (depth, expected) in [(0, 1.0), (1, 0.5), (2, 0.4), (3, 0.32)] {
            assert!((rate_of_depth(depth, &settings) - expected).abs() < 1e-12);
        }
    }
}
