//! `golden/{category}/{Type}.v{version}.json` holds an event as it was stored when that version was current. The files
//! are written by hand and never changed, because stored events cannot be changed either.

use super::{Category, file};
use commit::EventData;
use std::path::Path;

/// Checks that every version of an event that was ever written still decodes, and that the current one is stored as its file
/// says.
///
/// # Panics
/// When one does not; the message names the file.
pub fn assert_golden(contracts: &Path, categories: &[Category]) {
    for category in categories {
        for (kind, current) in category.types {
            for version in 1..=*current {
                let path = file(contracts, "golden", category.name, kind, version);
                let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
                    panic!(
                        "{}: {error}; every event version needs a golden file",
                        path.display()
                    )
                });
                let stored: EventData =
                    serde_json::from_str(&text).expect("a golden file holds a stored event");
                assert_eq!(
                    (stored.kind.as_str(), stored.schema),
                    (*kind, version),
                    "{}",
                    path.display()
                );
                let again =
                    (category.recode)(&stored).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                assert_eq!(again.schema, *current);
                if version == *current {
                    assert_eq!(again, stored, "{} is encoded differently now", path.display());
                }
            }
        }
    }
}

/// Checks that an event decodes when newer code has added a field to it.
///
/// # Panics
/// When one does not.
pub fn assert_additions_are_ignored(contracts: &Path, categories: &[Category]) {
    for category in categories {
        for (kind, current) in category.types {
            let text = std::fs::read_to_string(file(contracts, "golden", category.name, kind, *current))
                .expect("every event has a golden file of its current version");
            let known: EventData = serde_json::from_str(&text).expect("a golden file holds a stored event");
            let mut newer = known.clone();
            newer.data["addedLater"] = serde_json::json!({ "x": 1 });
            assert_eq!((category.recode)(&newer), Ok(known), "{kind}");
        }
    }
}
