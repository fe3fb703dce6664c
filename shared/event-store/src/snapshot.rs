use crate::Decider;
use crate::StoreError;
use crate::item::{Item, SNAPSHOT};
use crate::item_size::{item_size, kilobytes, value_size};
use crate::recent::{ENTRY, Recent, STORED, STORED_AT_MOST};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

/// A margin for bytes that DynamoDB may count differently: a snapshot that should cost nothing extra must not cost a
/// unit.
const MARGIN: usize = 32;

/// A snapshot as stored. Its state is only read when its schema is the current one.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    schema: u32,
    version: u64,
    state: AttributeValue,
    recent: Vec<u8>,
}

impl Snapshot {
    /// Reads a snapshot, or returns `None` when the value is not one: the load then continues with older items.
    pub(crate) fn from_value(value: AttributeValue) -> Option<Self> {
        let AttributeValue::M(mut fields) = value else {
            return None;
        };
        let number = |value: Option<AttributeValue>| match value {
            Some(AttributeValue::N(text)) => text.parse::<u64>().ok(),
            _ => None,
        };
        Some(Self {
            schema: u32::try_from(number(fields.remove("v"))?).ok()?,
            version: number(fields.remove("ver"))?,
            state: fields.remove("d")?,
            recent: match fields.remove("r") {
                Some(AttributeValue::B(bytes)) => bytes.into_inner(),
                _ => Vec::new(),
            },
        })
    }

    /// Returns the state and the commands before the commit, or `None` when the snapshot has another schema or cannot
    /// be read.
    pub(crate) fn open<D: Decider>(&self, last: u64) -> Option<(D::State, Recent)> {
        if self.schema != D::STATE_SCHEMA || self.version != last {
            return None;
        }
        match serde_dynamo::from_attribute_value(self.state.clone()) {
            Ok(state) => Some((state, Recent::from_bytes(&self.recent))),
            Err(error) => {
                let error = commit::fault(&error);
                tracing::warn!(
                    category = D::CATEGORY,
                    error,
                    "a snapshot of the current schema cannot be read"
                );
                None
            }
        }
    }
}

/// Returns the snapshot attribute for a commit that leads to `state`, with the commands before it.
pub(crate) fn to_value<D: Decider>(
    recent: &Recent,
    state: &D::State,
    last: u64,
) -> Result<AttributeValue, StoreError> {
    let state = serde_dynamo::to_attribute_value(state)
        .map_err(|e| StoreError::damaged(format!("the state of a {}", D::CATEGORY), e))?;
    let mut fields = HashMap::from([
        ("v".to_owned(), AttributeValue::N(D::STATE_SCHEMA.to_string())),
        ("ver".to_owned(), AttributeValue::N(last.to_string())),
        ("d".to_owned(), state),
    ]);
    let recent = recent.to_bytes(STORED);
    if !recent.is_empty() {
        fields.insert("r".to_owned(), AttributeValue::B(Blob::new(recent)));
    }
    Ok(AttributeValue::M(fields))
}

/// Adds the snapshot to the item when it costs nothing extra or is due, but never beyond the size limit. What is left of the
/// kilobyte that the commit pays for is used for more of the commands before it.
///
/// Returns whether it was added.
pub(crate) fn attach(
    due: bool,
    item: &mut Item,
    mut snapshot: AttributeValue,
    recent: &Recent,
    limit: usize,
) -> bool {
    let without = item_size(item);
    let with = without + SNAPSHOT.len() + value_size(&snapshot);
    let free = kilobytes(with + MARGIN) == kilobytes(without);
    let attached = (free || due) && with <= limit;
    if attached {
        let room = (kilobytes(with) * 1024).min(limit).saturating_sub(with + MARGIN);
        let more = recent.to_bytes((STORED + room / ENTRY).min(STORED_AT_MOST));
        if let AttributeValue::M(fields) = &mut snapshot
            && let Some(stored) = fields.get_mut("r")
        {
            *stored = AttributeValue::B(Blob::new(more));
        }
        item.insert(SNAPSHOT.to_owned(), snapshot);
    }
    attached
}
