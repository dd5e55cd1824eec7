//! What a model's record says of how it was made, in words.

use serde_json::Value;

use crate::library::PhotoId;
use crate::train::{Settings, StopReason, TrainConfig};

/// One fact a line: what it learned from, the settings at the start, and every change on the way.
pub(super) fn in_words(config: &Value, report: &Value) -> Vec<String> {
    let mut facts = Vec::new();
    let number = |value: &Value| value.as_u64();
    if let Some(labels) = number(&config["photos"]["labels"]) {
        let photos = number(&config["photos"]["photos"]).unwrap_or(0);
        facts.push(format!("learned from {photos} photos of {labels} labels"));
    }
    if let Some(steps) = number(&report["steps"]) {
        let reason = serde_json::from_value(report["reason"].clone()).map_or("", why);
        facts.push(format!("{steps} steps{reason}"));
    }
    if let Ok(told) = serde_json::from_value::<TrainConfig>(config["config"].clone()) {
        facts.extend(of_settings(&told.settings).into_iter().map(|(name, value)| format!("{name} {value}")));
        facts.push(format!("seed {}", told.seed));
    }
    let history: Vec<(u64, Settings)> = serde_json::from_value(config["history"].clone()).unwrap_or_default();
    for (before, now) in history.iter().zip(history.iter().skip(1)) {
        let changed = of_settings(&before.1).into_iter().zip(of_settings(&now.1)).filter(|(old, new)| old != new);
        let words: Vec<String> = changed.map(|((name, old), (_, new))| format!("{name} {old} -> {new}")).collect();
        facts.push(format!("from step {} on: {}", now.0, words.join(", ")));
    }
    let left_out: Vec<(u64, Vec<PhotoId>)> = serde_json::from_value(config["left_out"].clone()).unwrap_or_default();
    facts.extend(left_out.iter().map(|(step, photos)| match photos.len() {
        0 => format!("from step {step} on: with all photos again"),
        1 => format!("from step {step} on: without 1 photo whose label is wrong"),
        count => format!("from step {step} on: without {count} photos whose labels are wrong"),
    }));
    if config["imported"].as_bool() == Some(true) {
        facts.push("taken in from a file".to_owned());
    }
    facts
}

const fn why(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Finished => ", all of them taken",
        StopReason::EarlyStopping => ", until validation no longer got better",
        StopReason::Stopped => ", then stopped",
        StopReason::Collapsed => ", then collapsed",
        StopReason::Diverged => ", then diverged",
    }
}

fn of_settings(settings: &Settings) -> [(&'static str, String); 6] {
    let text = |value: Value| value.as_str().map(str::to_owned).unwrap_or_default();
    [
        ("mining", serde_json::to_value(settings.mining).map(text).unwrap_or_default()),
        ("distance", serde_json::to_value(settings.distance).map(text).unwrap_or_default()),
        ("margin", settings.margin.to_string()),
        ("learning rate", settings.learning_rate.to_string()),
        ("P", settings.labels_per_batch.to_string()),
        ("K", settings.photos_per_label.to_string()),
    ]
}

/// Year, month and day of a count of days since 1970 (Hinnant 2013, "chrono-Compatible Low-Level Date Algorithms",
/// `civil_from_days`): the year begins in March, so that the day that some years lack is the last one.
pub(super) const fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = year_of_era + era * 400;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// ```python
    /// import datetime; [datetime.date(1970, 1, 1) + datetime.timedelta(d) for d in (0, 59, 11016, 20576, -1)]
    /// # 1970-01-01, 1970-03-01, 2000-02-29, 2026-05-03, 1969-12-31
    /// ```
    #[test]
    fn days_become_dates() {
        let expected = [(0, (1970, 1, 1)), (59, (1970, 3, 1)), (11_016, (2000, 2, 29)), (20_576, (2026, 5, 3))];
        for (days, found) in expected.into_iter().chain([(-1, (1969, 12, 31))]) {
            assert_eq!(date(days), found, "{days}");
        }
    }

    #[test]
    fn what_was_changed_on_the_way_is_told_step_by_step() {
        let first = TrainConfig::default();
        let photo = |number: u8| PhotoId::of_content(&[number]);
        let wider = Settings { margin: crate::triplet::Margin::Hinge(0.5), photos_per_label: 6, ..first.settings };
        let config = json!({ "config": first, "photos": { "labels": 3, "photos": 40 },
            "history": [(0, first.settings), (25, wider)],
            "left_out": [(30, vec![photo(1)]), (40, vec![photo(1), photo(2)])] });
        let facts = in_words(&config, &json!({ "steps": 90, "reason": "stopped" }));
        assert_eq!(facts[..2], ["learned from 40 photos of 3 labels", "90 steps, then stopped"]);
        let last = [
            "from step 25 on: margin 0.2 -> 0.5, K 4 -> 6",
            "from step 30 on: without 1 photo whose label is wrong",
            "from step 40 on: without 2 photos whose labels are wrong",
        ];
        assert_eq!(facts[facts.len() - 3..], last);
        assert!(in_words(&json!({}), &json!({})).is_empty());
    }
}
