//! A walk from photo to photo: each step is a query with its answer.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::asked::Examples;
use super::grid::Cursor;
use super::message::Answered;
use super::moves::{Move, moves};
use crate::library::PhotoId;

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
    /// What else was asked with.
    pub(super) with: Examples,
    pub(super) reply: Reply,
    pub(super) cursor: Cursor,
    /// What another model answered before.
    before: Option<Arc<Answered>>,
    /// How each neighbour moved since then; empty when there was no other model.
    pub(super) moves: Vec<Move>,
}

/// A question that is to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    /// Comes back with the answer.
    pub(super) question: u64,
    pub(super) query: PhotoId,
    pub(super) with: Examples,
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

    fn reply(&mut self, answer: Answered) {
        if let Reply::Here { answer: old, .. } = &self.reply
            && old.model != answer.model
        {
            self.before = Some(Arc::clone(old));
        }
        let moved = |before: &Arc<Answered>| moves(&before.neighbors, &answer.neighbors);
        self.moves = self.before.as_ref().map(moved).unwrap_or_default();
        self.reply = Reply::Here { answer: Arc::new(answer), stale: false };
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

    /// The steps, in order.
    pub(super) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Which of them we are at.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Starts a new walk.
    pub(super) fn start(&mut self, query: PhotoId, with: Examples) -> Ask {
        self.steps.clear();
        self.at = 0;
        self.go_to(query, with)
    }

    /// Makes this the question; steps ahead of here are dropped, as in a browser.
    pub(super) fn go_to(&mut self, query: PhotoId, with: Examples) -> Ask {
        self.steps.truncate(self.at + 1);
        if self.steps.len() >= STEPS {
            self.steps.remove(0);
        }
        let (reply, cursor) = (Reply::Awaited, Cursor::default());
        self.steps.push(Step { query, with: with.clone(), reply, cursor, before: None, moves: Vec::new() });
        self.at = self.steps.len() - 1;
        self.ask(query, with)
    }

    /// Goes steps back (negative) or forward. False: there is no further step that way.
    pub(super) fn go(&mut self, steps: isize) -> bool {
        self.jump(self.at.saturating_add_signed(steps))
    }

    /// Goes to a step, or to the last one. False: we are there.
    pub(super) fn jump(&mut self, to: usize) -> bool {
        let to = to.min(self.steps.len().saturating_sub(1));
        std::mem::replace(&mut self.at, to) != to
    }

    /// From now on answers are old, and what failed may succeed.
    pub(super) fn expire(&mut self) {
        for step in &mut self.steps {
            match &mut step.reply {
                Reply::Here { stale, .. } => *stale = true,
                Reply::Failed(_) => step.reply = Reply::Awaited,
                Reply::Awaited => {}
            }
        }
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
    ) -> Option<Ask> {
        let stays = |step: &Step| !gone.contains(&step.query) || heirs.contains_key(&step.query);
        let until_here = self.steps.iter().take(self.at + 1).filter(|step| stays(step)).count();
        self.steps.retain(stays);
        self.at = until_here.saturating_sub(1);
        for step in &mut self.steps {
            step.with.leave_out(gone);
            if let Some(heir) = heirs.get(&step.query) {
                step.query = *heir;
                step.reply = Reply::Awaited;
            }
            step.leave_out(gone);
        }
        if in_sight { self.ask_if_needed() } else { None }
    }

    /// What must be asked to know the neighbours here.
    pub(super) fn ask_if_needed(&mut self) -> Option<Ask> {
        let step = self.here()?;
        let is_known = matches!(step.reply, Reply::Here { stale: false, .. });
        let (query, with) = (step.query, step.with.clone());
        (!is_known).then(|| self.ask(query, with))
    }

    fn ask(&mut self, query: PhotoId, with: Examples) -> Ask {
        self.question += 1;
        Ask { question: self.question, query, with }
    }

    /// Takes an answer; one to an older question is dropped. The selected neighbour stays selected.
    pub(super) fn take(&mut self, question: u64, answer: Result<Answered, String>) {
        if question != self.question {
            return;
        }
        let Some(step) = self.steps.get_mut(self.at) else { return };
        let selected = step.selected();
        match answer {
            Ok(answer) => step.reply(answer),
            Err(why) => step.reply = Reply::Failed(why),
        }
        let place = step.answer().and_then(|a| a.neighbors.iter().position(|n| Some(n.photo) == selected));
        step.cursor.selected = place.unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::{answer, id};

    #[test]
    fn late_answers_to_older_questions_are_dropped() {
        let mut walk = Walk::default();
        let first = walk.start(id("a"), Examples::default()).question;
        let second = walk.go_to(id("b"), Examples::default()).question;
        walk.take(first, Ok(answer(&["x"])));
        assert!(walk.here().unwrap().answer().is_none());
        walk.take(second, Ok(answer(&["y", "z"])));
        assert_eq!(walk.here().unwrap().selected(), Some(id("y")));
    }

    #[test]
    fn back_and_forward_keep_what_was_answered() {
        let mut walk = Walk::default();
        let first = walk.start(id("a"), Examples::default()).question;
        walk.take(first, Ok(answer(&["b", "c"])));
        let second = walk.go_to(id("c"), Examples::default()).question;
        walk.take(second, Ok(answer(&["d"])));
        assert!(walk.go(-1) && walk.ask_if_needed().is_none());
        assert_eq!((walk.here().unwrap().query, walk.place()), (id("a"), (1, 2)));
        assert_eq!(
            (walk.go(-1), walk.go(5), walk.go(1), walk.jump(0), walk.jump(0)),
            (false, true, false, true, false)
        );
        walk.go_to(id("e"), Examples::default());
        assert_eq!(walk.place(), (2, 2));
    }

    #[test]
    fn a_newer_index_is_asked_again_and_the_selection_stays() {
        let mut walk = Walk::default();
        let first = walk.start(id("a"), Examples::default()).question;
        walk.take(first, Ok(answer(&["b", "c"])));
        walk.here_mut().unwrap().cursor.selected = 1;
        walk.expire();
        let again = walk.ask_if_needed().unwrap().question;
        assert_eq!(walk.here().unwrap().len(), 2, "the old answer stays in sight");
        walk.take(again, Ok(answer(&["x", "b", "c"])));
        assert_eq!(walk.here().unwrap().selected(), Some(id("c")));
        assert_eq!(walk.ask_if_needed(), None);
    }

    #[test]
    fn another_model_moves_ranks_and_the_same_one_again_keeps_the_comparison() {
        let mut walk = Walk::default();
        let first = walk.start(id("a"), Examples::default()).question;
        walk.take(first, Ok(answer(&["b", "c", "d"])));
        assert!(walk.here().unwrap().moves.is_empty());
        for names in [["d", "b", "e"], ["d", "b", "c"]] {
            walk.expire();
            let again = walk.ask_if_needed().unwrap().question;
            walk.take(again, Ok(Answered { model: "tuned 1".into(), ..answer(&names) }));
        }
        assert_eq!(walk.here().unwrap().moves, [Move::Up(2), Move::Down(1), Move::Down(1)]);
        walk.expire();
        let back = walk.ask_if_needed().unwrap().question;
        walk.take(back, Ok(answer(&["b", "c", "d"])));
        assert_eq!(walk.here().unwrap().moves, [Move::Up(1), Move::Up(1), Move::Down(2)]);
    }

    #[test]
    fn a_long_walk_forgets_its_beginning() {
        let mut walk = Walk::default();
        walk.start(id("0"), Examples::default());
        for step in 1..=STEPS + 10 {
            walk.go_to(id(&step.to_string()), Examples::default());
        }
        assert_eq!(walk.place(), (STEPS, STEPS));
    }
}
