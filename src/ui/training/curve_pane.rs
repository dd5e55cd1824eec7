//! Panes that are curves: the numbers of the last step above, or those under the cursor, and the curves below.

use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::text::{Line, Span};

use super::history::{Dot, Series};
use super::pane::Pane;
use super::plot::{self, Curve, Plot};
use super::run::Run;
use super::{Look, figures};
use crate::ui::view::Canvas;
use crate::ui::words;

/// The curves of a pane, each with its letter.
pub(super) const fn curves(pane: Pane) -> &'static [(Series, char)] {
    match pane {
        Pane::Loss => &[(Series::Loss, 'r'), (Series::Smooth, 's')],
        Pane::Active => &[(Series::Active, 'a'), (Series::Violating, 'v')],
        Pane::Hardness => &[(Series::Hard, 'h'), (Series::SemiHard, 's'), (Series::Easy, 'e')],
        Pane::Distances => &[(Series::Positive, 'p'), (Series::Negative, 'n')],
        Pane::Spread => &[(Series::SpreadLow, 'l'), (Series::SpreadMedian, 'm'), (Series::SpreadHigh, 'h')],
        Pane::Gradient => &[(Series::Gradient, 'g')],
        Pane::Rate => &[(Series::Rate, 'r')],
        Pane::Speed => &[(Series::Speed, 'p')],
        Pane::Validation | Pane::Neighbors => &[],
    }
}

/// Draws a pane of curves.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, pane: Pane, run: &Run) {
    let Some(rest) = legend(canvas, area, pane, run) else { return };
    draw_curves(canvas, rest, pane, run);
}

/// Draws the curves alone.
pub(super) fn draw_curves(canvas: &mut Canvas<'_>, area: Rect, pane: Pane, run: &Run) {
    let look = &canvas.state.training.look;
    let curve = |(number, (series, letter)): (usize, &(Series, char))| Curve {
        letter: *letter,
        color: color(canvas, pane, *series, number),
        dots: run.history.dots(*series, look.recent),
        joined: *series != Series::Loss,
    };
    let plot = Plot {
        curves: curves(pane).iter().enumerate().map(curve).collect(),
        log: look.log && pane == Pane::Loss,
        range: matches!(pane, Pane::Active | Pane::Hardness).then_some((0.0, 1.0)),
        number: match pane {
            Pane::Active | Pane::Hardness => figures::percent,
            Pane::Rate => figures::rate,
            _ => figures::number,
        },
        ..empty(look, run)
    };
    plot::draw(canvas, area, &plot);
}

/// A plot without curves over the steps that are looked at.
pub(super) fn empty(look: &Look, run: &Run) -> Plot {
    Plot {
        curves: Vec::new(),
        span: run.history.span(look.recent),
        log: false,
        range: None,
        marks: run.history.marks().map(|mark| mark.x).collect(),
        cursor: look.cursor,
        number: figures::number,
    }
}

/// Dots at one height, for a level to compare with.
pub(super) fn level(span: (u64, u64), value: f64) -> Vec<Dot> {
    let (first, last) = (span.0 as f64, span.1 as f64);
    let dots = 24;
    let place = |n: u32| first + (last - first) * f64::from(n) / f64::from(dots);
    (0..=dots).map(|n| Dot { x: place(n), low: value, mean: Some(value), high: value, gap: false }).collect()
}

fn color(canvas: &Canvas<'_>, pane: Pane, series: Series, number: usize) -> Color {
    let theme = canvas.state.theme;
    match (pane, series) {
        (Pane::Loss, Series::Loss) => theme.faint().fg.unwrap_or(Color::Reset),
        _ => theme.series(number),
    }
}

/// The line with the numbers; gives the rest of the area.
fn legend(canvas: &mut Canvas<'_>, area: Rect, pane: Pane, run: &Run) -> Option<Rect> {
    let row = run.history.last_row()?;
    let look = &canvas.state.training.look;
    let x = look.cursor.unwrap_or_else(|| run.history.span(false).1);
    let reading = run.history.read(x)?;
    let mut spans = Vec::new();
    for (number, (series, letter)) in curves(pane).iter().enumerate() {
        let value = reading.values.get(*series as usize).copied().flatten();
        let text = match (series, look.cursor) {
            (Series::Active, None) => figures::share(row.active),
            (Series::Violating, None) => figures::share(row.violating),
            _ => value.map_or_else(|| "no number".to_owned(), |value| figures::of_series(*series, value)),
        };
        let color = color(canvas, pane, *series, number);
        let name = if curves(pane).len() > 1 { format!("{letter} {} ", short(*series)) } else { String::new() };
        spans.extend([Span::styled(name, color), Span::raw(format!("{text}  "))]);
    }
    let width: usize = spans.iter().map(Span::width).sum();
    if width > usize::from(area.width) + 2 {
        // Without the names: the letters say it too.
        for (name, (_, letter)) in spans.iter_mut().step_by(2).zip(curves(pane)) {
            name.content = format!("{letter} ").into();
        }
    }
    let note = if look.log && pane == Pane::Loss { "log" } else { "" };
    spans.push(Span::styled(note, canvas.state.theme.faint()));
    canvas.line(area, Line::from(spans));
    let lines = area.height.min(1);
    Some(Rect { y: area.y + lines, height: area.height - lines, ..area })
}

const fn short(series: Series) -> &'static str {
    match series {
        Series::Loss => "raw",
        Series::SpreadLow => "5 %",
        Series::SpreadMedian => "median",
        Series::SpreadHigh => "95 %",
        other => other.name(),
    }
}

/// The values of all curves under the cursor, in lines of so many columns.
pub(super) fn reading(run: &Run, at: u64, columns: usize) -> Vec<String> {
    let Some(reading) = run.history.read(at) else { return Vec::new() };
    let (first, last) = reading.steps;
    let head = if first == last { format!("step {first}") } else { format!("steps {first} to {last}, means") };
    let value = |series: Series| match reading.values.get(series as usize).copied().flatten() {
        Some(value) => format!("{} {}", series.name(), figures::of_series(series, value)),
        None => format!("{} no number", series.name()),
    };
    let (from, to) = run.history.span(false);
    let near = ((to - from) / 50).max(1);
    let marks = run.history.marks().filter(|mark| mark.x.abs_diff(at) <= near).map(|mark| format!("▾ {}", mark.words));
    let parts = std::iter::once(head).chain(marks).chain(Series::ALL.into_iter().map(value));
    wrapped(parts, columns)
}

/// Parts joined by dots, as many a line as fit.
fn wrapped(parts: impl Iterator<Item = String>, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut().filter(|line| words::columns_of(line) + words::columns_of(&part) + 3 <= columns) {
            Some(line) => *line = format!("{line} · {part}"),
            None => lines.push(part),
        }
    }
    lines
}
