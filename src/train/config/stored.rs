//! A configuration as it was written down: before the size of a batch could be changed between steps, it stood beside the
//! settings and not among them.

use serde::Deserialize;

use super::{Settings, TrainConfig};

/// P where nothing else is said.
pub(super) const fn labels_per_batch() -> usize {
    16
}

/// K where nothing else is said.
pub(super) const fn photos_per_label() -> usize {
    4
}

/// Either form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    labels_per_batch: Option<usize>,
    photos_per_label: Option<usize>,
    seed: u64,
    validate_every: u64,
    patience: Option<u32>,
    stop_when_collapsed: bool,
    settings: Settings,
}

impl From<Config> for TrainConfig {
    fn from(stored: Config) -> Self {
        let settings = Settings {
            labels_per_batch: stored.labels_per_batch.unwrap_or(stored.settings.labels_per_batch),
            photos_per_label: stored.photos_per_label.unwrap_or(stored.settings.photos_per_label),
            ..stored.settings
        };
        let Config { seed, validate_every, patience, stop_when_collapsed, .. } = stored;
        Self { seed, validate_every, patience, stop_when_collapsed, settings }
    }
}
