//! Disks: what guards the database lies apart from it, and there is room.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::statvfs;

use super::Finding;
use crate::app::config::Config;
use crate::protocol::limits::STORE_RESERVE_BYTES;

/// Bytes below which it is time to make room.
const COMFORT_BYTES: u64 = 4 * STORE_RESERVE_BYTES;

/// Whether mark, journal and ledger survive the loss of the database's disk.
pub(super) fn separation(config: &Config) -> Vec<Finding> {
    let folders = &config.folders;
    let Some(disk) = disk_of(&folders.database) else {
        return Vec::new();
    };
    let guards = [
        ("mark_disk", "folders.mark", &folders.mark),
        ("journal_disk", "folders.journal", &folders.journal),
        ("ledger_disk", "folders.ledger", &folders.ledger),
    ];
    let found = guards.into_iter().filter_map(|(code, field, folder)| {
        let apart = disk_of(folder)? != disk;
        Some(if apart {
            Finding::ok(
                code,
                format!("{field} ada di disk lain daripada basis data."),
                format!("{field} is on another disk than the database."),
            )
        } else {
            Finding::warning(
                code,
                format!(
                    "{field} ada di disk yang sama dengan basis data: satu disk yang rusak \
                     membawa keduanya. Pindahkan ke disk lain."
                ),
                format!(
                    "{field} is on the same disk as the database: one broken disk takes both. \
                     Put it on another disk."
                ),
            )
        })
    });
    found.collect()
}

/// How much room the database's disk has.
pub(super) fn free_space(config: &Config) -> Finding {
    let folder = nearest(&config.folders.database);
    let Ok(space) = statvfs(folder) else {
        return Finding::fault(
            "disk",
            "Ruang disk basis data tidak dapat dibaca.",
            "The database's disk cannot be examined.",
        );
    };
    let free = space.f_bavail.saturating_mul(space.f_frsize);
    let mebibytes = free >> 20;
    let (id, en) = (
        format!("Ruang bebas di disk basis data: {mebibytes} MiB."),
        format!("Free on the database's disk: {mebibytes} MiB."),
    );
    match free {
        free if free < STORE_RESERVE_BYTES => Finding::fault(
            "disk",
            format!("{id} Di bawah 256 MiB tidak ada tulisan yang diterima."),
            format!("{en} Below 256 MiB no write is taken."),
        ),
        free if free < COMFORT_BYTES => Finding::warning("disk", id, en),
        _ => Finding::ok("disk", id, en),
    }
}

fn disk_of(folder: &Path) -> Option<u64> {
    std::fs::metadata(nearest(folder))
        .ok()
        .map(|metadata| metadata.dev())
}

/// The folder, or the nearest above it that is there.
fn nearest(folder: &Path) -> &Path {
    folder
        .ancestors()
        .find(|folder| folder.exists())
        .unwrap_or(Path::new("."))
}
