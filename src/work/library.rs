//! One opened library: the folder, its store, the network, and the limits it works within.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::embedder::{Backbone, BackboneSpec};
use crate::store::{Access, Store, StoreDirs};
use crate::work::{Budget, WorkError};

/// What opening a library needs besides the folder.
#[derive(Clone, Debug)]
pub struct LibraryOptions {
    /// Where libraries and caches are.
    pub dirs: StoreDirs,
    /// Threads that decode and embed.
    pub threads: usize,
    /// Bytes that decoding may hold at once, over all threads.
    pub decode_budget: u64,
    /// Which network.
    pub backbone: BackboneSpec,
}

/// An opened folder of photos.
pub struct Library {
    root: PathBuf,
    store: Store,
    backbone: Arc<dyn Backbone>,
    budget: Arc<Budget>,
    threads: usize,
}

impl Library {
    /// Opens the library of `folder`, making its store on the first visit. The folder itself is never written to.
    pub fn open(folder: &Path, options: &LibraryOptions) -> Result<Self, WorkError> {
        let root = existing_folder(folder)?;
        Ok(Self {
            store: Store::open(&root, &options.dirs)?,
            backbone: Arc::new(options.backbone.load()?),
            budget: Budget::new(options.decode_budget),
            threads: options.threads.max(1),
            root,
        })
    }

    /// The folder, as a canonical path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is on disk about it.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The same, to change it.
    pub const fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    /// The network whose features the library keeps.
    pub fn backbone(&self) -> &dyn Backbone {
        &*self.backbone
    }

    pub(super) fn backbone_handle(&self) -> Arc<dyn Backbone> {
        Arc::clone(&self.backbone)
    }

    pub(super) fn budget(&self) -> Arc<Budget> {
        Arc::clone(&self.budget)
    }

    pub(super) const fn threads(&self) -> usize {
        self.threads
    }

    /// Which program looked at the files: another build or budget may manage files that this one had to skip.
    pub(super) fn examiner(&self) -> String {
        let features = [("avif", cfg!(feature = "avif")), ("heic", cfg!(feature = "heic"))];
        let features: String = features.iter().filter(|f| f.1).map(|f| format!(" {}", f.0)).collect();
        format!("{}{features} {} MB", env!("CARGO_PKG_VERSION"), self.budget.total() / 1_000_000)
    }

    pub(super) fn note_examined(&mut self) -> Result<(), WorkError> {
        let examiner = self.examiner();
        if self.store.access() == Access::ReadWrite {
            self.store.set_examiner(&examiner)?;
        }
        Ok(())
    }

    /// Refuses to go on when something must be written and another program holds the library.
    pub(super) fn require_writable(&self, needed: bool) -> Result<(), WorkError> {
        if needed && let Access::ReadOnly(why) = self.store.access() {
            return Err(WorkError::ReadOnly { folder: self.root.clone(), why });
        }
        Ok(())
    }
}

fn existing_folder(folder: &Path) -> Result<PathBuf, WorkError> {
    let unusable = |error| WorkError::Folder { folder: folder.to_owned(), error };
    let root = folder.canonicalize().map_err(unusable)?;
    if !root.is_dir() {
        return Err(WorkError::NotAFolder { path: folder.to_owned() });
    }
    std::fs::read_dir(&root).map_err(unusable)?;
    Ok(root)
}
