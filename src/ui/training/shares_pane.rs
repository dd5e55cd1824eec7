//! How many triplets are hard, semi-hard and easy: one stacked bar, and its curves where there is room.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::curve_pane;
use super::figures;
use super::pane::Pane;
use super::run::Run;
use crate::ui::view::Canvas;
use crate::ui::words;

/// Each kind has a filling of its own, so that the bar can be read without colours.
const FILLINGS: [&str; 3] = ["█", "▓", "░"];
const NAMES: [&str; 3] = ["hard", "semi-hard", "easy"];

/// Draws the bar, its numbers, and the curves.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, run: &Run) {
    let Some(row) = run.history.last_row() else { return };
    let counts = [row.hard, row.semi_hard, row.easy];
    let line = |number: u16| Rect { y: area.y + number, height: u16::from(number < area.height), ..area };
    canvas.line(line(0), bar(canvas, counts, area.width.into()));
    let short = area.width < 44;
    canvas.line(line(1), numbers(canvas, counts, short));
    let taken = area.height.min(2);
    curve_pane::draw_curves(
        canvas,
        Rect { y: area.y + taken, height: area.height - taken, ..area },
        Pane::Hardness,
        run,
    );
}

fn bar(canvas: &Canvas<'_>, counts: [u64; 3], columns: usize) -> Line<'static> {
    let lengths = lengths(counts, columns);
    let parts = FILLINGS.iter().zip(lengths).enumerate();
    let span = |(number, (filling, length)): (usize, (&&str, usize))| {
        Span::styled(filling.repeat(length), Style::new().fg(canvas.state.theme.series(number)))
    };
    Line::from(parts.map(span).collect::<Vec<_>>())
}

/// The lengths of the parts; together they fill the bar. What there is at all has at least one column.
fn lengths(counts: [u64; 3], columns: usize) -> [usize; 3] {
    let all = counts.iter().sum::<u64>();
    if all == 0 {
        return [0; 3];
    }
    let mut left = columns;
    let mut lengths = [0; 3];
    for (length, count) in lengths.iter_mut().zip(counts).take(2) {
        let exact = (count as f64 / all as f64 * columns as f64).round() as usize;
        *length = exact.max(usize::from(count > 0)).min(left);
        left -= *length;
    }
    if let Some(last) = lengths.last_mut() {
        *last = left;
    }
    lengths
}

fn numbers(canvas: &Canvas<'_>, counts: [u64; 3], short: bool) -> Line<'static> {
    let all = counts.iter().sum::<u64>().max(1) as f64;
    let mut spans = Vec::new();
    for (number, count) in counts.into_iter().enumerate() {
        let (filling, name) =
            (FILLINGS.get(number).copied().unwrap_or_default(), NAMES.get(number).copied().unwrap_or_default());
        let share = figures::percent(count as f64 / all);
        let text =
            if short { format!(" {name} {share} ") } else { format!(" {name} {share} ({})  ", words::grouped(count)) };
        spans.extend([Span::styled(filling, Style::new().fg(canvas.state.theme.series(number))), Span::raw(text)]);
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_the_bar_fill_it() {
        assert_eq!(lengths([0, 0, 0], 20), [0, 0, 0]);
        assert_eq!(lengths([25, 25, 50], 20), [5, 5, 10]);
        assert_eq!(lengths([1, 0, 100_000], 20), [1, 0, 19], "a single hard one is seen");
        assert_eq!(lengths([7, 0, 0], 20), [20, 0, 0]);
        assert_eq!(lengths([1, 1, 1], 0), [0, 0, 0]);
    }
}
