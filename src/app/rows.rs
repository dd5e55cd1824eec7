//! What the store knows of photos and files, in the rows that the screen draws.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use crate::library::{FolderLabels, Skipped, folder_label, printable};
use crate::store::PhotoRecord;
use crate::ui::{EmbeddingProgress, IndexProgress, PhotoRow, SkippedRow};
use crate::work::IndexEvent;

/// Makes rows that share their labels and cameras.
#[derive(Default)]
pub(super) struct RowMaker {
    words: HashSet<Arc<str>>,
}

impl RowMaker {
    fn shared(&mut self, word: String) -> Arc<str> {
        if let Some(known) = self.words.get(word.as_str()) {
            return Arc::clone(known);
        }
        let word: Arc<str> = word.into();
        self.words.insert(Arc::clone(&word));
        word
    }

    /// The row of one photo; every text in it is printable.
    pub(super) fn row(&mut self, record: &PhotoRecord) -> Arc<PhotoRow> {
        let facts = &record.facts;
        let labels: BTreeSet<String> =
            record.paths.iter().filter_map(|path| folder_label(path, FolderLabels::Deepest)).collect();
        let name = record.paths.first().map(|path| printable(&path.to_string_lossy())).unwrap_or_default();
        Arc::new(PhotoRow {
            id: facts.id,
            name: name.into(),
            labels: labels.into_iter().map(|label| self.shared(label)).collect(),
            copies: record.paths.iter().skip(1).map(|path| printable(&path.to_string_lossy()).into()).collect(),
            width: facts.width,
            height: facts.height,
            bytes: facts.bytes,
            taken: facts.taken.as_deref().map(|taken| printable(taken).into()),
            camera: facts.camera.as_deref().map(|camera| self.shared(printable(camera))),
        })
    }
}

/// Files that could not be read, as the screen lists them.
pub(super) struct SkippedList;

impl SkippedList {
    /// In the order given.
    pub(super) fn of(skipped: &[Skipped]) -> Arc<[SkippedRow]> {
        let row = |file: &Skipped| SkippedRow {
            name: printable(&file.path.to_string_lossy()).into(),
            reason: printable(&file.reason).into(),
        };
        skipped.iter().map(row).collect()
    }
}

/// What the status line shows of an event, if anything.
pub(super) fn progress_message(event: &IndexEvent) -> Option<IndexProgress> {
    match event {
        IndexEvent::Scanning { seen } => Some(IndexProgress::Scanning { files: *seen }),
        IndexEvent::Progress(progress) => Some(IndexProgress::Embedding(EmbeddingProgress {
            done: progress.done,
            total: progress.total,
            photos_per_second: progress.photos_per_second as f32,
            left: progress.seconds_left.map(Duration::from_secs_f64),
            skipped: progress.skipped,
        })),
        IndexEvent::Committed(_) => None,
    }
}
