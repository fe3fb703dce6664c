use crate::item::Item;
use crate::item_size::{item_size, value_size};
use crate::known::Known;
use crate::stored::to_item;
use crate::{CommandContext, Decider, ExecuteError, StoreError, snapshot};
use commit::{Commit, CommitId, Event, StreamId};

/// A commit to be appended.
pub(crate) struct Draft<D: Decider> {
    pub(crate) before: Known<D>,
    pub(crate) after: Known<D>,
    pub(crate) commit: Commit,
    pub(crate) events: Vec<D::Event>,
    pub(crate) item: Item,
    /// The size of the state, which decides whether the state is kept in memory.
    pub(crate) cacheable: usize,
}

/// Creates the commit of `events` after `before`, with a snapshot if the snapshot costs nothing extra or is due.
pub(crate) fn draft<D: Decider>(
    before: Known<D>,
    stream: &StreamId,
    events: Vec<D::Event>,
    context: &CommandContext,
    limit: usize,
) -> Result<Draft<D>, ExecuteError<D::Error>> {
    let first = before.version + 1;
    let encode = |(version, event): (u64, &D::Event)| {
        event.encode().map_err(|source| StoreError::Codec {
            stream: stream.clone(),
            version,
            source,
        })
    };
    let commit = Commit {
        stream: stream.clone(),
        first,
        count: events.len() as u64,
        // Every decision gets a new id, which tells the writer's own commit from a repeated command (G3, G4).
        id: CommitId::random(),
        command_id: context.command_id,
        previous: before.head.map(|head| head.id.link()),
        time: context.time(),
        metadata: context.metadata.clone(),
        events: (first..).zip(&events).map(encode).collect::<Result<_, _>>()?,
    };
    let mut item = to_item(&commit, &context.fingerprint)?;
    let bytes = item_size(&item);
    if bytes > limit {
        return Err(ExecuteError::TooLarge { bytes, limit });
    }
    let mut after = before.clone().advance(&commit, &events, false);
    let snapshot = snapshot::to_value::<D>(&before.recent, &after.state, commit.last())?;
    let cacheable = value_size(&snapshot);
    let due = after.commits_since_snapshot >= D::SNAPSHOT_EVERY;
    if snapshot::attach(due, &mut item, snapshot, &before.recent, limit) {
        after.commits_since_snapshot = 0;
    }
    Ok(Draft {
        before,
        after,
        commit,
        events,
        item,
        cacheable,
    })
}
