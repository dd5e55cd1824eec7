//! A walk from photo to photo: each step is a query with its answer.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::grid::Cursor;
use super::message::{Answered, Effect};
use crate::library::PhotoId;

/// How many neighbours are asked for.
const NEIGHBORS: usize = 100;
/// How many steps are remembered.
const STEPS: usize = 200;

/// What is known about a step's neighbours.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    /// Asked, or to be asked.
    Awaited,
    /// Answered; `stale`: by an older index.
    Here { answer: Arc<Answered>, stale: bool },
    /// There is no answer, for this reason.
    Failed(String),
}

/// One query on the walk.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) query: PhotoId,
    pub(super) reply: Reply,
    pub(super) cursor: Cursor,
}

impl Step {
    /// The answer, if there is one.
    pub(super) fn answer(&self) -> Option<&Answered> {
        match &self.reply {
            Reply::Here { answer, .. } => Some(answer),
            Reply::Awaited | Reply::Failed(_) => None,
        }
    }

    /// How many neighbours there are to choose from.
    pub(super) fn len(&self) -> usize {
        self.answer().map_or(0, |answer| answer.neighbors.len())
    }

    /// Takes photos out of the answer; the selected neighbour stays selected, or what is in its place.
    fn leave_out(&mut self, gone: &HashSet<PhotoId>) {
        let Reply::Here { answer, .. } = &mut self.reply else { return };
        if answer.neighbors.iter().any(|neighbor| gone.contains(&neighbor.photo)) {
            let before = answer.neighbors.iter().take(self.cursor.selected);
            self.cursor.selected = before.filter(|neighbor| !gone.contains(&neighbor.photo)).count();
            Arc::make_mut(answer).neighbors.retain(|neighbor| !gone.contains(&neighbor.photo));
        }
    }

    /// The selected neighbour.
    pub(super) fn selected(&self) -> Option<PhotoId> {
        self.answer()?.neighbors.get(self.cursor.selected).map(|neighbor| neighbor.photo)
    }
}

/// The steps taken, and where on them we are.
#[derive(Debug, Default)]
pub(super) struct Walk {
    steps: Vec<Step>,
    at: usize,
    question: u64,
}

impl Walk {
    /// The step we are at.
    pub(super) fn here(&self) -> Option<&Step> {
        self.steps.get(self.at)
    }

    /// The step we are at, to move its selection.
    pub(super) fn here_mut(&mut self) -> Option<&mut Step> {
        self.steps.get_mut(self.at)
    }

    /// Where we are: step, of how many.
    pub(super) const fn place(&self) -> (usize, usize) {
        (self.at + 1, self.steps.len())
    }

    /// Starts a new walk.
    pub(super) fn start(&mut self, query: PhotoId) -> Effect {
        self.steps.clear();
        self.at = 0;
        self.go_to(query)
    }

    /// Makes this photo the query; steps ahead of here are dropped, as in a browser.
    pub(super) fn go_to(&mut self, query: PhotoId) -> Effect {
        self.steps.truncate(self.at + 1);
        if self.steps.len() >= STEPS {
            self.steps.remove(0);
        }
        self.steps.push(Step { query, reply: Reply::Awaited, cursor: Cursor::default() });
        self.at = self.steps.len() - 1;
        self.ask(query)
    }

    /// Goes steps back (negative) or forward. `None`: there is no further step that way.
    pub(super) fn go(&mut self, steps: isize) -> Option<Vec<Effect>> {
        let to = self.at.saturating_add_signed(steps).min(self.steps.len().saturating_sub(1));
        if to == self.at {
            return None;
        }
        self.at = to;
        Some(self.ask_if_needed().into_iter().collect())
    }

    /// From now on answers are old; the step we are at is asked again if somebody looks at it.
    pub(super) fn expire(&mut self, in_sight: bool) -> Option<Effect> {
        for step in &mut self.steps {
            match &mut step.reply {
                Reply::Here { stale, .. } => *stale = true,
                Reply::Failed(_) => step.reply = Reply::Awaited,
                Reply::Awaited => {}
            }
        }
        if in_sight { self.ask_if_needed() } else { None }
    }

    /// The photos that were asked about.
    pub(super) fn queries(&self) -> impl Iterator<Item = PhotoId> {
        self.steps.iter().map(|step| step.query)
    }

    /// Photos have left. A step that asked about one of them asks about its heir, or is dropped where there is none; then
    /// we are at the step before it. They leave the answers too. The step we are at is asked again if need be and if
    /// somebody looks at it.
    pub(super) fn forget(
        &mut self,
        gone: &HashSet<PhotoId>,
        heirs: &HashMap<PhotoId, PhotoId>,
        in_sight: bool,
    ) -> Option<Effect> {
        let stays = |step: &Step| !gone.contains(&step.query) || heirs.contains_key(&step.query);
        let until_here = self.steps.iter().take(self.at + 1).filter(|step| stays(step)).count();
        self.steps.retain(stays);
        self.at = until_here.saturating_sub(1);
        for step in &mut self.steps {
            if let Some(heir) = heirs.get(&step.query) {
                step.query = *heir;
                step.reply = Reply::Awaited;
            }
            step.leave_out(gone);
        }
        if in_sight { self.ask_if_needed() } else { None }
    }

    fn ask_if_needed(&mut self) -> Option<Effect> {
        let step = self.here()?;
        let is_known = matches!(step.reply, Reply::Here { stale: false, .. });
        let query = step.query;
        (!is_known).then(|| self.ask(query))
    }

    fn ask(&mut self, photo: PhotoId) -> Effect {
        self.question += 1;
        Effect::AskNeighbors { question: self.question, photo, k: NEIGHBORS }
    }

    /// Takes an answer; one to an older question is dropped. The selected neighbour stays selected.
    pub(super) fn take(&mut self, question: u64, answer: Result<Answered, String>) {
        if question != self.question {
            return;
        }
        let Some(step) = self.steps.get_mut(self.at) else { return };
        let selected = step.selected();
        step.reply = match answer {
            Ok(answer) => Reply::Here { answer: Arc::new(answer), stale: false },
            Err(why) => Reply::Failed(why),
        };
        let place = step.answer().and_then(|a| a.neighbors.iter().position(|n| Some(n.photo) == selected));
        step.cursor.selected = place.unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::{answer, id};

    fn question(effect: &Effect) -> u64 {
        match effect {
            Effect::AskNeighbors { question, .. } => *question,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn late_answers_to_older_questions_are_dropped() {
        let mut walk = Walk::default();
        let first = question(&walk.start(id("a")));
        let second = question(&walk.go_to(id("b")));
        walk.take(first, Ok(answer(&["x"])));
        assert!(walk.here().unwrap().answer().is_none());
        walk.take(second, Ok(answer(&["y", "z"])));
        assert_eq!(walk.here().unwrap().selected(), Some(id("y")));
    }

    #[test]
    fn back_and_forward_keep_what_was_answered() {
        let mut walk = Walk::default();
        let first = question(&walk.start(id("a")));
        walk.take(first, Ok(answer(&["b", "c"])));
        let second = question(&walk.go_to(id("c")));
        walk.take(second, Ok(answer(&["d"])));
        assert_eq!(walk.go(-1), Some(vec![]));
        assert_eq!((walk.here().unwrap().query, walk.place()), (id("a"), (1, 2)));
        assert_eq!((walk.go(-1), walk.go(5), walk.go(1)), (None, Some(vec![]), None));
        walk.go(-1);
        walk.go_to(id("e"));
        assert_eq!(walk.place(), (2, 2));
    }

    #[test]
    fn a_newer_index_is_asked_again_and_the_selection_stays() {
        let mut walk = Walk::default();
        let first = question(&walk.start(id("a")));
        walk.take(first, Ok(answer(&["b", "c"])));
        walk.here_mut().unwrap().cursor.selected = 1;
        let again = question(&walk.expire(true).unwrap());
        assert_eq!(walk.here().unwrap().len(), 2, "the old answer stays in sight");
        walk.take(again, Ok(answer(&["x", "b", "c"])));
        assert_eq!(walk.here().unwrap().selected(), Some(id("c")));
        assert_eq!(walk.expire(false), None);
    }

    #[test]
    fn a_long_walk_forgets_its_beginning() {
        let mut walk = Walk::default();
        walk.start(id("0"));
        for step in 1..=STEPS + 10 {
            walk.go_to(id(&step.to_string()));
        }
        assert_eq!(walk.place(), (STEPS, STEPS));
    }
}
