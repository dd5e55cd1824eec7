//! Hears when something changes in a folder. Where the system does not tell, or not of everything, it is time to look
//! again every now and then.

mod remote;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind};
use notify::{ErrorKind, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::library::is_scanned;

/// So long nothing must change any more before it is worth looking: files come in swarms, and in pieces.
const QUIET: Duration = Duration::from_millis(500);
/// In a swarm that does not end, it is looked after so many times [`QUIET`].
const SWARM: u32 = 6;
/// Between two looks at a folder that other computers change.
const BETWEEN_LOOKS: Duration = Duration::from_secs(60);
/// Between two looks at a folder that cannot be watched, or is not there.
const WITHOUT_WATCH: Duration = Duration::from_secs(10);
/// Looking again and again may take this share of the time at most: one part of so many.
const SHARE: u32 = 20;

/// How changes become known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watching {
    /// The system tells of each.
    Told,
    /// The folder is looked at again every so often, for this reason.
    Looking {
        /// Time between two looks.
        every: Duration,
        /// Why: `the folder lies on another computer`.
        why: String,
    },
}

/// Why a wait has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// Something has changed, and now it is quiet.
    Changed,
    /// It is time to look.
    Due,
    /// Nobody wants to know any more.
    Stopped,
}

/// Watches one folder and all below it, except what a scan leaves out.
pub struct FolderWatch {
    root: PathBuf,
    heard: Arc<Heard>,
    /// It tells as long as it lives.
    watcher: Mutex<Option<RecommendedWatcher>>,
}

/// What was heard, and somebody waiting for it.
#[derive(Default)]
struct Heard {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// When the first and the last change came that nobody has looked at yet.
    swarm: Option<(Instant, Instant)>,
    /// Whether there may be folders that are not watched yet: they are, but only after they were told of.
    new_folders: bool,
    /// Why not everything is told.
    gap: Option<String>,
    stopped: bool,
}

impl FolderWatch {
    /// Nothing is watched yet.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), heard: Arc::default(), watcher: Mutex::new(None) }
    }

    /// Watches the folder from now on, anew if it was watched before: a folder that was away is another one for the
    /// system. Says how changes become known.
    pub fn start(&self) -> Watching {
        self.heard.lock().gap = None;
        let (watcher, gap) = match self.watcher() {
            Ok(watcher) => (Some(watcher), None),
            Err(error) => (None, Some(in_words(&error))),
        };
        // The earlier one may wait for its last word to be heard: nothing is locked while it goes.
        let before = std::mem::replace(&mut *self.watcher.lock().unwrap_or_else(PoisonError::into_inner), watcher);
        drop(before);
        if let Some(gap) = gap {
            self.heard.lock().gap.get_or_insert(gap);
        }
        self.watching(Duration::ZERO)
    }

    fn watcher(&self) -> notify::Result<RecommendedWatcher> {
        let (heard, root) = (Arc::clone(&self.heard), self.root.clone());
        let mut watcher = notify::recommended_watcher(move |told: notify::Result<notify::Event>| match told {
            Ok(event) if is_change(&event, &root) => {
                heard.lock().new_folders |= brings_folder(event.kind);
                heard.change(Instant::now());
            }
            Ok(_) => {}
            Err(error) => heard.miss(in_words(&error)),
        })?;
        watcher.watch(&self.root, RecursiveMode::Recursive)?;
        Ok(watcher)
    }

    /// How changes become known, when one look takes this long.
    pub fn watching(&self, look: Duration) -> Watching {
        let gap = self.heard.lock().gap.clone();
        let (every, why) = match (gap, remote::is_remote(&self.root)) {
            (Some(why), _) => (WITHOUT_WATCH, why),
            (None, true) => (BETWEEN_LOOKS, "it lies on another computer".to_owned()),
            (None, false) => return Watching::Told,
        };
        Watching::Looking { every: every.max(look * SHARE), why }
    }

    /// Waits until something has changed, or for `patience`. `look` is the time that one look takes: the longer, the
    /// longer a swarm is waited for.
    pub fn wait(&self, patience: Option<Duration>, look: Duration) -> Woken {
        let woken = self.heard.wait(patience, QUIET.max(look * 2));
        if woken == Woken::Changed && std::mem::take(&mut self.heard.lock().new_folders) {
            self.watch_new_folders();
        }
        woken
    }

    /// From now on nothing that comes into a new folder is missed; what came before is found by the look that follows.
    /// Only inotify watches each folder by itself.
    fn watch_new_folders(&self) {
        if !cfg!(target_os = "linux") {
            return;
        }
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Err(error)) = watcher.as_mut().map(|watcher| watcher.watch(&self.root, RecursiveMode::Recursive)) {
            self.heard.lock().gap = Some(in_words(&error));
        }
    }

    /// The time after which a folder that is away is worth another look.
    pub const fn until_next_try() -> Duration {
        WITHOUT_WATCH
    }

    /// Ends every wait, now and later.
    pub fn stop(&self) {
        self.heard.lock().stopped = true;
        self.heard.changed.notify_all();
    }
}

impl Heard {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, now: Instant) {
        let mut state = self.lock();
        let first = state.swarm.map_or(now, |(first, _)| first);
        // Who waits out a swarm need not hear of each of it.
        if state.swarm.replace((first, now)).is_none() {
            self.changed.notify_all();
        }
    }

    /// Something may have been missed, and more will be.
    fn miss(&self, why: String) {
        self.lock().gap = Some(why);
        self.change(Instant::now());
    }

    fn wait(&self, patience: Option<Duration>, quiet: Duration) -> Woken {
        let until = patience.map(|patience| Instant::now() + patience);
        let mut state = self.lock();
        loop {
            if state.stopped {
                return Woken::Stopped;
            }
            let now = Instant::now();
            let (due, woken) = match state.swarm {
                Some((first, last)) => (Some((last + quiet).min(first + quiet * SWARM)), Woken::Changed),
                None => (until, Woken::Due),
            };
            let Some(due) = due else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            if now >= due {
                state.swarm = None;
                return woken;
            }
            state = self.changed.wait_timeout(state, due - now).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Whether a scan may come out differently after this. That files are read is no change: indexing reads them all.
fn is_change(event: &notify::Event, root: &Path) -> bool {
    let changes = match event.kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        _ => true,
    };
    let is_seen = |path: &PathBuf| path.strip_prefix(root).map_or(true, is_scanned);
    changes && (event.need_rescan() || event.paths.is_empty() || event.paths.iter().any(is_seen))
}

/// Whether a folder may be there that was not there before.
const fn brings_folder(kind: EventKind) -> bool {
    matches!(kind, EventKind::Create(CreateKind::Folder | CreateKind::Any) | EventKind::Modify(ModifyKind::Name(_)))
}

fn in_words(error: &notify::Error) -> String {
    match error.kind {
        ErrorKind::MaxFilesWatch => "the system watches no more folders (fs.inotify.max_user_watches)".to_owned(),
        _ => "it cannot be watched".to_owned(),
    }
}

#[cfg(test)]
mod tests;
