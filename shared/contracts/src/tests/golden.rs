//! `golden/{category}/{Type}.v{version}.json` holds an event as it was stored when that version was current. The files
//! are written by hand and never changed, because stored events cannot be changed either.

use crate::tests::{categories, file};
use commit::EventData;

#[test]
fn every_event_version_ever_written_decodes() {
    for category in categories() {
        for (kind, current) in category.types {
            for version in 1..=*current {
                let path = file("golden", category.name, kind, version);
                let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
                    panic!(
                        "{}: {error}; every event version needs a golden file",
                        path.display()
                    )
                });
                let stored: EventData = serde_json::from_str(&text).unwrap();
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

#[test]
fn fields_that_newer_code_added_are_ignored() {
    for category in categories() {
        for (kind, current) in category.types {
            let text = std::fs::read_to_string(file("golden", category.name, kind, *current)).unwrap();
            let known: EventData = serde_json::from_str(&text).unwrap();
            let mut newer = known.clone();
            newer.data["addedLater"] = serde_json::json!({ "x": 1 });
            assert_eq!((category.recode)(&newer), Ok(known), "{kind}");
        }
    }
}
