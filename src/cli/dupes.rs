//! `tripletui dupes FOLDER`

use super::arguments::DupesArguments;
use super::exit::{Failure, Found};
use super::output::{Bar, json, line, shown};
use super::settings::Settings;
use crate::work::{DupeGroup, DupeSettings, Viewer, duplicates};

/// Lists the groups, the best file of each first. Nothing is changed.
pub(super) fn run(arguments: &DupesArguments, settings: &Settings) -> Result<Found, Failure> {
    if !(0.0..=2.0).contains(&arguments.threshold) {
        return Err(Failure::usage(format!("--threshold {}: distances lie between 0 and 2", arguments.threshold)));
    }
    let cancel = super::process::cancel_on_interrupt()?;
    let viewer = Viewer::open(&arguments.folder, &settings.library_options())?;
    let wanted =
        DupeSettings { threshold: arguments.threshold, likeness: DupeSettings::LIKENESS, threads: settings.threads };
    let mut bar = Bar::new();
    let groups = duplicates(&viewer, &wanted, &cancel, &mut |at| bar.show(at.doing, at.done, at.total));
    bar.clear();
    let groups = groups?;
    if arguments.json {
        groups.iter().try_for_each(json)?;
    } else {
        say(&groups)?;
    }
    Ok(if groups.is_empty() { Found::Nothing } else { Found::Something })
}

fn say(groups: &[DupeGroup]) -> std::io::Result<()> {
    for group in groups {
        for (place, file) in group.files.iter().enumerate() {
            let what = match (place, file.same_bytes) {
                (0, _) => "best".to_owned(),
                (_, true) => "copy".to_owned(),
                (_, false) => format!("near  distance {:.3}  likeness {:.3}", file.distance, file.likeness),
            };
            let size = format!("{}x{}  {} kB", file.width, file.height, file.bytes.div_ceil(1000));
            line(&format!("{}  {size}  {what}", shown(&file.path)))?;
        }
        line("")?;
    }
    let more: usize = groups.iter().map(|group| group.files.len() - 1).sum();
    let bytes: u64 = groups.iter().flat_map(|group| group.files.iter().skip(1)).map(|file| file.bytes).sum();
    line(&format!("{} groups, {more} files besides the best of each, {} MB", groups.len(), bytes.div_ceil(1_000_000)))
}
