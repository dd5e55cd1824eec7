//! `tripletui query FOLDER IMAGE...`

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::arguments::QueryArguments;
use super::exit::{Failure, Found};
use super::output::{json, line, shown};
use super::settings::Settings;
use crate::work::{Found as Answered, Library, ModelChoice, Searcher};

#[derive(Serialize)]
struct Reply<'a> {
    query: String,
    model: &'a str,
    method: String,
    exact: bool,
    visited: usize,
    of: usize,
    neighbors: Vec<Ranked<'a>>,
}

#[derive(Serialize)]
struct Ranked<'a> {
    rank: usize,
    path: String,
    distance: f32,
    label: Option<&'a str>,
}

/// Answers each image in turn; one that cannot be read does not keep the others from being answered.
pub(super) fn run(arguments: &QueryArguments, settings: &Settings) -> Result<Found, Failure> {
    let viewer = Library::open(&arguments.folder, &settings.library_options())?.viewer()?;
    let choice = arguments.model.as_deref().map_or(ModelChoice::Current, ModelChoice::named);
    let searcher = Searcher::open(&viewer, &choice)?;
    let (mut found, mut failed) = (Found::Nothing, None);
    for image in &arguments.asked {
        match searcher.nearest_to_file(&viewer, image, arguments.k.get()) {
            Ok(answered) => {
                if !answered.answer.neighbors.is_empty() {
                    found = Found::Something;
                }
                answer(image, &searcher, &answered, arguments.json)?;
            }
            Err(error) => {
                let error = anyhow::Error::from(error);
                if arguments.asked.len() > 1 {
                    super::output::complain(&error);
                }
                failed = Some(error);
            }
        }
    }
    match failed {
        None => Ok(found),
        Some(error) if arguments.asked.len() == 1 => Err(error.into()),
        Some(_) => Err(Failure::usage("some images could not be asked about, see above")),
    }
}

fn answer(image: &Path, searcher: &Searcher, answered: &Answered, as_json: bool) -> std::io::Result<()> {
    let neighbors: Vec<(PathBuf, f32, Option<&str>)> = answered
        .answer
        .neighbors
        .iter()
        .filter_map(|n| searcher.photo(n.row).map(|p| (p.path().to_owned(), n.distance, p.label.as_deref())))
        .collect();
    if as_json {
        let ranked = neighbors.iter().enumerate().map(|(i, (path, distance, label))| Ranked {
            rank: i + 1,
            path: path.to_string_lossy().into_owned(),
            distance: *distance,
            label: *label,
        });
        return json(&Reply {
            query: image.to_string_lossy().into_owned(),
            model: searcher.model(),
            method: searcher.method().to_string(),
            exact: answered.answer.exact,
            visited: answered.answer.visited,
            of: answered.answer.of,
            neighbors: ranked.collect(),
        });
    }
    line(&format!("{} (model {}, {})", shown(image), searcher.model(), answered.in_words(searcher.method())))?;
    for (i, (path, distance, label)) in neighbors.iter().enumerate() {
        line(&format!("{:4}  {distance:.4}  {}  {}", i + 1, shown(path), label.unwrap_or("-")))?;
    }
    Ok(())
}
