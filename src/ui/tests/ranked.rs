//! What is said of an answer: how sure it is, and which photos are no good match.

use crate::ui::message::{Answered, Audited, Message};
use crate::ui::testing::{Screen, answer, row};

/// The frame with an answer of three photos.
fn frame(of: impl FnOnce(Answered) -> Answered) -> String {
    let names = ["a/1.jpg", "a/2.jpg", "a/3.jpg", "a/4.jpg"];
    let mut screen = Screen::new(130, 24, names.iter().map(|name| row(name, "a")).collect());
    screen.keys("enter");
    screen.send(Message::Neighbors { question: 1, answer: Ok(of(answer(&names[1..]))) });
    screen.frame()
}

#[test]
fn what_is_no_good_match_bears_a_mark_and_the_query_says_from_where_on() {
    let marked = frame(|answer| Answered { cut_off: Some(0.25), ..answer });
    for words in [" 1  0.100", " 2  0.200", " 3 ~0.300", "~ beyond 0.250: no good match"] {
        assert!(marked.contains(words), "{words}\n{marked}");
    }
    assert!(!frame(|answer| answer).contains('~'), "a library without pairs has no measure");
}

#[test]
fn the_title_says_what_an_audit_found() {
    let audited = |exact: bool, agreed: usize, recall: f64| {
        frame(|answer| Answered { exact, audited: Some(Audited { asked: 400, agreed, recall }), ..answer })
    };
    for (frame, words) in [
        (audited(true, 400, 1.0), "k-d tree · exact, audited 400/400 · checked"),
        (audited(true, 399, 1.0), "NOT exact, audited 399/400"),
        (audited(false, 380, 0.971), "approximate, measured recall 0.97"),
        (frame(|answer| answer), "k-d tree · exact · checked"),
        (frame(|answer| Answered { exact: false, ..answer }), "· approximate ·"),
    ] {
        assert!(frame.contains(words), "{words}\n{frame}");
    }
}
