//! The neighbours of a library while it changes: one index answers, the next one is built behind it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread;

use crate::neighbor::Audit;
use crate::store::PhotoRecord;
use crate::work::{AuditRecord, Built, Change, Library, ModelChoice, Searcher, Viewer, WorkError};

/// Queries of an audit that nobody asked for.
const AUDITED: usize = 400;

/// What happens to the neighbours in the background.
#[derive(Debug)]
pub enum NeighborsEvent {
    /// Other photos, another model or another index answer from now on: earlier answers are old.
    Changed,
    /// The index that answers was audited.
    Audited(AuditRecord),
    /// The next index could not be built, or not be audited; the old one goes on answering.
    Failed(WorkError),
}

/// Hears what happens, on the thread it happens on.
type Observer = Box<dyn Fn(NeighborsEvent) + Send>;

/// The neighbours of one library: questions are answered by the index that is there; [`Neighbors::renew`] builds the next
/// one on a thread of its own and puts it in place when it is ready.
#[derive(Default)]
pub struct Neighbors {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    current: RwLock<Option<Searcher>>,
    orders: Mutex<Orders>,
    changed: Condvar,
    /// Number of the newest order: a job that is no longer the newest ends early.
    newest: AtomicU64,
}

/// One job runs, the newest order waits.
#[derive(Default)]
struct Orders {
    waiting: Option<Order>,
    /// Photos that came while a job ran: they may be missing from what it has read.
    came: Vec<PhotoRecord>,
    is_running: bool,
}

struct Order {
    number: u64,
    library: Arc<Library>,
    choice: ModelChoice,
    observer: Observer,
}

impl Neighbors {
    /// No neighbours yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the index that answers now; `None` while there is none.
    pub fn ask<T>(&self, question: impl FnOnce(&Searcher) -> T) -> Option<T> {
        self.shared.read().as_ref().map(question)
    }

    /// Brings the neighbours up to date with the store in the background: photos that came or went are taken in; another
    /// model, or too many changes, mean a new index. An order that still waits is forgotten.
    pub fn renew(
        &self,
        library: Arc<Library>,
        choice: ModelChoice,
        observer: impl Fn(NeighborsEvent) + Send + 'static,
    ) -> Result<(), WorkError> {
        let number = self.shared.newest.fetch_add(1, Ordering::Relaxed) + 1;
        let mut orders = self.shared.orders();
        orders.waiting = Some(Order { number, library, choice, observer: Box::new(observer) });
        if !std::mem::replace(&mut orders.is_running, true) {
            let shared = Arc::clone(&self.shared);
            let started = thread::Builder::new().name("neighbours-next".into()).spawn(move || shared.work());
            if let Err(error) = started {
                orders.is_running = false;
                return Err(WorkError::Thread(error));
            }
        }
        Ok(())
    }

    /// Lets the photos of a batch that is in the store now be found, at once.
    pub fn take_in(&self, viewer: &Viewer, batch: &[PhotoRecord]) -> Result<(), WorkError> {
        let mut orders = self.shared.orders();
        if orders.is_running {
            orders.came.extend_from_slice(batch);
        }
        drop(orders);
        self.shared.change(|searcher| searcher.change_of_batch(viewer, batch)).map(|_| ())
    }

    /// Waits until nothing is being built or audited.
    pub fn wait(&self) {
        let mut orders = self.shared.orders();
        while orders.is_running {
            orders = self.shared.changed.wait(orders).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Neighbors {
    /// The thread is not waited for: it ends after what it has in hand, and keeps nothing that a next start would miss.
    fn drop(&mut self) {
        self.shared.newest.fetch_add(1, Ordering::Relaxed);
        self.shared.orders().waiting = None;
    }
}

impl Shared {
    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> RwLockReadGuard<'_, Option<Searcher>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Option<Searcher>> {
        self.current.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_newest(&self, number: u64) -> bool {
        self.newest.load(Ordering::Relaxed) == number
    }

    /// Runs orders until none waits.
    fn work(&self) {
        loop {
            let mut orders = self.orders();
            orders.came.clear();
            let Some(order) = orders.waiting.take() else {
                orders.is_running = false;
                self.changed.notify_all();
                return;
            };
            drop(orders);
            // A panic must not leave the next order waiting for ever.
            let done = catch_unwind(AssertUnwindSafe(|| self.run(&order)));
            match done {
                Ok(Ok(())) => {}
                Ok(Err(error)) => (order.observer)(NeighborsEvent::Failed(error)),
                Err(_) => (order.observer)(NeighborsEvent::Failed(WorkError::Panicked("building the neighbours"))),
            }
        }
    }

    fn run(&self, order: &Order) -> Result<(), WorkError> {
        let viewer = order.library.viewer()?;
        let is_same = self.read().as_ref().map_or(Ok(false), |searcher| searcher.is_of(&viewer, &order.choice))?;
        let mut has_changed = is_same && self.change(|searcher| searcher.change_since(&viewer))?;
        if !is_same || self.read().as_ref().is_some_and(Searcher::is_stale) {
            self.rebuild(order, &viewer)?;
            has_changed = true;
        }
        if has_changed {
            (order.observer)(NeighborsEvent::Changed);
        }
        self.audit(order)
    }

    /// Takes in a change that is made out beside the questions. Returns whether photos came or went.
    fn change(&self, of: impl FnOnce(&Searcher) -> Result<Change, WorkError>) -> Result<bool, WorkError> {
        let change = self.read().as_ref().map(of).transpose()?;
        match (change, self.write().as_mut()) {
            (Some(change), Some(searcher)) => searcher.apply(change),
            _ => Ok(false),
        }
    }

    /// Reads the rows and builds the index over them. Where nothing answers yet, a scan does while the index is built.
    fn rebuild(&self, order: &Order, viewer: &Viewer) -> Result<(), WorkError> {
        let next = match Searcher::read(viewer, &order.choice) {
            Err(WorkError::NotIndexed { .. }) => {
                *self.write() = None;
                return Ok(());
            }
            read => read?,
        };
        let blueprint = next.blueprint();
        let mut next = Some(next);
        if self.read().is_none() {
            *self.write() = next.take();
            (order.observer)(NeighborsEvent::Changed);
        }
        let number = order.number;
        let go_on = || self.is_newest(number);
        if blueprint.is_approximate() {
            // It takes long: until it is there, the exact one answers.
            self.put(order, blueprint.build_exact(viewer)?, &mut next)?;
            (order.observer)(NeighborsEvent::Changed);
        }
        match blueprint.build(viewer, &go_on) {
            Err(WorkError::Stopped) => {}
            built => self.put(order, built?, &mut next)?,
        }
        let came = std::mem::take(&mut self.orders().came);
        self.change(|searcher| searcher.change_of_batch(viewer, &came)).map(|_| ())
    }

    /// Keeps what must be kept of an index and lets it answer: in `next`, or where that answers already.
    fn put(&self, order: &Order, built: Built, next: &mut Option<Searcher>) -> Result<(), WorkError> {
        built.remember(&order.library)?;
        let mut current = self.write();
        if let Some(mut next) = next.take() {
            next.install(built);
            *current = Some(next);
        } else if let Some(searcher) = current.as_mut() {
            searcher.install(built);
        }
        Ok(())
    }

    /// Audits the index unless that was done before, query by query, so that questions and changes get their turn.
    fn audit(&self, order: &Order) -> Result<(), WorkError> {
        let mut total = Audit::default();
        for number in 0..AUDITED {
            let current = self.read();
            let Some(searcher) = current.as_ref().filter(|searcher| searcher.audited().is_none()) else {
                return Ok(());
            };
            if !self.is_newest(order.number) {
                return Ok(());
            }
            total.add(searcher.audit(1, number as u64, &mut |_| true)?);
        }
        let record =
            self.write().as_mut().map(|searcher| searcher.take_down(total, Some(&order.library))).transpose()?;
        if let Some(record) = record {
            (order.observer)(NeighborsEvent::Audited(record));
        }
        Ok(())
    }
}
