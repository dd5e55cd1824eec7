//! Curves in braille: every terminal cell has two by four dots.

use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::symbols::Marker;
use ratatui::text::Line;
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas as Braille, Context, Line as Stroke, Points};

use super::history::Dot;
use crate::ui::view::Canvas;
use crate::ui::words;

/// Columns for the numbers of the axis.
const GUTTER: u16 = 7;
/// Below this a plot has no numbers at its axis.
const ROOM_FOR_NUMBERS: u16 = 24;
/// The smallest number on a logarithmic scale.
const LEAST: f64 = 1e-6;

/// One curve.
pub(super) struct Curve {
    /// Stands at its end, so that it is known without its colour.
    pub(super) letter: char,
    pub(super) color: Color,
    pub(super) dots: Vec<Dot>,
    /// Its dots are joined.
    pub(super) joined: bool,
}

/// Some curves over one axis.
pub(super) struct Plot {
    pub(super) curves: Vec<Curve>,
    /// Where they begin and end.
    pub(super) span: (u64, u64),
    pub(super) log: bool,
    /// What the axis holds in any case.
    pub(super) range: Option<(f64, f64)>,
    /// Places with a mark.
    pub(super) marks: Vec<u64>,
    pub(super) cursor: Option<u64>,
    /// How a number of the axis is written.
    pub(super) number: fn(f64) -> String,
}

impl Plot {
    fn height(&self, value: f64) -> f64 {
        if self.log { value.max(LEAST).log10() } else { value }
    }

    fn value(&self, height: f64) -> f64 {
        if self.log { 10f64.powf(height) } else { height }
    }

    /// The lowest and the highest place of the vertical axis.
    fn bounds(&self) -> [f64; 2] {
        let dots = self.curves.iter().flat_map(|curve| &curve.dots).filter(|dot| dot.mean.is_some());
        let ends =
            dots.flat_map(|dot| [dot.low, dot.high]).chain(self.range.into_iter().flat_map(|(low, high)| [low, high]));
        let (low, high) = ends
            .filter(|value| value.is_finite())
            .map(|value| self.height(value))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        match high - low {
            width if width > 0.0 => [low, high],
            _ if low.is_finite() => [low - 0.5 * low.abs().max(1e-9), high + 0.5 * high.abs().max(1e-9)],
            _ => [0.0, 1.0],
        }
    }
}

/// Draws the curves, with the ends of the axis at the left where there is room.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, plot: &Plot) {
    if area.is_empty() {
        return;
    }
    let bounds = plot.bounds();
    let gutter = if area.width >= ROOM_FOR_NUMBERS { GUTTER } else { 0 };
    if gutter > 0 {
        numbers(canvas, Rect { width: gutter - 1, ..area }, plot, bounds);
    }
    let field = Rect { x: area.x + gutter, width: area.width - gutter, ..area };
    let (first, last) = (plot.span.0 as f64, plot.span.1 as f64);
    let last = if last > first { last } else { first + 1.0 };
    let faint = canvas.state.theme.faint().fg.unwrap_or(Color::Reset);
    Braille::default()
        .marker(Marker::Braille)
        .x_bounds([first, last])
        .y_bounds(bounds)
        .paint(|context| {
            if let Some(cursor) = plot.cursor {
                context.draw(&Stroke::new(cursor as f64, bounds[0], cursor as f64, bounds[1], faint));
                context.layer();
            }
            plot.curves.iter().for_each(|curve| stroke(context, plot, curve));
            context.layer();
            signs(context, plot, bounds);
        })
        .render(field, canvas.buffer);
}

fn numbers(canvas: &mut Canvas<'_>, area: Rect, plot: &Plot, bounds: [f64; 2]) {
    let style = canvas.state.theme.faint();
    let mut write = |line: u16, height: f64| {
        let text = words::cut_end(&(plot.number)(plot.value(height)), area.width.into()).into_owned();
        canvas.line(Rect { y: area.y + line, height: 1, ..area }, Line::styled(text, style).right_aligned());
    };
    write(0, bounds[1]);
    if area.height > 1 {
        write(area.height - 1, bounds[0]);
    }
}

fn stroke(context: &mut Context<'_>, plot: &Plot, curve: &Curve) {
    let mut before: Option<(f64, f64)> = None;
    for dot in &curve.dots {
        let Some(mean) = dot.mean else {
            before = None;
            continue;
        };
        let here = (dot.x, plot.height(mean));
        let (low, high) = (plot.height(dot.low), plot.height(dot.high));
        if !curve.joined && high > low {
            context.draw(&Stroke::new(dot.x, low, dot.x, high, curve.color));
        }
        match before.filter(|_| curve.joined) {
            Some(before) => context.draw(&Stroke::new(before.0, before.1, here.0, here.1, curve.color)),
            None => context.draw(&Points::new(&[here], curve.color)),
        }
        before = Some(here);
    }
}

/// Letters at the ends of curves, marks above, a cross below where there was no number.
fn signs(context: &mut Context<'_>, plot: &Plot, bounds: [f64; 2]) {
    let (first, last) = (plot.span.0 as f64, plot.span.1 as f64);
    let is_seen = |x: &f64| (first..=last).contains(x);
    for x in plot.marks.iter().map(|mark| *mark as f64).filter(is_seen) {
        context.print(x, bounds[1], "▾");
    }
    for dot in plot.curves.iter().flat_map(|curve| &curve.dots).filter(|dot| dot.gap && is_seen(&dot.x)) {
        context.print(dot.x, bounds[0], "×");
    }
    for curve in plot.curves.iter().filter(|_| plot.curves.len() > 1) {
        let end = curve.dots.iter().rev().find_map(|dot| Some((dot.x, dot.mean?)));
        if let Some((x, mean)) = end {
            let letter = ratatui::text::Span::styled(curve.letter.to_string(), curve.color);
            context.print(x, plot.height(mean), Line::from(letter));
        }
    }
}
