//! What the process and its files take.

use std::path::Path;

use walkdir::WalkDir;

/// The largest amount of memory this process has held at once, in megabytes (10^6 bytes); 0 where the system does not say.
pub fn peak_rss_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.map_or(0, |kib| kib * 1024 / 1_000_000)
}

/// Bytes of all files below a folder; 0 when there is none.
pub fn folder_bytes(folder: &Path) -> u64 {
    let files = WalkDir::new(folder).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    files.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
}
