//! `tripletui query FOLDER IMAGE...` and `tripletui query FOLDER --plus IMAGE... --minus IMAGE...`

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;

use super::arguments::{FilterArguments, QueryArguments};
use super::exit::{Failure, Found};
use super::output::{json, line, shown};
use super::photo_facts::{PhotoFacts, marked_photos};
use super::settings::Settings;
use crate::library::PhotoId;
use crate::neighbor::{Method, Neighbor};
use crate::work::{
    AuditRecord, Example, Filter, Found as Answered, ModelChoice, Question, Searcher, Selection, Viewer, WorkError,
};

#[derive(Serialize)]
struct Reply<'a> {
    query: String,
    plus: Vec<String>,
    minus: Vec<String>,
    model: &'a str,
    method: Method,
    axes: Option<usize>,
    exact: bool,
    audit: Option<&'a AuditRecord>,
    visited: usize,
    of: usize,
    /// Photos that pass the filters.
    among: Option<usize>,
    elapsed_ms: f64,
    /// Distance beyond which a neighbour is no good match.
    cut_off: Option<f32>,
    neighbors: Vec<Ranked<'a>>,
}

#[derive(Serialize)]
struct Ranked<'a> {
    rank: usize,
    path: String,
    distance: f32,
    #[serde(flatten)]
    facts: PhotoFacts<'a>,
    /// Share of the library's random pairs that are closer.
    closer_pairs: f64,
    good_match: bool,
}

/// One question, as it was typed.
struct Asked<'a> {
    plus: &'a [PathBuf],
    minus: &'a [PathBuf],
}

impl Asked<'_> {
    /// `a.jpg + b.jpg - c.jpg`
    fn in_words(&self, name: impl Fn(&Path) -> String) -> String {
        let mut words = self.plus.iter().map(|path| name(path)).collect::<Vec<_>>().join(" + ");
        for path in self.minus {
            words = words + " - " + &name(path);
        }
        words
    }
}

/// Everything that is the same for all questions of one command.
struct Asker<'a> {
    arguments: &'a QueryArguments,
    viewer: Viewer,
    searcher: Searcher,
    among: Option<Selection>,
    marked: HashSet<PhotoId>,
}

/// Answers each question in turn; one that cannot be asked does not keep the others from being answered.
pub(super) fn run(arguments: &QueryArguments, settings: &Settings) -> Result<Found, Failure> {
    let viewer = Viewer::open(&arguments.folder, &settings.library_options())?;
    let filter = filter(&arguments.filter, viewer.root())?;
    let choice = arguments.model.as_deref().map_or(ModelChoice::Current, ModelChoice::named);
    let searcher = Searcher::open(&viewer, &choice)?;
    let among = (!filter.is_empty()).then(|| searcher.select(&filter));
    let marked = marked_photos(&viewer)?;
    let asker = Asker { arguments, viewer, searcher, among, marked };
    let questions: Vec<Asked<'_>> = if arguments.plus.is_empty() {
        arguments.asked.chunks(1).map(|plus| Asked { plus, minus: &[] }).collect()
    } else {
        vec![Asked { plus: &arguments.plus, minus: &arguments.minus }]
    };
    let (mut found, mut failed) = (Found::Nothing, None);
    for asked in &questions {
        match asker.ask(asked) {
            Ok(answered) => {
                if !answered.answer.neighbors.is_empty() {
                    found = Found::Something;
                }
                asker.say(asked, &answered)?;
            }
            Err(error) => {
                let error = anyhow::Error::from(error);
                if questions.len() > 1 {
                    super::output::complain(&error);
                }
                failed = Some(error);
            }
        }
    }
    match failed {
        None => Ok(found),
        Some(error) if questions.len() == 1 => Err(error.into()),
        Some(_) => Err(Failure::usage("some images could not be asked about, see above")),
    }
}

/// A folder may be given as it lies in the library, or as images are: whole, or from where the command runs.
fn filter(given: &FilterArguments, root: &Path) -> anyhow::Result<Filter> {
    let inside = |folder: &PathBuf| {
        let in_library = root.join(folder);
        let whole = if in_library.is_dir() { in_library } else { folder.clone() };
        let whole = whole.canonicalize().with_context(|| {
            format!("--in {}: there is no such folder in {}, nor is it one by itself", shown(folder), shown(root))
        })?;
        let below = whole.strip_prefix(root).map(Path::to_path_buf);
        below.with_context(|| format!("--in {}: this folder does not lie in {}", shown(folder), shown(root)))
    };
    if let (Some(from), Some(to)) = (&given.from, &given.to) {
        anyhow::ensure!(from.may_begin(to), "--from {from} is later than --to {to}: no photo can lie between them");
    }
    Ok(Filter {
        labels: given.label.clone(),
        folder: given.within.as_ref().map(inside).transpose()?,
        from: given.from.clone(),
        to: given.to.clone(),
        name: given.name.clone(),
    })
}

impl Asker<'_> {
    fn ask(&self, asked: &Asked<'_>) -> Result<Answered, WorkError> {
        let example = |path: &PathBuf| self.searcher.example_of_file(&self.viewer, path);
        let plus = asked.plus.iter().map(example).collect::<Result<Vec<Example>, _>>()?;
        let minus = asked.minus.iter().map(example).collect::<Result<Vec<Example>, _>>()?;
        let (k, among) = (self.arguments.k.get(), self.among.as_ref());
        self.searcher.answer(&Question { plus: &plus, minus: &minus, k, among })
    }

    fn rank(&self, (place, neighbor): (usize, &Neighbor), cut_off: Option<f32>) -> Option<Ranked<'_>> {
        let photo = self.searcher.photo(neighbor.row)?;
        Some(Ranked {
            rank: place + 1,
            path: photo.path().to_string_lossy().into_owned(),
            distance: neighbor.distance,
            facts: PhotoFacts::of(photo, &self.marked),
            closer_pairs: self.searcher.share_closer(neighbor.distance),
            good_match: cut_off.is_none_or(|far| neighbor.distance <= far),
        })
    }

    fn say(&self, asked: &Asked<'_>, answered: &Answered) -> std::io::Result<()> {
        let (searcher, answer) = (&self.searcher, &answered.answer);
        // The distances it comes from are those between photos: a difference of photos is far from every one of them.
        let cut_off = searcher.cut_off(self.arguments.cut_off).filter(|_| asked.minus.is_empty());
        let ranked = answer.neighbors.iter().enumerate().filter_map(|ranked| self.rank(ranked, cut_off)).collect();
        let audit = searcher.audited().filter(|audit| audit.method == answered.method);
        if !self.arguments.json {
            line(&format!(
                "{} (model {}, {}{})",
                asked.in_words(shown),
                searcher.model(),
                answered.in_words(audit),
                self.among.as_ref().map(|among| format!(", {} pass the filters", among.len())).unwrap_or_default()
            ))?;
            return list(ranked, cut_off);
        }
        let names = |paths: &[PathBuf]| paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        json(&Reply {
            query: asked.in_words(|path| path.to_string_lossy().into_owned()),
            plus: names(asked.plus),
            minus: names(asked.minus),
            model: searcher.model(),
            method: answered.method,
            axes: searcher.axes().filter(|_| answered.method == searcher.method()),
            exact: answer.exact,
            audit,
            visited: answer.visited,
            of: answer.of,
            among: self.among.as_ref().map(Selection::len),
            elapsed_ms: answered.elapsed.as_secs_f64() * 1e3,
            cut_off,
            neighbors: ranked,
        })
    }
}

/// One line a neighbour, and a mark before the first that is no good match.
fn list(ranked: Vec<Ranked<'_>>, cut_off: Option<f32>) -> std::io::Result<()> {
    let mut was_good = true;
    for Ranked { rank, path, distance, facts, good_match, .. } in ranked {
        if was_good && !good_match {
            line(&format!("      ---- no good match beyond {:.4} ----", cut_off.unwrap_or_default()))?;
        }
        was_good = good_match;
        line(&format!("{rank:4}  {distance:.4}  {}  {}", shown(Path::new(&path)), facts.in_words()))?;
    }
    Ok(())
}
