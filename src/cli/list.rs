//! `tripletui list FOLDER` and `tripletui relink OLD NEW`

use serde::Serialize;

use super::arguments::{ListArguments, RelinkArguments};
use super::exit::{Failure, Found};
use super::output::{json, line, shown};
use super::settings::Settings;
use crate::work::{Library, listed_photos, relink as move_library};

#[derive(Serialize)]
struct Listed<'a> {
    id: String,
    label: Option<&'a str>,
    locations: Vec<String>,
    width: u32,
    height: u32,
    bytes: u64,
    taken: Option<&'a str>,
    camera: Option<&'a str>,
}

/// Lists every photo, by path.
pub(super) fn run(arguments: &ListArguments, settings: &Settings) -> Result<Found, Failure> {
    let viewer = Library::open(&arguments.folder, &settings.library_options())?.viewer()?;
    let photos = listed_photos(&viewer)?;
    for photo in &photos {
        let (record, facts) = (&photo.record, &photo.record.facts);
        if arguments.json {
            json(&Listed {
                id: facts.id.to_string(),
                label: photo.label.as_deref(),
                locations: record.paths.iter().map(|path| path.to_string_lossy().into_owned()).collect(),
                width: facts.width,
                height: facts.height,
                bytes: facts.bytes,
                taken: facts.taken.as_deref(),
                camera: facts.camera.as_deref(),
            })?;
        } else {
            let paths: Vec<String> = record.paths.iter().map(|path| shown(path)).collect();
            let label = photo.label.as_deref().unwrap_or("-");
            line(&format!("{}  {label}  {}x{}", paths.join(" = "), facts.width, facts.height))?;
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
