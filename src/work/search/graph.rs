//! The approximate index: built on several threads, or read from where it was kept. Builds without the feature have none.

use std::sync::Arc;

use crate::neighbor::{Gallery, NeighborIndex};
use crate::work::WorkError;

/// An approximate index over `gallery`, and whether it is new: read from `kept` where that is one of these rows.
#[cfg(feature = "approx")]
pub(in crate::work) fn index(
    gallery: &Arc<Gallery>,
    kept: Option<Vec<u8>>,
    threads: usize,
    go_on: &(dyn Fn() -> bool + Sync),
) -> Result<(Box<dyn NeighborIndex>, bool), WorkError> {
    use crate::neighbor::{GraphIndex, NeighborError};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Rows between two looks at the stop switch.
    const CHUNK: usize = 256;

    if let Some(Ok(index)) = kept.map(|bytes| GraphIndex::load(Arc::clone(gallery), &bytes)) {
        return Ok((Box::new(index), false));
    }
    let graph = GraphIndex::begin(Arc::clone(gallery), threads)?;
    let next = AtomicUsize::new(0);
    let add = || -> Result<(), NeighborError> {
        loop {
            let first = next.fetch_add(CHUNK, Ordering::Relaxed);
            if first >= gallery.len() || !go_on() {
                return Ok(());
            }
            graph.add(first..gallery.len().min(first + CHUNK))?;
        }
    };
    let added = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(add)).collect();
        let join = |worker: std::thread::ScopedJoinHandle<'_, Result<(), NeighborError>>| match worker.join() {
            Ok(added) => added.map_err(WorkError::from),
            Err(_) => Err(WorkError::Panicked("building the neighbours")),
        };
        workers.into_iter().map(join).collect::<Result<Vec<()>, WorkError>>()
    });
    added?;
    if go_on() { Ok((Box::new(graph), true)) } else { Err(WorkError::Stopped) }
}

#[cfg(not(feature = "approx"))]
pub(in crate::work) fn index(
    _: &Arc<Gallery>,
    _: Option<Vec<u8>>,
    _: usize,
    _: &(dyn Fn() -> bool + Sync),
) -> Result<(Box<dyn NeighborIndex>, bool), WorkError> {
    Err(WorkError::NoApproximate)
}
