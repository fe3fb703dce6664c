use crate::faults::Fault;
use crate::promises::{Acknowledged, Promises};
use crate::world::World;
use commit::CommandId;
use event_store::{Decider, ExecuteError, Executed};

/// What a client makes of an answer to its command: it notes what it was promised. False: it does not know, and asks again,
/// after a while.
pub(super) async fn taken<D: Decider>(
    world: &World,
    promises: &Promises,
    client: &str,
    command: CommandId,
    answer: Result<Executed<D>, ExecuteError<D::Error>>,
) -> anyhow::Result<bool> {
    match answer {
        Ok(_) if world.happens(Fault::CommandReplyLost) => world.pause(1_000).await,
        // Nothing to do on a stream that does not exist: there is nothing to know.
        Ok(done) if done.version == 0 => return Ok(true),
        Ok(done) => {
            world.note(format_args!("{client}: {} {}", done.stream, done.version));
            promises.note(Acknowledged {
                stream: done.stream,
                version: done.version,
                command,
                changed: !done.events.is_empty(),
            });
            return Ok(true);
        }
        Err(ExecuteError::Refused(_)) => return Ok(true),
        Err(ExecuteError::KeyReused) => anyhow::bail!("a repeated command was taken for another one"),
        Err(_) => world.pause(2_000).await,
    }
    Ok(false)
}
