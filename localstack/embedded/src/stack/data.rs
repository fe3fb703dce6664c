//! The folder of `--data`.

use super::StartError;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// A folder that belongs to this process until it is dropped or the process ends.
#[derive(Debug)]
pub(super) struct DataFolder {
    database: PathBuf,
    /// The operating system releases the lock when the file is closed.
    _lock: File,
}

impl DataFolder {
    /// Creates the folder if it is missing, and locks it.
    pub(super) fn open(folder: &Path) -> Result<Self, StartError> {
        let failed = |error| StartError::Data {
            folder: folder.to_owned(),
            error,
        };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let lock = File::create(folder.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                database: folder.join("dynamodb.sqlite"),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(StartError::DataInUse {
                folder: folder.to_owned(),
            }),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Returns the engine's file.
    pub(super) fn database(&self) -> &Path {
        &self.database
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_has_one_owner_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = DataFolder::open(folder.path()).unwrap();
        assert!(matches!(
            DataFolder::open(folder.path()),
            Err(StartError::DataInUse { .. })
        ));
        drop(first);
        assert!(DataFolder::open(folder.path()).is_ok());
    }
}
