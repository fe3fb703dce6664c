//! `system/documents/{subscriber}.v{n}.json`: what a view or reactor stores after the golden events, in every form that it ever
//! had. The files are never changed, because documents that are stored in an old form stay until their next event.
//!
//! The first form of a subscriber is written with the other files. A change of the form is found by [`check`], in the test that
//! compares the generated files, and not by the quarantine of a deployment.

use crate::events::golden_history;
use crate::{File, GenerateError, Places, pretty, read_json};
use function::{Kind, Subscriber, System};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The folder of the files in the checkout.
pub(super) const FOLDER: &str = "system/documents";

/// The variable with which a changed form is written beside the ones before.
const UPDATE: &str = "UPDATE_DOCUMENTS";

/// Returns the files that are to be written: the first form of each subscriber that has none, and with `UPDATE_DOCUMENTS` in the
/// environment the forms that have changed.
pub(super) fn files(system: &System, places: &Places) -> Result<Vec<File>, GenerateError> {
    let update = std::env::var_os(UPDATE).is_some();
    let mut files = Vec::new();
    for subscriber in system.subscribers() {
        let forms = forms(subscriber, places)?;
        let (number, changed) = match forms.last() {
            None => (1, true),
            Some(latest) => {
                let now = folded(subscriber, places)?;
                // The same form with other contents comes from other golden events, or from another rule.
                let next = usize::from(shape(latest) != shape(&now));
                (forms.len() + next, update && *latest != now)
            }
        };
        if changed {
            let path = path(subscriber, number);
            let text = pretty(&path, &folded(subscriber, places)?)?;
            files.push(File { path, text });
        }
    }
    Ok(files)
}

/// Compares what the code stores with the files: returns a line for each subscriber that stores something else, and for each form
/// that the code cannot read any more.
pub(super) fn check(system: &System, places: &Places) -> Result<Vec<String>, GenerateError> {
    let mut differences = Vec::new();
    for subscriber in system.subscribers() {
        let forms = forms(subscriber, places)?;
        for (number, form) in (1..).zip(&forms) {
            let file = path(subscriber, number);
            differences.extend(unreadable(subscriber, &file, form, number == forms.len()));
        }
        let file = path(subscriber, forms.len().max(1));
        match forms.last() {
            None => differences.push(format!("{file} is missing")),
            Some(latest) => {
                let now = folded(subscriber, places)?;
                if let Some(place) = first_difference("", latest, &now) {
                    differences.push(changed(subscriber, &file, &place));
                }
            }
        }
    }
    Ok(differences)
}

fn path(subscriber: &Subscriber, number: usize) -> String {
    format!("{FOLDER}/{}.v{number}.json", subscriber.name)
}

/// Returns the forms of a subscriber in the checkout, the oldest first.
fn forms(subscriber: &Subscriber, places: &Places) -> Result<Vec<Value>, GenerateError> {
    (1..)
        .map(|number| places.root.join(path(subscriber, number)))
        .take_while(|file| file.is_file())
        .map(|file| read_json(&file))
        .collect()
}

/// Returns what the code stores: after the story of the examples, and after all golden events.
fn folded(subscriber: &Subscriber, places: &Places) -> Result<Value, GenerateError> {
    let (story, all) = golden_history(subscriber, places)?;
    Ok(json!({ "story": after(subscriber, story), "all": after(subscriber, all) }))
}

/// Folds a history without the events that cannot be applied at their place: golden events are examples, and not one life.
fn after(subscriber: &Subscriber, mut history: Vec<crate::events::Commit>) -> BTreeMap<String, Value> {
    loop {
        match subscriber.stored_form().fold(&crate::events::numbered(&history)) {
            Ok(documents) => return documents,
            Err(unfolded) => {
                history.remove(unfolded.position);
            }
        }
    }
}

fn unreadable(subscriber: &Subscriber, file: &str, form: &Value, latest: bool) -> Vec<String> {
    let histories = form.as_object().into_iter().flat_map(|form| form.values());
    let stored = histories.flat_map(|documents| documents.as_object().into_iter().flatten());
    stored
        .filter_map(|(key, stored)| {
            let document = &stored["document"];
            let problem = match subscriber.stored_form().read(document) {
                Err(error) => error,
                Ok(read) if latest && read != *document => "it is read as something else".to_owned(),
                Ok(_) => return None,
            };
            Some(format!(
                "{file}: {} cannot read the document of {key} that it stored itself: {problem}\n  Documents in this form would be \
                 quarantined. Give a new field a default (#[serde(default)]), keep an old name as #[serde(alias = \"…\")].",
                subscriber.name
            ))
        })
        .collect()
}

fn changed(subscriber: &Subscriber, file: &str, place: &str) -> String {
    let name = subscriber.name;
    let then = match subscriber.kind {
        Kind::View => format!("rebuild it after the deployment (`belvedere rebuild {name}`)"),
        Kind::Reactor => {
            "mind that a reactor is never rebuilt: its documents keep the old form until their next event"
                .to_owned()
        }
    };
    format!(
        "{file}: {name} stores something else than before, first at {place}.\n  If that is intended, {then}, and run \
         `{UPDATE}=1 cargo run -- generate`, which keeps the forms before, as they must still be read. \
         If no deployment ever stored this form, remove its file first."
    )
}

/// Returns the place of the first difference of two values.
fn first_difference(place: &str, one: &Value, other: &Value) -> Option<String> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let keys: BTreeSet<_> = one.keys().chain(other.keys()).collect();
            keys.into_iter().find_map(|key| {
                let at = format!("{place}/{key}");
                match (one.get(key), other.get(key)) {
                    (Some(one), Some(other)) => first_difference(&at, one, other),
                    _ => Some(at),
                }
            })
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            pairs
                .into_iter()
                .find_map(|(index, (one, other))| first_difference(&format!("{place}/{index}"), one, other))
        }
        _ => (one != other).then(|| place.to_owned()),
    }
}

/// Returns the form of a value: the paths of its fields, with the type of each.
fn shape(value: &Value) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    add_shape("", value, &mut paths);
    paths
}

fn add_shape(place: &str, value: &Value, paths: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                add_shape(&format!("{place}/{name}"), value, paths);
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| add_shape(&format!("{place}/[]"), item, paths)),
        Value::Null => {
            paths.insert(format!("{place}: null"));
        }
        Value::Bool(_) => {
            paths.insert(format!("{place}: true or false"));
        }
        Value::Number(_) => {
            paths.insert(format!("{place}: number"));
        }
        Value::String(_) => {
            paths.insert(format!("{place}: text"));
        }
    }
}
