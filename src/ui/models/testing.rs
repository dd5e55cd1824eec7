//! A model for the tests of the screen.

use super::{compare, list_pane};
use crate::eval::Verdict;
use crate::ui::State;
use crate::ui::panes::Screen;
use crate::ui::training::ModelRow;
use crate::ui::training::testing::believed;

/// A model of this name, in use if it is the first that was trained.
pub(in crate::ui) fn model(name: &str, verdict: Option<Verdict>) -> ModelRow {
    ModelRow {
        name: name.into(),
        base: name == "base",
        depth: (name != "base").then(|| "tail".into()),
        parent: (name != "base").then(|| "base".into()),
        created: "2026-05-03 14:02".into(),
        dim: 128,
        bytes: 2_345_678,
        in_use: name == "tuned 1",
        judged: verdict.map(believed),
        config: vec!["margin 0.2".into(), "from step 120: margin 0.5".into()],
    }
}

/// The selected model or neighbour, how many there are, and the shape in which they lie.
pub(in crate::ui) fn place_at(state: &State) -> (usize, usize, (usize, usize)) {
    let models = &state.models;
    let Some(body) = state.panes().map(|panes| panes.body) else { panic!("no room") };
    if state.screen() == Screen::ModelsCompared {
        let (len, shape) = compare::shape(state, body);
        return (models.compared_cursor.selected, len, shape);
    }
    (models.cursor.selected, models.rows().len(), (1, list_pane::lines(body)))
}
