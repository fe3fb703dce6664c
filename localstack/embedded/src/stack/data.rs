//! The folder of `--data`.

use super::StartError;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A folder that belongs to this process until it is dropped or the process ends.
#[derive(Debug)]
pub(super) struct DataFolder {
    folder: PathBuf,
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
                folder: folder.to_owned(),
                database: folder.join("dynamodb.sqlite"),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(StartError::DataInUse {
                folder: folder.to_owned(),
            }),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Returns the key of tokens and cursors, which is made with the folder: clients may hold them beyond a restart.
    pub(super) fn token_key(&self) -> Result<String, StartError> {
        let file = self.folder.join("token-key");
        let failed = |error| StartError::Data {
            folder: self.folder.clone(),
            error,
        };
        match std::fs::read_to_string(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let key = http_api::random_token_key();
                std::fs::write(&file, &key).map_err(failed)?;
                Ok(key)
            }
            read => read.map_err(failed),
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
    fn a2_key_of_tokens_is_kept_with_the_data() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let key = |folder: &Path| DataFolder::open(folder).unwrap().token_key().unwrap();
        let first = key(one.path());
        assert_eq!(key(one.path()), first);
        assert_ne!(key(other.path()), first);
        assert!(first.len() >= function::settings::MIN_TOKEN_KEY);
    }

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
