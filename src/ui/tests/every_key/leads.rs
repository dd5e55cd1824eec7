//! Which screen or popup a key leads to, from wherever it can be pressed.

use super::ready::ready;
use crate::ui::chord::written;
use crate::ui::keys::Action;
use crate::ui::message::Effect;
use crate::ui::{Context, KeyMap};

/// Where actions lead.
const LEADS: &[(Action, Context)] = &[
    (Action::Map, Context::Map),
    (Action::Find, Context::Find),
    (Action::Filter, Context::Filter),
    (Action::AskPath, Context::Prompt),
    (Action::ExportMarks, Context::Prompt),
    (Action::AskMarked, Context::Neighbors),
    (Action::MoreLike, Context::Neighbors),
    (Action::LessLike, Context::Neighbors),
    (Action::QueryAlone, Context::Neighbors),
    (Action::WalkTo, Context::Neighbors),
    (Action::Zoom, Context::Zoom),
    (Action::Compare, Context::Compare),
    (Action::Details, Context::Details),
    (Action::Skipped, Context::Skipped),
    (Action::Help, Context::Help),
    (Action::Palette, Context::Palette),
    (Action::Train, Context::TrainingForm),
    (Action::Models, Context::Models),
    (Action::Unfinished, Context::Unfinished),
    (Action::Steer, Context::Steering),
    (Action::DiscardTraining, Context::Ask),
    (Action::ForgetRun, Context::Ask),
    (Action::FinishRun, Context::Training),
    (Action::Suspects, Context::Examples),
    (Action::WrongLabels, Context::Examples),
    (Action::RenameModel, Context::Entry),
    (Action::ExportModel, Context::Entry),
    (Action::Accept, Context::Grid),
    (Action::FindKeep, Context::Grid),
];

/// Where an action leads elsewhere than from other places.
const ODD: &[(Context, Action, Context)] = &[
    // There it is a pane that is shown alone.
    (Context::Training, Action::Zoom, Context::Training),
    // One runs.
    (Context::Training, Action::Train, Context::Training),
];

/// What opens what is selected leads there.
const OPENS: &[(Context, Context)] = &[
    (Context::Grid, Context::Neighbors),
    (Context::Sidebar, Context::Grid),
    (Context::Neighbors, Context::Neighbors),
    (Context::Zoom, Context::Neighbors),
    (Context::Compare, Context::Neighbors),
    (Context::Details, Context::Neighbors),
    (Context::Map, Context::Neighbors),
    (Context::Examples, Context::Neighbors),
    (Context::TrainingForm, Context::Training),
    (Context::Training, Context::Examples),
    (Context::Steering, Context::Training),
    (Context::Models, Context::Models),
    (Context::Entry, Context::Models),
    (Context::Unfinished, Context::Training),
];

/// What leads one layer out leads there.
const OUT: &[(Context, Context)] = &[
    (Context::Grid, Context::Grid),
    (Context::Sidebar, Context::Grid),
    (Context::Neighbors, Context::Grid),
    (Context::Zoom, Context::Grid),
    (Context::Compare, Context::Grid),
    (Context::Details, Context::Grid),
    (Context::Skipped, Context::Grid),
    (Context::Help, Context::Grid),
    (Context::Map, Context::Grid),
    (Context::Find, Context::Grid),
    (Context::Filter, Context::Grid),
    (Context::Prompt, Context::Grid),
    (Context::Palette, Context::Grid),
    (Context::TrainingForm, Context::Grid),
    // The cursor goes first.
    (Context::Training, Context::Training),
    (Context::Steering, Context::Training),
    (Context::Examples, Context::Training),
    (Context::Ask, Context::Training),
    (Context::Models, Context::Grid),
    (Context::ModelsCompared, Context::Models),
    (Context::Entry, Context::Models),
    (Context::Unfinished, Context::Grid),
];

fn lead(from: Context, action: Action) -> Option<Context> {
    let listed = |places: &[(Context, Context)]| places.iter().find(|(place, _)| *place == from).map(|(_, to)| *to);
    match action {
        Action::Open => listed(OPENS),
        Action::Out => listed(OUT),
        _ => {
            let odd = ODD.iter().find(|(place, what, _)| (*place, *what) == (from, action)).map(|(_, _, to)| *to);
            odd.or_else(|| LEADS.iter().find(|(what, _)| *what == action).map(|(_, to)| *to))
        }
    }
}

#[test]
fn every_key_leads_where_it_should_and_the_others_stay() {
    let (map, mut followed) = (KeyMap::default(), 0);
    for context in map.contexts() {
        for (binding, chord) in map.chords(context) {
            let (mut screen, keys) = (ready(context), written(chord));
            screen.keys(&keys);
            let lead = lead(context, binding.action);
            followed += usize::from(lead.is_some());
            let stays = match binding.action {
                Action::Focus if context == Context::Grid => Context::Sidebar,
                Action::Focus if context == Context::Sidebar => Context::Grid,
                Action::Yes => Context::Training,
                // What is done then is another action's.
                Action::Open => screen.state.context(),
                _ => context,
            };
            assert_eq!(screen.state.context(), lead.unwrap_or(stays), "{context:?}: {keys} ({:?})", binding.action);
        }
    }
    assert!(followed > LEADS.len() + ODD.len() + OPENS.len() + OUT.len());
}

#[test]
fn esc_leads_from_anywhere_to_the_library_and_no_further() {
    for context in KeyMap::default().contexts() {
        let mut screen = ready(context);
        for _ in 0..6 {
            assert!(!screen.keys("esc").contains(&Effect::Quit), "{context:?}");
        }
        assert_eq!(screen.state.context(), Context::Grid, "{context:?}");
        assert!(screen.frame().contains("400 photos · by name") && screen.frame().contains("q leaves the program"));
    }
}
