//! How it goes, in words: the state, the progress, what can be done, the settings.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::form::duration;
use super::run::{Phase, Run};
use super::{figures, verdict};
use crate::ui::keys::Context;
use crate::ui::state::State;
use crate::ui::theme::Theme;
use crate::ui::view::Canvas;
use crate::ui::words;

/// Draws as many of the lines as fit, the most important first.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, run: &Run) {
    let lines = match &run.phase {
        Phase::Ended(outcome) => verdict::outcome(outcome, &canvas.state.keys).into_iter().map(Line::raw).collect(),
        Phase::Failed(why) => vec![Line::styled(format!("! {why}"), canvas.state.theme.alarm())],
        _ => going(canvas.state, run, area.width.into()),
    };
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        canvas.line(Rect { x: area.x + 1, y, width: area.width.saturating_sub(2), height: 1 }, line);
    }
}

fn going(state: &State, run: &Run, columns: usize) -> Vec<Line<'static>> {
    let mut lines = vec![progress(state, run, columns)];
    lines.push(Line::styled(verdict::sentence(run), Theme::heading()));
    lines.extend(remedies(state, run));
    let settings = settings(state, run);
    let settings = words::cut_end(&settings, columns.saturating_sub(2)).into_owned();
    lines.push(Line::styled(settings, state.theme.faint()));
    lines.extend(run.history.marks().next_back().map(|mark| Line::raw(format!("▾ {}", mark.words))));
    lines
}

/// `● learning  step 120 / 600 · epoch 3.2 · 214 photos/s · 1 min gone · 3 min left`.
fn progress(state: &State, run: &Run, columns: usize) -> Line<'static> {
    let (text, style) = match (&run.phase, run.state()) {
        (Phase::Paused, _) => ("‖ paused".to_owned(), state.theme.accent()),
        (Phase::Waits, _) => ("○ waits".to_owned(), state.theme.accent()),
        (Phase::Preparing { done, total }, _) => {
            let bar = words::bar(*done as f64 / (*total).max(1) as f64, 12);
            let count = |number: usize| words::grouped(number as u64);
            (format!("preparing photos ▕{bar}▏ {} / {}", count(*done), count(*total)), state.theme.accent())
        }
        (_, None) => ("○ begins".to_owned(), state.theme.accent()),
        (_, Some(guard)) => {
            let style = if verdict::is_alarming(guard) { state.theme.alarm() } else { state.theme.accent() };
            (format!("{} {}", verdict::sign(guard), verdict::word(guard)), style)
        }
    };
    let text = if run.stopping { format!("{text}, stopping") } else { text };
    let room = columns.saturating_sub(words::columns_of(&text) + 6);
    let facts = words::cut_end(&facts(run).join(" · "), room).into_owned();
    Line::from(vec![Span::styled(text, style), Span::raw("  "), Span::raw(facts)])
}

fn facts(run: &Run) -> Vec<String> {
    let (taken, all) = run.steps();
    let number = words::grouped;
    let mut facts = Vec::new();
    facts.extend(run.busy.clone());
    facts.extend((all > 0).then(|| format!("step {} / {}", number(taken), number(all))));
    let is_going = run.history.last_row().is_some();
    facts.extend(
        run.seconds_left()
            .filter(|_| is_going && run.busy.is_none() && !run.stopping)
            .map(|left| format!("{} left", duration(left))),
    );
    facts.extend(run.speed().map(|(photos, _)| format!("{photos:.0} photos/s")));
    facts.extend(run.epoch().filter(|_| is_going).map(|epoch| format!("epoch {epoch:.1}")));
    facts.extend(is_going.then(|| format!("{} gone", duration(run.seconds_gone()))));
    facts
}

/// The keys for what can be done, if something should be.
fn remedies(state: &State, run: &Run) -> Option<Line<'static>> {
    let remedies = run.state().filter(|_| run.is_running()).map(verdict::remedies)?;
    let spans = remedies.iter().flat_map(|(action, words)| {
        let key = state.keys.key(Context::Training, *action);
        [Span::styled(key, state.theme.accent()), Span::raw(format!(" {words}   "))]
    });
    (!remedies.is_empty()).then(|| Line::from(spans.collect::<Vec<_>>()))
}

/// `tail · batch-all · margin 0.2 · rate 2e-4 · P 16 · K 4 · from base · makes “tuned 3” · gentle`.
fn settings(state: &State, run: &Run) -> String {
    let mut parts = Vec::new();
    parts.extend(run.facts.as_ref().map(|facts| facts.depth.to_string()));
    parts.extend(run.steering.as_ref().map(figures::steering));
    if let Some(facts) = &run.facts {
        parts.push(format!("from {}", facts.parent));
        parts.push(format!("makes “{}”", facts.name));
        parts.extend(facts.chosen.clone());
    }
    parts.extend(state.training.gentle.then(|| "gentle".to_owned()));
    parts.join(" · ")
}
