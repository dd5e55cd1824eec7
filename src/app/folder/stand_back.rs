//! Work that lets everything else go first.

/// Lets every other thread go first: this one, and those it starts, get what is left of the processor.
pub(super) fn stand_back() {
    // Elsewhere than on Linux this would slow the whole program down.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, 10) {
        tracing::debug!("a thread keeps its priority: {error}");
    }
}
