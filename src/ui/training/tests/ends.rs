//! What is said at the end of a training.

use super::*;
use crate::eval::Verdict;
use crate::ui::models::testing::model;
use crate::ui::{ModelRow, ModelsNews, TrainingOutcome};

#[test]
fn the_end_says_whether_it_is_better() {
    for (verdict, words) in [
        (Some(Verdict::Better), "Recall@1 .77 -> .92 (held out, 648 photos, 12 lone): better"),
        (Some(Verdict::NoClearChange), "no clear change"),
        (Some(Verdict::Worse), "): worse"),
        (None, "no verdict: there were no held-out photos"),
    ] {
        let mut screen = training(120, 40, 50);
        tell(&mut screen, TrainingNews::Ended(Ok(outcome(verdict))));
        has(&mut screen, &[words, "it was stopped after 480 steps, best at step 375", "“tuned 3” answers now"]);
        assert!(!screen.state.training.is_running());
    }
}

#[test]
fn an_end_with_nothing_kept_is_no_lack_of_held_out_photos() {
    for (resumable, words) in
        [(false, "nothing is kept: neither a model nor the run"), (true, "nothing got better yet")]
    {
        let mut screen = training(120, 40, 50);
        let kept = TrainingOutcome { saved: false, in_use: false, resumable, ..*outcome(None) };
        tell(&mut screen, TrainingNews::Ended(Ok(Box::new(kept))));
        has(&mut screen, &[words, "no model was saved: the earlier one answers as before"]);
        let frame = screen.frame();
        assert!(!frame.contains("held-out") && !frame.contains("best at step 375"), "{frame}");
    }
}

#[test]
fn an_end_says_no_more_that_a_model_answers_once_another_one_does() {
    let mut screen = training(120, 40, 50);
    tell(&mut screen, TrainingNews::Ended(Ok(outcome(Some(Verdict::Better)))));
    let listed = |in_use: &str| {
        let rows = ["base", "tuned 3"].map(|name| ModelRow { in_use: name == in_use, ..model(name, None) });
        Message::Models(ModelsNews::List(rows.to_vec()))
    };
    screen.send(listed("base"));
    has(&mut screen, &["“tuned 3” is saved; m lists the models"]);
    screen.send(listed("tuned 3"));
    has(&mut screen, &["“tuned 3” answers now"]);
}
