//! `tripletui list FOLDER` and `tripletui relink OLD NEW`

use serde::Serialize;

use super::arguments::{ListArguments, RelinkArguments};
use super::exit::{Failure, Found};
use super::output::{json, line, shown};
use super::photo_facts::{PhotoFacts, marked_photos};
use super::settings::Settings;
use crate::work::{Viewer, listed_photos, relink as move_library};

#[derive(Serialize)]
struct Listed<'a> {
    id: String,
    locations: Vec<String>,
    #[serde(flatten)]
    facts: PhotoFacts<'a>,
}

/// Lists every photo, by path, with all that the grid shows of it.
pub(super) fn run(arguments: &ListArguments, settings: &Settings) -> Result<Found, Failure> {
    let viewer = Viewer::open(&arguments.folder, &settings.library_options())?;
    let (photos, marked) = (listed_photos(&viewer)?, marked_photos(&viewer)?);
    for photo in &photos {
        let (paths, facts) = (&photo.record.paths, PhotoFacts::of(photo, &marked));
        if arguments.json {
            let locations = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
            json(&Listed { id: photo.record.facts.id.to_string(), locations, facts })?;
        } else {
            let paths: Vec<String> = paths.iter().map(|path| shown(path)).collect();
            line(&format!("{}  {}", paths.join(" = "), facts.in_words()))?;
        }
    }
    Ok(if photos.is_empty() { Found::Nothing } else { Found::Something })
}

/// Lets the library of a folder that has moved follow it.
pub(super) fn relink(arguments: &RelinkArguments, settings: &Settings) -> Result<Found, Failure> {
    move_library(&arguments.old, &arguments.new, &settings.dirs)?;
    line(&format!("the library of {} now belongs to {}", shown(&arguments.old), shown(&arguments.new)))?;
    Ok(Found::Something)
}
