//! What a run is told: what stays for its whole length, and what can be changed between steps.

mod stored;

use serde::{Deserialize, Serialize};

use crate::triplet::{Distance, Margin, Mining};

/// How much is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Depth {
    /// The head, on cached features: seconds.
    Head,
    /// The last blocks and the head, on cached activations: minutes.
    Tail,
    /// Every layer, on augmented photos.
    Full,
}

impl std::fmt::Display for Depth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Head => "head",
            Self::Tail => "tail",
            Self::Full => "full",
        })
    }
}

/// Fixed for a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "stored::Config")]
pub struct TrainConfig {
    /// What every random choice derives from; below 2^63.
    pub seed: u64,
    /// Steps between validations. Default 25.
    pub validate_every: u64,
    /// Stop after this many validations without a better one; `None`: never. Default 10.
    pub patience: Option<u32>,
    /// Stop when the guard sees a collapse: nothing good comes after it. Default true.
    pub stop_when_collapsed: bool,
    /// What the run starts with.
    pub settings: Settings,
}

/// Can be changed between steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// P: labels in a batch. Default 16.
    #[serde(default = "stored::labels_per_batch")]
    pub labels_per_batch: usize,
    /// K: photos of each label in a batch. Default 4.
    #[serde(default = "stored::photos_per_label")]
    pub photos_per_label: usize,
    /// Length of the run and of its schedule. Default 600.
    pub steps: u64,
    /// Steps until the full learning rate. Default 50.
    pub warmup: u64,
    /// Full learning rate of the head. Default 1e-4.
    pub learning_rate: f64,
    /// The first layer below the head learns at this share of the rate. Default 1.
    pub body_rate_share: f64,
    /// Each further layer at this share of the one above it. Default 0.9.
    pub layer_decay: f64,
    /// Decoupled weight decay. Default 0.01.
    pub weight_decay: f64,
    /// Longest gradient, all parameters together; `None`: no limit. Default 1.
    pub clip_norm: Option<f64>,
    /// Which triplets count. Default batch-all.
    pub mining: Mining,
    /// How far apart embeddings are. Default euclidean.
    pub distance: Distance,
    /// By how much negatives should be farther. Default 0.2.
    pub margin: Margin,
    /// Share of the loss that the person's own triplets make up, when there are any. Default 0.25.
    pub user_share: f64,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            validate_every: 25,
            patience: Some(10),
            stop_when_collapsed: true,
            settings: Settings::default(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            labels_per_batch: stored::labels_per_batch(),
            photos_per_label: stored::photos_per_label(),
            steps: 600,
            warmup: 50,
            learning_rate: 1e-4,
            body_rate_share: 1.0,
            layer_decay: 0.9,
            weight_decay: 0.01,
            clip_norm: Some(1.0),
            mining: Mining::BatchAll,
            distance: Distance::Euclidean,
            margin: Margin::Hinge(0.2),
            user_share: 0.25,
        }
    }
}

/// A setting that makes no sense; the sentence says which, and what would.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// P below 2.
    #[error("a batch needs photos of at least 2 labels, got {0}")]
    LabelsPerBatch(usize),
    /// K below 2.
    #[error("a batch needs at least 2 photos of a label, got {0}")]
    PhotosPerLabel(usize),
    /// A seed that a checkpoint cannot hold.
    #[error("the seed must be below 9223372036854775808 (2^63), got {0}")]
    Seed(u64),
    /// No validation interval.
    #[error("validation needs at least 1 step between two rounds, got 0")]
    ValidateEvery,
    /// No step to take.
    #[error("training needs at least 1 step, got 0")]
    Steps,
    /// A number that must be positive.
    #[error("the {name} must be a number above 0, got {value}")]
    NotPositive {
        /// Which.
        name: &'static str,
        /// What it was.
        value: f64,
    },
    /// A number that must be a share.
    #[error("the {name} must lie between 0 and 1, got {value}")]
    NotAShare {
        /// Which.
        name: &'static str,
        /// What it was.
        value: f64,
    },
}

impl TrainConfig {
    /// Refuses what makes no sense.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if i64::try_from(self.seed).is_err() {
            return Err(ConfigError::Seed(self.seed));
        }
        if self.validate_every == 0 {
            return Err(ConfigError::ValidateEvery);
        }
        self.settings.validate()
    }
}

impl Settings {
    /// Refuses what makes no sense.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.labels_per_batch < 2 {
            return Err(ConfigError::LabelsPerBatch(self.labels_per_batch));
        }
        if self.photos_per_label < 2 {
            return Err(ConfigError::PhotosPerLabel(self.photos_per_label));
        }
        if self.steps == 0 {
            return Err(ConfigError::Steps);
        }
        let above_zero = |name, value: f64| {
            if value.is_finite() && value > 0.0 { Ok(()) } else { Err(ConfigError::NotPositive { name, value }) }
        };
        let share = |name, value: f64| {
            if (0.0..=1.0).contains(&value) { Ok(()) } else { Err(ConfigError::NotAShare { name, value }) }
        };
        above_zero("learning rate", self.learning_rate)?;
        above_zero("share of the learning rate below the head", self.body_rate_share)?;
        self.clip_norm.map_or(Ok(()), |limit| above_zero("longest gradient", limit))?;
        if let Margin::Hinge(margin) = self.margin {
            above_zero("margin", margin)?;
        }
        share("layer decay", self.layer_decay)?;
        share("weight decay", self.weight_decay)?;
        share("share of your own triplets", self.user_share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_refused_by_name() {
        let base = Settings::default();
        let wrong = [
            (Settings { margin: Margin::Hinge(0.0), ..base }, "the margin must be a number above 0, got 0"),
            (Settings { learning_rate: f64::NAN, ..base }, "the learning rate must be a number above 0, got NaN"),
            (Settings { user_share: 1.5, ..base }, "the share of your own triplets must lie between 0 and 1, got 1.5"),
            (Settings { steps: 0, ..base }, "training needs at least 1 step, got 0"),
        ];
        for (settings, sentence) in wrong {
            assert_eq!(settings.validate().unwrap_err().to_string(), sentence);
        }
        let lonely = Settings { photos_per_label: 1, ..base };
        assert_eq!(lonely.validate().unwrap_err().to_string(), "a batch needs at least 2 photos of a label, got 1");
        let alike = Settings { labels_per_batch: 1, ..base };
        assert_eq!(alike.validate().unwrap_err().to_string(), "a batch needs photos of at least 2 labels, got 1");
        assert_eq!(TrainConfig::default().validate(), Ok(()));
    }

    #[test]
    fn a_config_round_trips_as_json() {
        let config = TrainConfig::default();
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<TrainConfig>(&text).unwrap(), config);
    }

    #[test]
    fn a_config_from_before_batches_could_change_says_the_same() {
        let old = r#"{"labels_per_batch":6,"photos_per_label":3,"seed":4,"validate_every":25,"patience":10,
            "stop_when_collapsed":true,"settings":{"steps":600,"warmup":50,"learning_rate":0.0001,"body_rate_share":1.0,
            "layer_decay":0.9,"weight_decay":0.01,"clip_norm":1.0,"mining":"batch-all","distance":"euclidean",
            "margin":{"hinge":0.2},"user_share":0.25}}"#;
        let settings = Settings { labels_per_batch: 6, photos_per_label: 3, ..Settings::default() };
        let expected = TrainConfig { seed: 4, settings, ..TrainConfig::default() };
        assert_eq!(serde_json::from_str::<TrainConfig>(old).unwrap(), expected);
        let unknown = old.replace("seed", "sead");
        assert!(serde_json::from_str::<TrainConfig>(&unknown).is_err());
    }
}
