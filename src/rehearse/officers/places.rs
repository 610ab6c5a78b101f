//! Disks of their own for the registry and for those who ask.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Where a Linux system has memory that is read and written as files.
const MEMORY: &str = "/dev/shm";
/// Bytes of a job's home, input and results for each applicant, at most.
const EACH: u64 = 512;
/// Bytes of whatever else members write.
const OTHERS: u64 = 256 << 20;

/// The registry's folder, and that of the members: in memory where there is room, since they write
/// to disks of their own in truth, and a job's writes would delay each of the registry's.
pub(super) struct Places {
    registry: TempDir,
    members: Option<TempDir>,
}

impl Places {
    /// Folders of their own, that go with what is returned. Jobs of `applicants` in all.
    pub(super) fn new(applicants: u64) -> std::io::Result<Self> {
        let mut folders = tempfile::Builder::new();
        folders.prefix("saring-rehearsal-");
        let room = OTHERS.saturating_add(applicants.saturating_mul(EACH));
        let members = match free_bytes(Path::new(MEMORY)) {
            Some(free) if free >= room => folders.tempdir_in(MEMORY).ok(),
            _ => None,
        };
        Ok(Self {
            registry: folders.tempdir()?,
            members,
        })
    }

    /// Whether members write elsewhere than the registry.
    pub(super) const fn apart(&self) -> bool {
        self.members.is_some()
    }

    pub(super) fn registry(&self) -> &Path {
        self.registry.path()
    }

    pub(super) fn members(&self) -> &Path {
        self.members.as_ref().unwrap_or(&self.registry).path()
    }

    /// Removes both.
    pub(super) fn close(self) -> std::io::Result<()> {
        self.members.map_or(Ok(()), TempDir::close)?;
        self.registry.close()
    }

    /// Keeps the registry's folder, where its log is.
    pub(super) fn keep(self) -> PathBuf {
        self.registry.keep()
    }
}

fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_share_the_registrys_folder_where_memory_is_short() {
        let places = Places::new(u64::MAX).expect("folders");
        assert!(!places.apart());
        assert_eq!(places.members(), places.registry());
        let places = Places::new(1).expect("folders");
        assert_eq!(places.apart(), places.members() != places.registry());
        let (registry, members) = (places.registry().to_owned(), places.members().to_owned());
        places.close().expect("removed");
        assert!(!registry.exists() && !members.exists());
    }
}
