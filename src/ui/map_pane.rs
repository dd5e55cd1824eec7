//! The map: dots, the query with its neighbours, and beside them the selected photo and the labels.

use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::map::layout::MapStage;
use super::map::moves;
use super::panes::MapPane;
use super::photos::PhotoRow;
use super::sidebar_pane::separator;
use super::state::State;
use super::theme::Theme;
use super::view::{Canvas, Place};
use super::words;

/// The selected photo, the query, its neighbours.
const SELECTED: char = '◉';
const QUERY: char = '◆';
const NEIGHBOR: char = '◇';
/// So many neighbours are marked.
const NEIGHBORS: usize = 12;

/// Draws the dots, or says why there are none.
pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect) {
    let state = canvas.state;
    if state.map.len() == 0 {
        return nothing(canvas, body);
    }
    let Some((projection, raster)) = state.map.drawn() else { return };
    let most = raster.most();
    for (x, y, spot) in raster.spots() {
        let style = match (spot.bright, spot.rank) {
            (false, _) => state.theme.faint(),
            (true, Some(rank)) => state.theme.ranked(rank.into()),
            (true, None) => Style::new(),
        };
        if let Some(symbol) = spot.symbol(most) {
            put(canvas, Position::new(body.x + x, body.y + y), symbol, style);
        }
    }
    let accent = state.theme.accent();
    for (number, symbol) in signs(state) {
        if let Some(at) = state.map.place(number).and_then(|place| projection.cell(place)) {
            let style = if symbol == SELECTED { accent.patch(Theme::selected(true)) } else { accent };
            put(canvas, at, symbol, style);
        }
    }
}

fn put(canvas: &mut Canvas<'_>, at: Position, symbol: char, style: Style) {
    if let Some(cell) = canvas.buffer.cell_mut(at) {
        cell.set_char(symbol).set_style(style);
    }
}

/// What is marked, the most important last: neighbours, the query, the selected photo.
fn signs(state: &State) -> Vec<(usize, char)> {
    let map = &state.map;
    let step = state.walk.here();
    let near =
        step.and_then(|step| step.answer()).into_iter().flat_map(|answer| answer.neighbors.iter().take(NEIGHBORS));
    let mut signs: Vec<_> = near.filter_map(|near| Some((map.number(&near.photo)?, NEIGHBOR))).collect();
    signs.extend(step.and_then(|step| map.number(&step.query)).map(|number| (number, QUERY)));
    signs.push((map.cursor.selected, SELECTED));
    signs
}

fn nothing(canvas: &mut Canvas<'_>, body: Rect) {
    let state = canvas.state;
    let text = match &state.map.failed {
        Some(why) => why.clone(),
        None if state.photos.total() == 0 => "no photos yet: the map appears when there are some".to_owned(),
        None => "drawing the map …".to_owned(),
    };
    let text = words::cut_end(&text, body.width.into()).into_owned();
    let middle = Rect { y: body.y + body.height / 2, height: 1, ..body };
    canvas.line(middle, Line::styled(text, state.theme.faint()).centered());
}

/// Draws the selected photo, what is known of it, and the labels with their colours.
pub(super) fn side(canvas: &mut Canvas<'_>, pane: &MapPane) {
    let state = canvas.state;
    separator(canvas, pane.whole);
    legend(canvas, pane.legend);
    let Some(photo) = state.map.photo(state.map.cursor.selected) else { return };
    if state.pictures_on {
        canvas.picture(photo, pane.picture, Place::Middle);
    }
    let Some(row) = state.row(&photo) else { return };
    for (y, line) in (pane.details.y..pane.details.bottom()).zip(details(state, row, pane.details.width.into())) {
        canvas.line(Rect { y, height: 1, ..pane.details }, line);
    }
}

/// Name, label, date.
fn details(state: &State, row: &PhotoRow, columns: usize) -> Vec<Line<'static>> {
    let name = words::cut_middle(words::file_name(&row.name), columns).into_owned();
    let label = words::cut_end(&label_words(row), columns).into_owned();
    let date = row.taken.as_deref().unwrap_or_default().to_owned();
    vec![
        Line::styled(name, Theme::heading()),
        Line::styled(label, state.theme.label()),
        Line::styled(words::cut_end(&date, columns).into_owned(), state.theme.faint()),
    ]
}

fn label_words(row: &PhotoRow) -> String {
    if row.labels.is_empty() { "no label".to_owned() } else { row.label_words() }
}

/// The labels, most frequent first, each in the colour of its dots; the one that is looked at bears a sign.
fn legend(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let top = state.map.legend.top(area.height.into());
    let labels = state.map.legend.labels().iter().enumerate().skip(top);
    for (y, (rank, (label, count))) in (area.y..area.bottom()).zip(labels) {
        let chosen = state.map.legend.chosen() == Some(label);
        let sign = Span::styled(if chosen { "▸ " } else { "⣿ " }, state.theme.ranked(rank));
        let count = words::grouped(*count as u64);
        let room = usize::from(area.width).saturating_sub(count.len() + 3);
        let name = format!("{:room$} ", words::cut_end(label, room));
        let name = if chosen { Span::styled(name, Theme::heading()) } else { Span::raw(name) };
        let line = Line::from(vec![sign, name, Span::styled(count, state.theme.faint())]);
        canvas.line(Rect { y, height: 1, ..area }, line);
    }
}

/// The title: what map it is, and how far it is.
pub(super) fn title_words(state: &State) -> (String, String) {
    let label = state.map.legend.chosen().map(|label| format!(": {label}")).unwrap_or_default();
    let left = format!("map of {}{label}", state.folder);
    let Some(layout) = &state.map.layout else { return (left, String::new()) };
    let photos = words::counted(state.map.len(), "photo");
    let (kind, stage) = match layout.stage {
        MapStage::Axes => ("principal axes", String::new()),
        MapStage::Searching { done, of } => {
            ("principal axes", format!(" · looking for neighbours {}", words::percent(done, of)))
        }
        MapStage::Arranging { done, of } => ("UMAP", format!(" · {} done", words::percent(done, of))),
        MapStage::Arranged => ("UMAP", String::new()),
    };
    let zoom = state.map.window.zoom();
    let zoom = if zoom > 1.0 { format!(" · {zoom:.1} times larger") } else { String::new() };
    (left, format!("{kind}, {photos}{stage}{zoom} · model {} ", layout.model))
}

/// What the status line says of the selected dot: its label, and how many photos lie in its cell.
pub(super) fn place_words(state: &State) -> String {
    let photo = state.map.photo(state.map.cursor.selected);
    let label = photo.and_then(|photo| state.row(&photo)).map(|row| label_words(row)).unwrap_or_default();
    match moves::count_here(state) {
        0 if photo.is_some() => format!("{label} · out of sight"),
        0 | 1 => label,
        many => format!("{label} · {} photos here", words::grouped(many as u64)),
    }
}
