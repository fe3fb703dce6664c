//! The items of the event table, and the published part of one as a commit.

use crate::StoreError;
use aws_sdk_dynamodb::types::AttributeValue;
use commit::{Commit, CommitKey, MARKS, fault};
use serde::de::DeserializeOwned;
use std::collections::HashMap;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// Private to the service: the fingerprint of the command.
pub(crate) const FINGERPRINT: &str = "f";
/// Private to the service: the snapshot.
pub(crate) const SNAPSHOT: &str = "s";
/// The attributes of a commit that other services may read. The read side requests no others, so its role needs no
/// access to them (G12).
pub(crate) const PUBLISHED: &str = "pk, sk, n, i, c, p, t, m, e";
/// The attributes of a commit's place in its stream.
pub(crate) const KEY: &str = "pk, sk, n, i, p, t";

/// Returns whether an item is the mark of a command and not a commit.
pub(crate) fn is_mark(item: &Item) -> bool {
    matches!(item.get("pk"), Some(AttributeValue::S(pk)) if pk.split_once('#').is_some_and(|(category, _)| category == MARKS))
}

pub(crate) fn read_commit(item: Item) -> Result<Commit, StoreError> {
    let commit: Commit = read(item)?;
    if commit.first == 0 || commit.count == 0 || commit.count != commit.events.len() as u64 {
        let place = format!("{} at version {}", commit.stream, commit.first);
        let reason = format!(
            "`n` is {} and there are {} events",
            commit.count,
            commit.events.len()
        );
        return Err(StoreError::damaged(place, reason));
    }
    Ok(commit)
}

pub(crate) fn read_key(item: Item) -> Result<CommitKey, StoreError> {
    read(item)
}

fn read<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    let place = place_of(&item);
    serde_dynamo::from_item(item).map_err(|e| StoreError::damaged(place, fault(&e)))
}

fn place_of(item: &Item) -> String {
    match (item.get("pk"), item.get("sk")) {
        (Some(AttributeValue::S(pk)), Some(AttributeValue::N(sk))) => format!("{pk} at version {sk}"),
        _ => "an item without a key".to_owned(),
    }
}
