//! What the keys of motion select, in every list.

use super::ready::ready;
use crate::ui::chord::written;
use crate::ui::grid::Motion;
use crate::ui::keys::Action;
use crate::ui::testing::Screen;
use crate::ui::{Context, KeyMap, models, palette, palette_popup, skipped_pane, training};

/// The place in a list, how long the list is, and its columns and rows in sight. `None`: there is no list.
fn place(context: Context, screen: &Screen) -> Option<(usize, usize, (usize, usize))> {
    let state = &screen.state;
    match context {
        Context::Grid | Context::Neighbors | Context::Zoom | Context::Compare | Context::Details => {
            Some((state.list_at().selected, state.list_len(), state.list_shape()))
        }
        Context::Sidebar => Some((state.sidebar.cursor.selected, state.sidebar.entries.len(), (1, state.body_lines()))),
        Context::Skipped => {
            let rows = skipped_pane::rows(state.body_lines());
            Some((state.skipped_cursor.selected, state.skipped.len(), (1, rows)))
        }
        Context::Palette => {
            Some((state.palette.cursor.selected, palette::found(state).len(), (1, palette_popup::rows(state))))
        }
        Context::Examples => Some(training::testing::example_at(state)),
        Context::Models | Context::ModelsCompared => Some(models::testing::place_at(state)),
        _ => None,
    }
}

#[test]
fn motions_go_by_photos_rows_and_pages_and_to_both_ends() {
    let map = KeyMap::default();
    let mut lists = Vec::new();
    for context in map.contexts() {
        let Some((from, len, (columns, rows))) = place(context, &ready(context)) else { continue };
        assert!(from > columns && rows > 1 && from + columns < len, "{context:?}: {from} of {len} is no middle");
        lists.push(context);
        for (binding, chord) in map.chords(context).filter(|(one, _)| Motion::of(one.action, None).is_some()) {
            let (keys, column, page) = (written(chord), from % columns, columns * rows);
            let last_in_column = (len - 1) / columns * columns + column;
            let to = match binding.action {
                Action::Left => from - 1,
                Action::Right => from + 1,
                Action::Up => from - columns,
                Action::Down => from + columns,
                Action::PageUp => from.saturating_sub(page).max(column),
                Action::PageDown => (from + page).min(last_in_column).min(len - 1),
                Action::First => 0,
                _ => len - 1,
            };
            let mut screen = ready(context);
            assert_eq!(screen.keys(&keys), [], "{context:?}: {keys}");
            assert_eq!(place(context, &screen).map(|(place, ..)| place), Some(to), "{context:?}: {keys}");
        }
    }
    assert_eq!(lists.len(), 11, "{lists:?}");
}

#[test]
fn a_count_goes_so_many_steps_or_to_that_place() {
    for (context, keys, by) in [
        (Context::Grid, "3 l", 3),
        (Context::Neighbors, "2 h", -2),
        (Context::Zoom, "5 right", 5),
        (Context::Compare, "4 left", -4),
        (Context::Details, "1 0 l", 10),
        (Context::Sidebar, "7 j", 7),
        (Context::Skipped, "9 k", -9),
        (Context::Examples, "4 l", 4),
        (Context::Models, "6 down", 6),
    ] {
        let mut screen = ready(context);
        let from = place(context, &screen).unwrap().0;
        screen.keys(keys);
        assert_eq!(place(context, &screen).unwrap().0, from.strict_add_signed(by), "{context:?}: {keys}");
        for keys in ["2 0 G", "2 0 g g", "2 0 home", "2 0 end"] {
            screen.keys(keys);
            assert_eq!(place(context, &screen).unwrap().0, 19, "{context:?}: {keys}");
        }
    }
}

#[test]
fn the_help_goes_by_lines_and_pages() {
    let mut screen = ready(Context::Help);
    // What is between its edges.
    let lines = |screen: &mut Screen| {
        let inside = |line: &str| line.chars().skip(28).take(64).collect::<String>();
        screen.frame().lines().skip(2).take(36).map(inside).collect::<Vec<_>>()
    };
    let first = lines(&mut screen);
    screen.keys("j");
    assert_eq!(lines(&mut screen)[..35], first[1..], "a line down");
    screen.keys("up pgdn");
    let next = lines(&mut screen);
    screen.keys("3 up");
    assert_eq!(lines(&mut screen)[3..], next[..33], "lines up");
    screen.keys("3 down ctrl-b");
    assert_eq!(lines(&mut screen), first);
    screen.keys("ctrl-f pgup k down");
    assert_eq!(lines(&mut screen), first);
    screen.keys("home");
    assert!(screen.frame().contains("Help ─") && screen.frame().contains(" Library "));
    screen.keys("end");
    assert!(screen.frame().contains("a word of the hint line does what it says."));
}
