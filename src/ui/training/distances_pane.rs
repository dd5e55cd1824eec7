//! Distances of photos with one label and of photos with two, one histogram over the other.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::bins;
use super::figures;
use super::message::StepDetails;
use super::run::Run;
use crate::triplet::Histogram;
use crate::ui::view::Canvas;
use crate::ui::words;

/// Fillings: positives alone, negatives alone, both.
const POSITIVE: &str = "█";
const NEGATIVE: &str = "░";
const BOTH: &str = "▓";

/// Draws the numbers, the histograms, and the axis with the selected bin.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, run: &Run) {
    let (Some(latest), Some(row)) = (run.latest.as_deref(), run.history.last_row()) else { return };
    let theme = canvas.state.theme;
    let mean = |mean: Option<f64>| mean.map_or_else(|| "none".to_owned(), figures::number);
    let pairs = |of: &Histogram| words::grouped(bins::pairs(of));
    let of = |of: &Histogram| if area.width < 44 { String::new() } else { format!(" of {}", pairs(of)) };
    let legend = vec![
        Span::styled(format!("{POSITIVE} positives "), Style::new().fg(theme.series(0))),
        Span::raw(format!("{}{}  ", mean(row.positive), of(&latest.positive))),
        Span::styled(format!("{NEGATIVE} negatives "), Style::new().fg(theme.series(1))),
        Span::raw(format!("{}{}", mean(row.negative), of(&latest.negative))),
    ];
    canvas.line(area, Line::from(legend));
    let plot = Rect { y: area.y + 1, height: area.height.saturating_sub(2), ..area };
    bars(canvas, plot, latest);
    if area.height >= 3 {
        axis(canvas, Rect { y: area.bottom() - 1, height: 1, ..area }, latest);
    }
}

fn bars(canvas: &mut Canvas<'_>, area: Rect, latest: &StepDetails) {
    let theme = canvas.state.theme;
    let columns = usize::from(area.width);
    let [positive, negative] = [&latest.positive, &latest.negative].map(|of| bins::shares(of, columns));
    let most = positive.iter().chain(&negative).copied().fold(0.0, f64::max);
    if most <= 0.0 {
        return;
    }
    let filled = |share: f64| (share / most * f64::from(area.height)).round() as u16;
    // A bin that holds something is seen.
    let height = |share: f64| filled(share).max(u16::from(share > 0.0));
    for (x, (positive, negative)) in (area.x..area.right()).zip(positive.into_iter().zip(negative)) {
        let (positive, negative) = (height(positive), height(negative));
        for line in 0..positive.max(negative).min(area.height) {
            let (filling, colour) = match (line < positive, line < negative) {
                (true, true) => (BOTH, theme.series(2)),
                (true, false) => (POSITIVE, theme.series(0)),
                _ => (NEGATIVE, theme.series(1)),
            };
            let cell = Rect::new(x, area.bottom() - 1 - line, 1, 1);
            canvas.line(cell, Line::styled(filling, Style::new().fg(colour)));
        }
    }
}

/// `0 … 2`, or the selected bin in words.
fn axis(canvas: &mut Canvas<'_>, area: Rect, latest: &StepDetails) {
    let style = canvas.state.theme.faint();
    let Some(bin) = canvas.state.training.look.bin else {
        canvas.line(area, Line::styled("0", style));
        canvas.line(area, Line::styled(figures::number(latest.positive.upper), style).right_aligned());
        canvas.line(area, Line::styled("distance", style).centered());
        return;
    };
    let bins = latest.positive.counts.len();
    let (from, to) = bins::limits(&latest.positive, bin);
    let count = |of: &Histogram| words::grouped(of.counts.get(bin).copied().unwrap_or_default().into());
    let to = if to.is_finite() { format!(" to {}", figures::number(to)) } else { " and more".to_owned() };
    let text = format!(
        "{}{to}: {} positive, {} negative",
        figures::number(from),
        count(&latest.positive),
        count(&latest.negative)
    );
    let above = Rect { y: area.y.saturating_sub(1), ..area };
    let column = bins::column_of(bin, bins, area.width.into()) as u16;
    let pointer = Rect { x: above.x + column, width: 1, ..above };
    canvas.line(pointer, Line::styled("▲", canvas.state.theme.accent()));
    canvas.line(area, Line::raw(words::cut_end(&text, area.width.into()).into_owned()));
}
