//! What the keys of the training screens do.

use super::examples::{self, What};
use super::form_keys::{in_entry, in_form, in_steering, in_unfinished};
use super::message::{ModelsOrder, Steering, TrainingOrder};
use super::pane::{Layout, Pane};
use super::run::Phase;
use super::{Look, ask, bins, start, steer};
use crate::triplet::Mining;
use crate::ui::act::show_neighbors;
use crate::ui::grid::Motion;
use crate::ui::keys::{Action, Context};
use crate::ui::message::Effect;
use crate::ui::state::{Layer, State};

/// The cursor crosses a pane in so many presses.
const PRESSES: u64 = 100;

/// Does what a key means if that has to do with training; `None`: it means what it means everywhere.
pub(in crate::ui) fn act(state: &mut State, action: Action, count: Option<usize>) -> Option<Vec<Effect>> {
    let was_leaving = std::mem::take(&mut state.training.leaving);
    match action {
        Action::Quit if state.training.is_running() && !was_leaving => return Some(leave(state)),
        Action::Train => return Some(start::open(state)),
        Action::Undo if is_learning(state) => return Some(vec![Effect::Models(ModelsOrder::Undo)]),
        Action::Redo if is_learning(state) => return Some(vec![Effect::Models(ModelsOrder::Redo)]),
        _ => {}
    }
    let times = count.unwrap_or(1).cast_signed();
    match state.context() {
        Context::Training => on_screen(state, action, times).or_else(|| steered(state, action)),
        Context::TrainingForm => in_form(state, action, times),
        Context::Steering => in_steering(state, action, times),
        Context::Examples => in_examples(state, action, count),
        Context::Entry => in_entry(state, action),
        Context::Ask => matches!(action, Action::Open | Action::Yes).then(|| ask::confirmed(state)),
        Context::Unfinished => in_unfinished(state, action, times),
        _ => None,
    }
}

fn leave(state: &mut State) -> Vec<Effect> {
    state.training.leaving = true;
    let quit = state.keys.key(state.context(), Action::Quit);
    let is_begun = state.training.run.as_ref().is_some_and(|run| run.facts.is_some());
    state.say(if is_begun {
        format!("a training runs: {quit} again leaves it saved, to go on with at the next start")
    } else {
        format!("a training has not begun yet: {quit} again leaves, and it does not begin")
    });
    Vec::new()
}

/// Looking: panes, cursor, scale, and the pictures behind the numbers.
fn on_screen(state: &mut State, action: Action, times: isize) -> Option<Vec<Effect>> {
    match action {
        Action::Left => cursor(state, -times),
        Action::Right => cursor(state, times),
        Action::First => cursor(state, isize::MIN),
        Action::Last => cursor(state, isize::MAX),
        Action::Up => pane_by(state, -times, true),
        Action::Down => pane_by(state, times, true),
        Action::Focus => pane_by(state, times, false),
        Action::FocusBack => pane_by(state, -times, false),
        Action::Zoom => state.training.look.zoomed = !state.training.look.zoomed,
        Action::Reset => {
            let look = &mut state.training.look;
            (look.cursor, look.bin) = (None, None);
        }
        Action::LogScale => {
            let look = &mut state.training.look;
            look.log = !look.log;
            state.say(if state.training.look.log { "the loss on a logarithmic scale" } else { "the loss as it is" });
        }
        Action::Recent => {
            let look = &mut state.training.look;
            look.recent = !look.recent;
            state.say(if state.training.look.recent { "the last steps" } else { "the whole run" });
        }
        Action::Open => return Some(open(state)),
        Action::Suspects => return Some(examples::open(state, What::Suspects)),
        Action::WrongLabels => return Some(examples::open(state, What::WrongLabels)),
        Action::Out => return out(&mut state.training.look).then(Vec::new),
        _ => return None,
    }
    Some(Vec::new())
}

/// One layer out: the cursor, the zoom; nothing more here.
fn out(look: &mut Look) -> bool {
    let had_cursor = look.cursor.take().is_some() | look.bin.take().is_some();
    had_cursor || std::mem::take(&mut look.zoomed)
}

fn cursor(state: &mut State, by: isize) {
    let Some(run) = &state.training.run else { return };
    let look = &mut state.training.look;
    match look.focus {
        Pane::Distances => {
            let bins = run.latest.as_ref().map_or(0, |latest| latest.positive.counts.len());
            let from = look.bin.unwrap_or(if by > 0 { 0 } else { bins });
            look.bin = (bins > 0).then(|| from.saturating_add_signed(by).min(bins.saturating_sub(1)));
        }
        Pane::Neighbors => {
            let len = run.live.as_ref().map_or(0, |live| live.neighbors.len());
            look.neighbor = look.neighbor.saturating_add_signed(by).min(len.saturating_sub(1));
        }
        _ => {
            let (first, last) = run.history.span(look.recent);
            let step = (last - first).div_ceil(PRESSES).max(1).cast_signed();
            let from = look.cursor.unwrap_or(last);
            let by = (by as i64).saturating_mul(step);
            look.cursor = (last > 0).then(|| from.saturating_add_signed(by).clamp(first, last));
        }
    }
}

/// Goes to another pane: by rows of panes, or to the next one.
fn pane_by(state: &mut State, by: isize, rows: bool) {
    let Some(layout) = layout(state) else { return };
    let look = &mut state.training.look;
    let order: Vec<Pane> = if look.zoomed || layout.panes.len() == 1 {
        Pane::ALL.to_vec()
    } else {
        layout.panes.iter().map(|(pane, _)| *pane).collect()
    };
    let here = order.iter().position(|pane| *pane == look.focus).unwrap_or(0).cast_signed();
    let step = if rows && !look.zoomed { layout.columns.cast_signed() } else { 1 };
    let to = here.saturating_add(by.saturating_mul(step)).rem_euclid(order.len().max(1).cast_signed());
    look.focus = order.get(to.cast_unsigned()).copied().unwrap_or_default();
}

/// Where the panes lie.
pub(super) fn layout(state: &State) -> Option<Layout> {
    let look = &state.training.look;
    Some(Layout::of(state.panes()?.body, look.focus, look.zoomed, look.cursor.is_some()))
}

fn open(state: &mut State) -> Vec<Effect> {
    let look = &state.training.look;
    let run = state.training.run.as_ref();
    let latest = run.and_then(|run| run.latest.as_ref());
    match (look.focus, look.bin, latest) {
        (Pane::Distances, Some(bin), Some(latest)) => {
            let (from, to) = bins::limits(&latest.positive, bin);
            let is_first = !std::mem::replace(&mut state.training.pairs_wanted, true) && state.training.is_running();
            let mut effects = examples::open(state, What::Pairs { from, to });
            effects.extend(is_first.then_some(Effect::Training(TrainingOrder::Pairs(true))));
            effects
        }
        (Pane::Distances, None, Some(_)) => {
            let key = |action| state.keys.key(Context::Training, action);
            let (left, right, open) = (key(Action::Left), key(Action::Right), key(Action::Open));
            state.say(format!("{left} and {right} choose a bin; {open} shows its pairs"));
            Vec::new()
        }
        (Pane::Neighbors, ..) => {
            let neighbors = run.and_then(|run| run.live.as_ref()).map(|live| &live.neighbors);
            let photo = neighbors.and_then(|all| all.get(look.neighbor)).map(|neighbor| neighbor.photo);
            photo.map(|photo| show_neighbors(state, photo)).into_iter().collect()
        }
        _ => examples::open(state, What::Hardest),
    }
}

/// Steering: everything that is asked of the training itself.
fn steered(state: &mut State, action: Action) -> Option<Vec<Effect>> {
    let is_order = matches!(
        action,
        Action::Pause
            | Action::StopTraining
            | Action::DiscardTraining
            | Action::Steer
            | Action::RateUp
            | Action::RateDown
            | Action::MineSemiHard
            | Action::Checkpoint
            | Action::GoBack
            | Action::Gentle
    );
    if !is_order {
        return None;
    }
    if !state.training.is_running() {
        let key = state.keys.key(Context::Training, Action::Train);
        state.say(format!("no training runs: {key} starts one"));
        return Some(Vec::new());
    }
    Some(order(state, action).map(Effect::Training).into_iter().collect())
}

fn order(state: &mut State, action: Action) -> Option<TrainingOrder> {
    let run = state.training.run.as_mut()?;
    let steering = run.steering;
    match action {
        Action::Pause if matches!(run.phase, Phase::Waits) => {
            state.say("it has not begun: it waits until photos are indexed");
            None
        }
        Action::Pause if matches!(run.phase, Phase::Paused) => Some(TrainingOrder::GoOn),
        Action::Pause => Some(TrainingOrder::Pause),
        Action::StopTraining => {
            let has_begun = !matches!(run.phase, Phase::Waits);
            run.stopping = true;
            state.say(if has_begun {
                "it stops after this step, and the best so far is judged and kept"
            } else {
                "it ends before it begins"
            });
            Some(TrainingOrder::Stop)
        }
        Action::DiscardTraining => {
            ask::ask(state, ask::Question::Discard);
            None
        }
        Action::Checkpoint => Some(TrainingOrder::Checkpoint),
        Action::GoBack => {
            state.say("back to the last good state, with half the rate");
            Some(TrainingOrder::GoBack)
        }
        Action::Gentle => {
            state.training.gentle = !state.training.gentle;
            let gentle = state.training.gentle;
            state.say(if gentle {
                "gentle: most of the processor is left to everything else"
            } else {
                "at full speed"
            });
            Some(TrainingOrder::Gentle(gentle))
        }
        _ => change(state, action, steering?),
    }
}

fn change(state: &mut State, action: Action, now: Steering) -> Option<TrainingOrder> {
    match action {
        Action::Steer => {
            state.training.steering = steer::form(&now);
            state.layers.push(Layer::Steering);
            None
        }
        Action::RateUp => Some(TrainingOrder::Change(steer::with_rate(now, 2.0))),
        Action::RateDown => Some(TrainingOrder::Change(steer::with_rate(now, 0.5))),
        Action::MineSemiHard => Some(TrainingOrder::Change(Steering { mining: Mining::SemiHard, ..now })),
        _ => None,
    }
}

fn in_examples(state: &mut State, action: Action, count: Option<usize>) -> Option<Vec<Effect>> {
    match action {
        Action::Open => {
            let photo = examples::selected(&state.training);
            return Some(photo.map(|photo| show_neighbors(state, photo)).into_iter().collect());
        }
        Action::WrongLabel => return Some(say_wrong(state)),
        Action::WrongLabels => return Some(examples::open(state, What::WrongLabels)),
        _ => {}
    }
    let motion = Motion::of(action, count)?;
    let body = state.panes()?.body;
    let examples = state.training.examples.as_ref()?;
    let shape = examples::shape(examples.what, body, state.pictures_on);
    state.training.examples_cursor.step(motion, examples::len(examples), shape);
    Some(Vec::new())
}

/// Says that the label of the selected photo is wrong, or right after all.
fn say_wrong(state: &mut State) -> Vec<Effect> {
    let Some(photo) = examples::selected(&state.training) else { return Vec::new() };
    let wrong = !state.training.is_wrong(&photo);
    if wrong {
        let label = state.row(&photo).map(|row| row.label_words()).unwrap_or_default();
        state.training.wrong_labels.push((photo, label));
        let key = |action| state.keys.key(Context::Examples, action);
        let (back, list) = (key(Action::WrongLabel), key(Action::WrongLabels));
        state.say(format!(
            "this label is said to be wrong: the photo leaves training; {back} takes that back, {list} lists them"
        ));
    } else {
        state.training.wrong_labels.retain(|(other, _)| *other != photo);
        examples::refresh_wrong(&mut state.training);
        state.say("this label is right after all");
    }
    vec![Effect::Training(TrainingOrder::LabelIsWrong { photo, wrong })]
}

/// Whether what is changed here are models and labels; elsewhere marks are changed too, and the change is told otherwise.
fn is_learning(state: &State) -> bool {
    matches!(state.context(), Context::Training | Context::Examples | Context::Models | Context::ModelsCompared)
}
