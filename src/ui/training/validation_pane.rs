//! How well the validation photos are found, beside how well they were before; at the end what the held-out photos say.

use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::text::Line;

use super::curve_pane::{empty, level};
use super::figures;
use super::message::TrainingOutcome;
use super::plot::{self, Curve, Plot};
use super::run::{Phase, Run};
use crate::ui::theme::Theme;
use crate::ui::view::Canvas;
use crate::ui::words;

/// Draws the numbers and the curves; a dotted level is where they began.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, run: &Run) {
    let mut lines = match &run.phase {
        Phase::Ended(outcome) => judged(outcome),
        _ => Vec::new(),
    };
    lines.extend(scores(run));
    let room = area.height.saturating_sub(3).max(1);
    let columns = usize::from(area.width);
    let taken = (lines.len() as u16).min(room);
    for (line, text) in (0..taken).zip(lines) {
        canvas
            .line(Rect { y: area.y + line, height: 1, ..area }, Line::raw(words::cut_end(&text, columns).into_owned()));
    }
    let rest = Rect { y: area.y + taken, height: area.height - taken.min(area.height), ..area };
    if run.score.is_some() {
        curves(canvas, rest, run);
    } else {
        let text = if run.is_running() { "no validation yet" } else { "no validation photos" };
        canvas.line(rest, Line::styled(text, canvas.state.theme.faint()).centered());
    }
}

fn judged(outcome: &TrainingOutcome) -> Vec<String> {
    match &outcome.judged {
        Some(judged) => vec![format!("held out: {}", judged.verdict), figures::judged(judged)],
        None => vec!["held out: no photos to judge by".to_owned()],
    }
}

fn scores(run: &Run) -> Vec<String> {
    let (Some(first), Some(last)) = (run.baseline, run.score) else { return Vec::new() };
    let best = run.best.map(|best| format!(" · best at step {}", best.step)).unwrap_or_default();
    vec![
        format!("r Recall@1 {} -> {}{best}", figures::score(first.recall_at_1), figures::score(last.recall_at_1)),
        format!(
            "m MAP@R {} -> {} ±{} (95 %)",
            figures::score(first.map_at_r),
            figures::score(last.map_at_r),
            figures::score(last.map_half_width)
        ),
    ]
}

fn curves(canvas: &mut Canvas<'_>, area: Rect, run: &Run) {
    let theme: Theme = canvas.state.theme;
    let look = &canvas.state.training.look;
    let plot = empty(look, run);
    let curve = |which: usize, letter: char| Curve {
        letter,
        color: theme.series(which),
        dots: run.history.scores(which),
        joined: true,
    };
    let mut curves = vec![curve(0, 'r'), curve(1, 'm')];
    let faint = theme.faint().fg.unwrap_or(Color::Reset);
    if let Some(first) = run.baseline {
        let levels = [first.recall_at_1, first.map_at_r].map(|value| Curve {
            letter: '·',
            color: faint,
            dots: level(plot.span, value),
            joined: false,
        });
        curves.splice(0..0, levels);
    }
    let first = run.baseline.filter(|_| !look.recent).map_or(plot.span.0, |first| first.step);
    let span = (plot.span.0.min(first), plot.span.1);
    plot::draw(canvas, area, &Plot { curves, span, number: figures::score, ..plot });
}
