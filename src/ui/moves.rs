//! How the ranks of neighbours moved between two answers to one question.

use std::collections::HashMap;

use super::message::Ranked;
use crate::library::PhotoId;

/// How one neighbour moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// Nearer by so many ranks.
    Up(usize),
    /// Farther by so many ranks.
    Down(usize),
    /// It stayed.
    Stayed,
    /// It was not among the neighbours before.
    New,
}

impl Move {
    /// `▲3`, `▼1`, `new`; nothing for what stayed.
    pub(super) fn words(self) -> String {
        match self {
            Self::Up(ranks) => format!("▲{ranks}"),
            Self::Down(ranks) => format!("▼{ranks}"),
            Self::Stayed => String::new(),
            Self::New => "new".to_owned(),
        }
    }
}

/// How each of `after` moved since `before`, in the order of `after`.
pub(super) fn moves(before: &[Ranked], after: &[Ranked]) -> Vec<Move> {
    let ranks: HashMap<PhotoId, usize> = before.iter().enumerate().map(|(rank, old)| (old.photo, rank)).collect();
    let moved = |(rank, new): (usize, &Ranked)| match ranks.get(&new.photo) {
        None => Move::New,
        Some(was) if *was > rank => Move::Up(was - rank),
        Some(was) if *was < rank => Move::Down(rank - was),
        Some(_) => Move::Stayed,
    };
    after.iter().enumerate().map(moved).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::answer;

    #[test]
    fn ranks_move_up_down_and_in() {
        let moved = |before: &[&str], after: &[&str]| moves(&answer(before).neighbors, &answer(after).neighbors);
        let found: [Move; 4] = moved(&["a", "b", "c", "d"], &["d", "b", "a", "e"]).try_into().unwrap();
        assert_eq!(found, [Move::Up(3), Move::Stayed, Move::Down(2), Move::New]);
        assert_eq!(found.map(Move::words), ["▲3", "", "▼2", "new"]);
        assert_eq!(moved(&["a"], &[]), []);
        assert_eq!(moved(&[], &["a"]), [Move::New]);
    }
}
