//! The title and the status: one line each.

use std::time::Duration;

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::keys::{Action, Context};
use super::map_pane;
use super::message::{Answered, Audited, EmbeddingProgress, IndexProgress, IndexSummary};
use super::order::SortBy;
use super::panes::Screen;
use super::state::{Indexing, State};
use super::theme::Theme;
use super::view::Canvas;
use super::walk::Step;
use super::{models, training, words};

/// The name of a query is given so many columns before how its neighbours were found.
const NAME_COLUMNS: usize = 32;

/// The title: where we are, and what is shown.
pub(super) fn title(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let (left, right) = match state.screen() {
        Screen::Library => (state.folder.clone(), library_words(state)),
        Screen::Neighbors => neighbors_words(state),
        Screen::Map => map_pane::title_words(state),
        Screen::Zoom => (selected_name(state), format!("{} ", place_words(state))),
        Screen::Compare => compare_words(state),
        Screen::Skipped => {
            (format!("{} could not be read", words::counted(state.skipped.len(), "file")), String::new())
        }
        Screen::TrainingForm | Screen::Training | Screen::Examples => training::title(state),
        Screen::Models | Screen::ModelsCompared => models::title(state),
    };
    let name = Span::styled(" tripletui ", state.theme.accent());
    let room = usize::from(area.width).saturating_sub(words::columns_of(&name.content) + 1);
    let right = if right.is_empty() { right } else { format!("{} ", right.trim_end()) };
    let right = match state.screen() {
        Screen::Neighbors => shortened(&right, room.saturating_sub(words::columns_of(&left).min(NAME_COLUMNS) + 1)),
        _ => words::cut_end(&right, room.saturating_sub(words::columns_of(&left).min(12) + 1)).into_owned(),
    };
    let left = words::cut_middle(&left, room.saturating_sub(words::columns_of(&right) + 1)).into_owned();
    canvas.line(area, Line::from(vec![name, Span::styled(left, Theme::heading())]));
    canvas.line(area, Line::raw(right).right_aligned());
}

/// A title in fewer columns: parts before the last one go first, the one before it first of all.
fn shortened(title: &str, columns: usize) -> String {
    let mut parts: Vec<&str> = title.split(" · ").collect();
    while parts.len() > 2 && parts.iter().map(|part| words::columns_of(part) + 3).sum::<usize>() > columns + 3 {
        parts.remove(parts.len() - 2);
    }
    words::cut_end(&parts.join(" · "), columns).into_owned()
}

fn library_words(state: &State) -> String {
    let total = words::counted(state.photos.total(), "photo");
    let filter = state.photos.filter();
    let shown = if filter.is_all() {
        total
    } else {
        format!("{}: {} of {total}", filter.words(), words::grouped(state.photos.len() as u64))
    };
    let order = state.photos.order();
    let from = state.walk.here().filter(|_| order.by == SortBy::Distance);
    let from = from.map(|step| format!(" to {}", question_words(state, step))).unwrap_or_default();
    format!("{shown} · {}{from} ", order.words())
}

/// `a.jpg + b.jpg − c.jpg`.
fn question_words(state: &State, step: &Step) -> String {
    let mut words = state.name_of(&step.query);
    for (sign, photos) in [("+", &step.with.plus), ("−", &step.with.minus)] {
        for photo in photos {
            words = format!("{words} {sign} {}", state.name_of(photo));
        }
    }
    words
}

fn compare_words(state: &State) -> (String, String) {
    let names = [state.compare, state.selected_photo()].map(|photo| photo.map(|photo| state.name_of(&photo)));
    let [left, right] = names.map(Option::unwrap_or_default);
    (format!("{left} and {right}"), format!("{} ", place_words(state)))
}

fn neighbors_words(state: &State) -> (String, String) {
    let Some(step) = state.walk.here() else { return Default::default() };
    let (at, of) = state.walk.place();
    let walk = if of > 1 { format!(" · step {at} of {of}") } else { String::new() };
    let filter = state.photos.filter();
    let among = if filter.is_all() { String::new() } else { format!(" · among {}", filter.words()) };
    let name = question_words(state, step);
    (format!("similar to {name}{walk}{among}"), step.answer().map(answer_words).unwrap_or_default())
}

/// `exact`, `exact, audited 400/400`, `approximate, measured recall 0.97`.
fn exactness_words(answer: &Answered) -> String {
    match (answer.exact, answer.audited) {
        (true, None) => "exact".to_owned(),
        (true, Some(Audited { asked, agreed, .. })) if asked == agreed => format!("exact, audited {agreed}/{asked}"),
        (true, Some(Audited { asked, agreed, .. })) => format!("NOT exact, audited {agreed}/{asked}"),
        (false, None) => "approximate".to_owned(),
        (false, Some(Audited { recall, .. })) => format!("approximate, measured recall {recall:.2}"),
    }
}

/// `k-d tree · exact, audited 400/400 · checked 0.4 % · 0.8 ms · model base`.
fn answer_words(answer: &Answered) -> String {
    let exact = exactness_words(answer);
    let checked = words::percent(answer.visited, answer.of);
    format!(
        "{} · {exact} · checked {checked} · {} · model {} ",
        answer.method,
        words::took(answer.elapsed),
        answer.model
    )
}

/// The status: what happens, at the right what is selected.
pub(super) fn status(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let theme = state.theme;
    let columns = usize::from(area.width).saturating_sub(2);
    let place = place_words(state);
    let room = columns.saturating_sub(words::columns_of(&place) + 2);
    let (text, style) = match &state.notice {
        Some(notice) if notice.alarm => (format!("! {}", notice.text), theme.alarm()),
        Some(notice) => (notice.text.clone(), Theme::heading()),
        None => (state.training.status().unwrap_or_else(|| lasting_words(state, room)), Style::new()),
    };
    let text = words::cut_end(&text, room).into_owned();
    let left = room.saturating_sub(words::columns_of(&text) + 3);
    let name = if left >= 12 && !place.is_empty() {
        format!("{}  ", words::cut_start(&selected_name(state), left))
    } else {
        String::new()
    };
    canvas.line(Rect { x: 1, width: area.width - 1, ..area }, Line::styled(text, style));
    let right = Line::from(vec![Span::styled(name, theme.faint()), Span::raw(place), Span::raw(" ")]);
    canvas.line(area, right.right_aligned());
}

fn selected_name(state: &State) -> String {
    let row = state.selected_photo().and_then(|photo| state.row(&photo).cloned());
    row.map(|row| row.name.to_string()).unwrap_or_default()
}

/// `132 / 10,480 · 3 marked`, with the count that is being typed.
fn place_words(state: &State) -> String {
    let len = state.list_len();
    let place = if len == 0 { 0 } else { state.list_at().selected + 1 };
    let mut text = match state.screen() {
        Screen::Map => map_pane::place_words(state),
        Screen::Skipped => format!(
            "{} / {}",
            words::grouped(state.skipped_cursor.selected as u64 + 1),
            words::grouped(state.skipped.len() as u64)
        ),
        Screen::Library | Screen::Neighbors | Screen::Zoom => {
            format!("{} / {}", words::grouped(place as u64), words::grouped(len as u64))
        }
        _ => String::new(),
    };
    if !text.is_empty() && state.photos.marked() > 0 && state.size.width >= 100 {
        text = format!("{text} · {} marked", words::grouped(state.photos.marked() as u64));
    }
    let typed: String = state.pressed.iter().map(ToString::to_string).collect();
    match (state.count, typed.is_empty()) {
        (None, true) => text,
        (count, _) => format!("{text} · {}{typed}", count.map(|count| count.to_string()).unwrap_or_default()),
    }
}

/// How indexing stands, and what else is lasting.
fn lasting_words(state: &State, columns: usize) -> String {
    let indexing = indexing_words(state, columns);
    match (&state.standing, &state.indexing) {
        (Some(standing), Indexing::Finished(_)) => format!("{indexing} · {standing}"),
        (Some(standing), Indexing::Unknown) => standing.clone(),
        _ => indexing,
    }
}

fn indexing_words(state: &State, columns: usize) -> String {
    match &state.indexing {
        Indexing::Unknown => String::new(),
        Indexing::Finished(summary) => finished_words(state, summary),
        Indexing::Running(IndexProgress::Other(what)) => format!("{what} …"),
        Indexing::Running(IndexProgress::Scanning { files }) => {
            format!("looking for photos: {} seen", words::counted(*files, "file"))
        }
        Indexing::Running(IndexProgress::Embedding(progress)) => embedding_words(progress, columns),
    }
}

/// `indexed 3,120 / 10,480 · 41 photos/s · 2 min 50 s left · 3 skipped`; with less room without the speed, with more
/// behind a bar.
fn embedding_words(progress: &EmbeddingProgress, columns: usize) -> String {
    let number = |n: usize| words::grouped(n as u64);
    let &EmbeddingProgress { done, total, photos_per_second, left, skipped } = progress;
    let counted = Some(format!("indexed {} / {}", number(done), number(total)));
    let speed = (photos_per_second > 0.0).then(|| format!("{photos_per_second:.0} photos/s"));
    let left = left.map(|left| format!("{} left", words::waiting(left.max(Duration::from_secs(1)))));
    let skipped = (skipped > 0).then(|| format!("{} skipped", number(skipped)));
    let joined = |parts: [&Option<String>; 4]| parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(" · ");
    let text = joined([&counted, &speed, &left, &skipped]);
    let width = words::columns_of(&text);
    if width > columns {
        joined([&counted, &None, &left, &skipped])
    } else if width + 45 > columns {
        text
    } else {
        format!("▕{}▏ {text}", words::bar(done as f64 / total.max(1) as f64, 12))
    }
}

fn finished_words(state: &State, summary: &IndexSummary) -> String {
    let mut parts = vec![words::counted(summary.photos, "photo")];
    if summary.embedded > 0 {
        parts.push(format!("{} new in {}", words::grouped(summary.embedded as u64), words::waiting(summary.elapsed)));
    }
    if summary.skipped > 0 {
        let key = state.keys.key(Context::Grid, Action::Skipped);
        parts.push(format!("{} skipped ({key} shows them)", words::counted(summary.skipped, "file")));
    }
    parts.join(" · ")
}
