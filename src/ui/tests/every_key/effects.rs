//! What is asked of the program behind the screen, from wherever a key asks for it.

use super::ready::ready;
use crate::ui::chord::written;
use crate::ui::keys::Action;
use crate::ui::message::Effect;
use crate::ui::testing::Screen;
use crate::ui::{Asked, Context, KeyMap, ModelsOrder, TrainingOrder};

/// The effect of an action that has the same one wherever it means something; `None`: it has not.
fn expected(context: Context, action: Action, screen: &Screen) -> Option<Effect> {
    let photo = screen.state.selected_photo().unwrap();
    let learns = matches!(context, Context::Training | Context::Examples | Context::Models | Context::ModelsCompared);
    Some(match action {
        Action::CopyPath => Effect::CopyPath(photo),
        Action::OpenInViewer => Effect::OpenInViewer(photo),
        Action::Reveal => Effect::Reveal(photo),
        Action::Mark => Effect::SaveMarks { photos: vec![photo], marked: true },
        Action::Undo if learns => Effect::Models(ModelsOrder::Undo),
        Action::Redo if learns => Effect::Models(ModelsOrder::Redo),
        Action::Undo => Effect::Undo { again: false },
        Action::Redo => Effect::Undo { again: true },
        Action::Models => Effect::Models(ModelsOrder::List),
        Action::Redraw => Effect::Redraw,
        Action::Suspend => Effect::Suspend,
        Action::Quit if !screen.state.training.is_running() => Effect::Quit,
        Action::Pause => Effect::Training(TrainingOrder::Pause),
        Action::StopTraining => Effect::Training(TrainingOrder::Stop),
        Action::Checkpoint => Effect::Training(TrainingOrder::Checkpoint),
        Action::GoBack => Effect::Training(TrainingOrder::GoBack),
        Action::Gentle => Effect::Training(TrainingOrder::Gentle(true)),
        Action::Yes => Effect::Training(TrainingOrder::Discard),
        Action::DeleteModel => Effect::Models(ModelsOrder::Delete("tuned 44".into())),
        _ => return None,
    })
}

#[test]
fn what_a_key_asks_for_is_the_same_wherever_it_is_pressed() {
    let (map, mut asked) = (KeyMap::default(), Vec::new());
    for context in map.contexts() {
        for (binding, chord) in map.chords(context) {
            let mut screen = ready(context);
            if let Some(effect) = expected(context, binding.action, &screen) {
                assert_eq!(screen.keys(&written(chord)), [effect], "{context:?}: {:?}", binding.action);
                asked.push(binding.action);
            }
        }
    }
    for (action, contexts) in [(Action::CopyPath, 6), (Action::Mark, 6), (Action::Undo, 12), (Action::Suspend, 18)] {
        let count = asked.iter().filter(|one| **one == action).count();
        assert!(count >= contexts, "{action:?} in {count} contexts only");
    }
}

#[test]
fn enter_asks_for_what_is_selected_wherever_photos_are() {
    for context in [Context::Grid, Context::Neighbors, Context::Zoom, Context::Compare, Context::Details, Context::Map]
    {
        let mut screen = ready(context);
        let photo = screen.state.selected_photo().unwrap();
        let effects = screen.keys("enter");
        let [Effect::AskNeighbors { asked: Asked { photo: asked, with, .. }, .. }] = &effects[..] else {
            panic!("{context:?}: {effects:?}")
        };
        assert_eq!((*asked, with.is_empty()), (photo, true), "{context:?}");
    }
}

#[test]
fn names_are_gone_through_from_every_screen_of_photos() {
    for context in [Context::Grid, Context::Neighbors, Context::Zoom, Context::Compare, Context::Details] {
        let mut screen = ready(context);
        let name = |screen: &Screen| screen.state.name_of(&screen.state.selected_photo().unwrap());
        let before = name(&screen);
        screen.keys("n");
        let next = name(&screen);
        screen.keys("N");
        let previous = name(&screen);
        assert!(previous < before && before < next, "{context:?}: {previous} {before} {next}");
        assert!(previous.contains('8') && next.contains('8'), "{context:?}: {previous} {next}");
        screen.keys("n");
        assert_eq!(name(&screen), next, "{context:?}: there is none between");
        assert_eq!(screen.state.context(), context);
    }
}

#[test]
fn marked_photos_bear_their_sign_on_every_screen_that_marks() {
    for context in [Context::Grid, Context::Neighbors, Context::Zoom, Context::Compare, Context::Details, Context::Map]
    {
        let mut screen = ready(context);
        let photo = screen.state.selected_photo().unwrap();
        screen.keys("space");
        assert!(screen.state.photos.is_marked(&photo), "{context:?}");
        assert!(screen.frame().contains("4 marked") || context == Context::Compare, "{context:?}\n{}", screen.frame());
    }
}

#[test]
fn a_form_is_gone_through_and_its_choices_too() {
    for (context, fields) in
        [(Context::TrainingForm, ["Mining", "Length"]), (Context::Steering, ["Learning rate", "Mining"])]
    {
        for (keys, field) in [("up", fields[0]), ("backtab", fields[0]), ("down", fields[1]), ("tab", fields[1])] {
            let mut screen = ready(context);
            screen.keys(keys);
            assert!(screen.frame().contains(&format!("▌ {field}")), "{context:?}: {keys}\n{}", screen.frame());
        }
        let margin = |keys: &str| {
            let mut screen = ready(context);
            screen.keys(keys);
            let frame = screen.frame();
            let line = frame.lines().find(|line| line.contains("▌ Margin")).unwrap_or_default();
            line.split("Margin")
                .nth(1)
                .unwrap_or_default()
                .chars()
                .filter(|c| c.is_ascii_digit() || *c == '.')
                .collect::<String>()
        };
        let choices =
            if context == Context::Steering { ["0.2", "0.3", "0.1", "0."] } else { ["0.3", "0.5", "0.2", "0."] };
        assert_eq!(["f9", "right", "left", "backspace"].map(margin), choices, "{context:?}");
    }
}
