//! One opened library: the folder, its store, the network, and the limits it works within.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use image::RgbImage;

use crate::embedder::{Backbone, BackboneSpec, Processor};
use crate::library::PhotoId;
use crate::store::{Access, Reader, Store, StoreDirs};
use crate::work::photo_file::{Content, Unusable};
use crate::work::{Budget, IndexSettings, WorkError};

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
    /// Where it computes.
    pub processor: Processor,
    /// Which neighbour index.
    pub index: IndexSettings,
}

/// An opened folder of photos, shared by all jobs: they write in turn, and read through a [`Viewer`] each.
pub struct Library {
    root: PathBuf,
    access: Access,
    store: Arc<Mutex<Store>>,
    backbone: Arc<dyn Backbone>,
    budget: Arc<Budget>,
    threads: usize,
    index: IndexSettings,
}

/// One thread's look at a library: what is in the store, and the network that made it.
pub struct Viewer {
    root: PathBuf,
    reader: Reader,
    backbone: Arc<dyn Backbone>,
    budget: Arc<Budget>,
    threads: usize,
    index: IndexSettings,
}

impl Library {
    /// Opens the library of `folder`, making its store on the first visit. The folder itself is never written to.
    pub fn open(folder: &Path, options: &LibraryOptions) -> Result<Self, WorkError> {
        let root = existing_folder(folder)?;
        let store = Store::open(&root, &options.dirs)?;
        Ok(Self {
            access: store.access(),
            store: Arc::new(Mutex::new(store)),
            backbone: options.backbone.load(options.processor)?,
            budget: Budget::new(options.decode_budget),
            threads: options.threads.max(1),
            index: options.index,
            root,
        })
    }

    /// The same library for a job that is to use so many threads.
    #[must_use]
    pub fn with_threads(&self, threads: usize) -> Self {
        Self {
            root: self.root.clone(),
            access: self.access,
            store: Arc::clone(&self.store),
            backbone: Arc::clone(&self.backbone),
            budget: Arc::clone(&self.budget),
            threads: threads.max(1),
            index: self.index,
        }
    }

    /// The folder, as a canonical path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether this program may change the library, and if not, why.
    pub const fn access(&self) -> Access {
        self.access
    }

    /// The store, for as long as the guard lives: keep it for one change only.
    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection of its own, for the calling thread.
    pub fn viewer(&self) -> Result<Viewer, WorkError> {
        let reader = self.store().reader()?;
        let (backbone, budget) = (Arc::clone(&self.backbone), Arc::clone(&self.budget));
        Ok(Viewer { root: self.root.clone(), reader, backbone, budget, threads: self.threads, index: self.index })
    }

    /// The pixels of one file, upright, its shorter side not below `shorter_side` where the photo has that many. Waits for
    /// its share of the decode budget.
    pub fn picture(&self, path: &Path, shorter_side: u32) -> Result<RgbImage, WorkError> {
        let unread = |error| Unusable::Because(format!("cannot be read: {error}")).at(path);
        let file = Box::new(File::open(path).map_err(unread)?);
        let mut content = Content::of_file(file, &|| true).map_err(|why| why.at(path))?;
        content.decode(&self.budget, shorter_side, &|| true, |_, photo| Ok(photo)).map_err(|why| why.at(path))
    }

    /// Runs `work` on a pool of this library's threads, for the tensor operations in it.
    pub(super) fn in_pool<T: Send>(&self, work: impl FnOnce() -> Result<T, WorkError> + Send) -> Result<T, WorkError> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads).thread_name(|n| format!("train {n}"));
        pool.build().map_err(|error| WorkError::Threads(error.to_string()))?.install(work)
    }

    pub(super) const fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    pub(super) const fn threads(&self) -> usize {
        self.threads
    }

    /// Which program looked at the files: another build or budget may manage files that this one had to skip.
    pub(super) fn examiner(&self) -> String {
        let features = [("avif", cfg!(feature = "avif")), ("heic", cfg!(feature = "heic"))];
        let features: Vec<&str> = features.iter().filter(|feature| feature.1).map(|feature| feature.0).collect();
        let megabytes = self.budget.total() / 1_000_000;
        format!("{} [{}] {megabytes} MB", env!("CARGO_PKG_VERSION"), features.join(" "))
    }

    /// Refuses to go on when something must be written and this program may not.
    pub(super) fn require_writable(&self, needed: bool) -> Result<(), WorkError> {
        if needed && let Access::ReadOnly(why) = self.access {
            return Err(WorkError::ReadOnly { folder: self.root.clone(), why });
        }
        Ok(())
    }
}

impl Viewer {
    /// Looks at the library of `folder` without claiming it, so that a program that indexes is not in its way.
    pub fn open(folder: &Path, options: &LibraryOptions) -> Result<Self, WorkError> {
        let root = existing_folder(folder)?;
        let Some(reader) = Store::look(&root, &options.dirs)? else {
            return Err(WorkError::NotIndexed { folder: root });
        };
        let (backbone, budget) = (options.backbone.load(options.processor)?, Budget::new(options.decode_budget));
        Ok(Self { root, reader, backbone, budget, threads: options.threads.max(1), index: options.index })
    }

    /// The folder, as a canonical path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is in the store.
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The network whose features the library keeps.
    pub fn backbone(&self) -> &dyn Backbone {
        &*self.backbone
    }

    /// The same, to be shared.
    pub(super) const fn network(&self) -> &Arc<dyn Backbone> {
        &self.backbone
    }

    pub(super) const fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// Threads that a job may use.
    pub(super) const fn threads(&self) -> usize {
        self.threads
    }

    /// Which neighbour index is to answer.
    pub const fn index_settings(&self) -> IndexSettings {
        self.index
    }

    /// Refuses to write a file into the folder of photos.
    pub(super) fn require_outside(&self, path: &Path) -> Result<(), WorkError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // A folder that is not there cannot be written to either.
        let inside = folder.canonicalize().is_ok_and(|folder| folder.starts_with(&self.root));
        if inside { Err(WorkError::AmongPhotos { path: path.to_owned() }) } else { Ok(()) }
    }

    /// The photos that lie in the folder and have features of this network.
    pub fn embedded_photos(&self) -> Result<HashSet<PhotoId>, WorkError> {
        let missing: HashSet<PhotoId> = self.reader.photos_without_features(self.backbone.id())?.into_iter().collect();
        Ok(self.reader.photo_ids()?.into_iter().filter(|id| !missing.contains(id)).collect())
    }
}

/// The canonical path of a folder that exists and may be read.
pub fn existing_folder(folder: &Path) -> Result<PathBuf, WorkError> {
    let unusable = |error| WorkError::Folder { folder: folder.to_owned(), error };
    let root = folder.canonicalize().map_err(unusable)?;
    if !root.is_dir() {
        return Err(WorkError::NotAFolder { path: folder.to_owned() });
    }
    std::fs::read_dir(&root).map_err(unusable)?;
    Ok(root)
}
