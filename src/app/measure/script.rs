//! What is done on the screen while it is measured.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::KeyCode;

use super::{Bench, ROWS_AT_ONCE, id, row};
use crate::ui::{Distances, IndexSummary, LibraryChange, Message, PhotoRow, SkippedRow};

impl Bench {
    pub(super) fn open(&mut self) -> io::Result<()> {
        let rows: Vec<Arc<PhotoRow>> = (0..self.photos).map(row).collect();
        for some in rows.chunks(ROWS_AT_ONCE) {
            self.send(Message::LibraryChanged(LibraryChange::Added(some.to_vec())))?;
        }
        self.note("open: 1,024 rows");
        let elapsed = Duration::from_secs(1);
        let summary = IndexSummary { photos: self.photos, embedded: 0, skipped: 0, ignored: 0, elapsed };
        self.send(Message::IndexFinished(summary))?;
        self.took.clear();
        Ok(())
    }

    pub(super) fn library(&mut self) -> io::Result<()> {
        self.keys(&[KeyCode::Right], 400)?;
        self.note("library: one photo on");
        self.keys(&[KeyCode::Down], 400)?;
        self.note("library: one row down");
        self.keys(&[KeyCode::PageDown], 400)?;
        self.note("library: one page down");
        self.keys(&[KeyCode::Char('G'), KeyCode::Home], 50)?;
        self.note("library: last, first");
        self.keys(&[KeyCode::Char('/'), KeyCode::Char('9'), KeyCode::Char('9'), KeyCode::Char('7'), KeyCode::Esc], 20)?;
        self.note("library: find by name");
        self.keys(&[KeyCode::Char('/'), KeyCode::Char('j'), KeyCode::Char('g'), KeyCode::Char('9'), KeyCode::Esc], 20)?;
        self.note("library: find what is not there");
        self.keys(&[KeyCode::Char(' ')], 100)?;
        self.note("library: mark");
        self.keys(&[KeyCode::Char('s')], 30)?;
        self.note("library: sort");
        self.keys(&[KeyCode::Char('S')], 30)?;
        self.note("library: reverse");
        Ok(())
    }

    /// Shows some of the photos, then all again.
    pub(super) fn choices(&mut self) -> io::Result<()> {
        self.keys(&[KeyCode::Tab, KeyCode::Down, KeyCode::Enter, KeyCode::Esc], 20)?;
        self.note("library: one label, all again");
        let typed = "f11 from:2010 marked".chars().map(KeyCode::Char).chain([KeyCode::Esc]).collect::<Vec<_>>();
        self.keys(&typed, 5)?;
        self.note("library: filter while typed");
        self.keys(&[KeyCode::Char('v'), KeyCode::End, KeyCode::Char('v'), KeyCode::Home], 4)?;
        self.note("library: mark all, unmark all");
        Ok(())
    }

    /// Sorts by the distance to what was asked last, and by name again.
    pub(super) fn orders(&mut self) -> io::Result<()> {
        self.keys(&[KeyCode::Char('s')], 3)?;
        self.took.clear();
        for shift in 0..20 {
            let Some((question, list)) = self.measuring.clone() else { break };
            let far = |number| (id(number), ((number * 7919 + shift) % self.photos) as f32 / self.photos as f32);
            let answer = Ok(Distances::of(list, (0..self.photos).map(far).collect()));
            self.send(Message::Distances { question, answer })?;
        }
        self.note("library: distances come");
        self.keys(&[KeyCode::Char('s')], 28)?;
        self.note("library: sort, distance too");
        self.keys(&[KeyCode::Char('s')], 1)?;
        self.took.clear();
        Ok(())
    }

    pub(super) fn map(&mut self) -> io::Result<()> {
        self.keys(&[KeyCode::Char('M')], 1)?;
        self.took.clear();
        self.keys(&[KeyCode::Right, KeyCode::Down], 50)?;
        self.note("map: one dot on");
        self.keys(&[KeyCode::Char('+'), KeyCode::Char('+'), KeyCode::Char('-'), KeyCode::Char('-')], 10)?;
        self.note("map: nearer, farther");
        self.keys(&[KeyCode::Tab], 20)?;
        self.note("map: another label");
        for batch in 0..20 {
            let rows = (0..64).map(|number| row(2 * self.photos + batch * 64 + number)).collect();
            self.send(Message::LibraryChanged(LibraryChange::Added(rows)))?;
        }
        self.note("map: 64 new photos");
        self.keys(&[KeyCode::Esc], 2)?;
        self.took.clear();
        Ok(())
    }

    pub(super) fn neighbors(&mut self) -> io::Result<()> {
        self.keys(&[KeyCode::Enter, KeyCode::Right], 50)?;
        self.note("neighbours: walk on");
        self.keys(&[KeyCode::Char('H')], 40)?;
        self.note("neighbours: back");
        self.keys(&[KeyCode::Char('z'), KeyCode::Right], 50)?;
        self.note("one photo: next");
        self.keys(&[KeyCode::Esc], 3)?;
        self.took.clear();
        Ok(())
    }

    pub(super) fn lists(&mut self) -> io::Result<()> {
        let skipped = |number: usize| SkippedRow { name: format!("{number}.jpg").into(), reason: "it is empty".into() };
        self.send(Message::Skipped((0..1000).map(skipped).collect()))?;
        self.took.clear();
        self.keys(&[KeyCode::Char('!')], 1)?;
        self.keys(&[KeyCode::Down], 200)?;
        self.note("skipped: one down");
        self.keys(&[KeyCode::Esc, KeyCode::Char('?')], 1)?;
        self.keys(&[KeyCode::Down, KeyCode::Up], 50)?;
        self.note("help: down, up");
        self.keys(&[KeyCode::Esc], 1)?;
        self.took.clear();
        Ok(())
    }

    pub(super) fn changes(&mut self) -> io::Result<()> {
        for batch in 0..50 {
            let rows = (0..64).map(|number| row(self.photos + batch * 64 + number)).collect();
            self.send(Message::LibraryChanged(LibraryChange::Added(rows)))?;
        }
        self.note("indexing: 64 new photos");
        for batch in 0..20 {
            let gone = (0..500).map(|number| id((batch * 500 + number) % self.photos)).collect();
            self.send(Message::LibraryChanged(LibraryChange::Removed(gone)))?;
        }
        self.note("500 photos gone");
        Ok(())
    }
}
