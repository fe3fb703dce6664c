//! The readers of views.

use crate::promises::Promises;
use crate::subject::Subject;
use crate::world::World;
use commit::StreamId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Reads a view repeatedly, and checks that no read is older than an earlier one (G10).
pub(crate) async fn read_on(
    world: Arc<World>,
    subject: Arc<Subject>,
    promises: Arc<Promises>,
    times: u32,
) -> anyhow::Result<()> {
    let mut seen: BTreeMap<String, BTreeMap<StreamId, u64>> = BTreeMap::new();
    for _ in 0..times {
        world.rest().await;
        let _admitted = world.admitted().await;
        // Until the repair, a view may show what the event tables no longer have.
        if subject.lost_history() {
            return Ok(());
        }
        if world.draw(|random| random.u8(..4)) == 0 {
            subject.read_exactly().await?;
        }
        let Some(key) = world.draw(|random| promises.key(subject.categories(), random)) else {
            continue;
        };
        let token = seen.entry(key.clone()).or_default();
        if world.draw(|random| random.u8(..3)) > 0 {
            for (stream, version) in promises.token(&key, subject.categories()) {
                let known = token.entry(stream).or_default();
                *known = version.max(*known);
            }
        }
        if let Some(versions) = subject.read(&key, token).await? {
            for (category, version) in versions {
                let known = token.entry(StreamId::new(&category, &key)?).or_default();
                *known = version.max(*known);
            }
        }
    }
    Ok(())
}
