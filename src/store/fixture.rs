//! A library in a temporary folder, for the tests of this room.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use half::f16;
use tempfile::TempDir;

use super::{Access, IndexBatch, ModelFacts, ModelKind, PhotoFacts, ReadOnlyReason, Store, StoreDirs};
use crate::library::{Location, PhotoId};

/// A temporary place with an empty photo folder.
pub(super) struct Bench {
    pub(super) root: TempDir,
    pub(super) folder: PathBuf,
    pub(super) dirs: StoreDirs,
}

impl Bench {
    pub(super) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("photos");
        fs::create_dir(&folder).unwrap();
        let dirs = StoreDirs { data: root.path().join("data"), cache: root.path().join("cache") };
        Self { root, folder, dirs }
    }

    pub(super) fn open(&self) -> Store {
        // A program that another test starts just now may hold the lock until it runs.
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let store = self.open_at_once();
            if store.access() != Access::ReadOnly(ReadOnlyReason::OtherProgram) || Instant::now() > until {
                return store;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The same, read-only while somebody has it open.
    pub(super) fn open_at_once(&self) -> Store {
        Store::open(&self.folder, &self.dirs).unwrap()
    }

    /// A store whose files vanish with it at the end of the process's temporary folder, not before.
    pub(super) fn into_store(self) -> Store {
        let store = self.open();
        // The files stay open: removing their names is harmless where the tests run.
        drop(self.root);
        store
    }
}

/// A photo whose content is this text.
pub(super) fn photo(content: &str) -> PhotoId {
    PhotoId::of_content(content.as_bytes())
}

/// A file of `stamp` bytes, changed at `stamp`.
pub(super) fn location(path: &str, stamp: u32) -> Location {
    Location { path: path.into(), size: u64::from(stamp), modified_ns: i64::from(stamp) }
}

/// One photo for each path, its content the path, with four features by `lite0` and a thumbnail.
pub(super) fn batch(paths: &[&str]) -> IndexBatch {
    let facts = |path: &&str| PhotoFacts { id: photo(path), bytes: 1, width: 4, height: 3, taken: None, camera: None };
    IndexBatch {
        photos: paths.iter().map(facts).collect(),
        locations: paths.iter().map(|path| (location(path, 1), photo(path))).collect(),
        features: paths.iter().map(|path| (photo(path), vec![f16::from_f32(path.len() as f32); 4])).collect(),
        backbone: "lite0".into(),
        thumbnails: paths.iter().map(|path| (photo(path), path.as_bytes().to_vec())).collect(),
        ..IndexBatch::default()
    }
}

/// A tuned model of this name.
pub(super) fn facts_of_model(name: &str) -> ModelFacts {
    ModelFacts {
        name: name.to_owned(),
        kind: ModelKind::Tuned,
        backbone: "lite0".to_owned(),
        dim: 128,
        parent: None,
        config: serde_json::json!({ "seed": 1, "margin": 0.2 }),
        report: serde_json::json!({ "before": { "recall_at_1": 0.5 }, "verdict": "better" }),
    }
}

impl Store {
    /// Lets `library.db` grow no further from now on, as a full disk would, or grow again.
    pub(crate) fn fill_the_disk(&mut self, full: bool) {
        let pages = if full { 1 } else { i32::MAX };
        self.library_mut().unwrap().read(|db| Ok(db.pragma_update(None, "max_page_count", pages)?)).unwrap();
    }
}
