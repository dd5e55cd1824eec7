//! Whether other computers may change a folder without this one hearing of it.

use std::path::Path;

/// File systems of Linux whose changes elsewhere are not told here, by the number that `statfs` gives: NFS, SMB (three
/// kinds), AFS, Ceph, Coda, 9P, and FUSE, behind which `sshfs` and the drives of clouds lie.
#[cfg(target_os = "linux")]
const REMOTE: [u64; 9] =
    [0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x5346_414F, 0x00C3_6400, 0x7375_7245, 0x0102_1997, 0x6573_5546];

/// Whether the folder lies on a file system that others may change; false where the system does not say.
#[cfg(target_os = "linux")]
pub(super) fn is_remote(folder: &Path) -> bool {
    // The type of the number differs between processors, and on some it is signed.
    rustix::fs::statfs(folder).is_ok_and(|system| REMOTE.contains(&(system.f_type as u64 & 0xFFFF_FFFF)))
}

/// Whether the folder lies on a file system that others may change: elsewhere the system tells of their changes too.
#[cfg(not(target_os = "linux"))]
pub(super) const fn is_remote(_folder: &Path) -> bool {
    false
}
