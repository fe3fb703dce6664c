use crate::{CommandContext, Consumed, Decider, ExecuteError, Executed};
use commit::StreamId;
use std::error::Error;
use telemetry::{Metrics, Unit};

/// The work of a command.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Work {
    pub(crate) consumed: Consumed,
    /// The number of appends that lost to other writers.
    pub(crate) conflicts: u32,
    /// The number of appends that were stored but whose reply was lost (G3).
    pub(crate) lost_replies: u32,
}

/// Emits one event per command, whatever its outcome and whether a client or a reactor sent it. Its properties are used
/// to follow a request. One line of about 500 bytes.
pub(crate) fn report<D: Decider>(
    table: &str,
    stream: &StreamId,
    context: &CommandContext,
    work: Work,
    outcome: &Result<Executed<D>, ExecuteError<D::Error>>,
) {
    let metadata = &context.metadata;
    let (outcome, version) = match outcome {
        Ok(executed) => (done(executed), Some(executed.version)),
        Err(error) => (refused(error), None),
    };
    tracing::debug!(
        %stream,
        version,
        outcome,
        actor = metadata.actor,
        onBehalfOf = metadata.on_behalf_of,
        correlationId = metadata.correlation_id,
        causationId = metadata.causation_id,
        traceId = metadata.trace_id(),
        "command"
    );
    Metrics::event("Command")
        .dimension("Table", table)
        .count("Conflicts", work.conflicts.into())
        .number("ReadUnits", Unit::None, work.consumed.read_units)
        .number("WriteUnits", Unit::None, work.consumed.write_units)
        .property("Calls", work.consumed.calls)
        .property("LostReplies", work.lost_replies)
        .property("outcome", outcome)
        .property("stream", stream.to_string())
        .property("version", version)
        .property("actor", metadata.actor.clone())
        .property("onBehalfOf", metadata.on_behalf_of.clone())
        .property("correlationId", metadata.correlation_id.clone())
        .property("causationId", metadata.causation_id.clone())
        .property("traceId", metadata.trace_id())
        .emit();
}

fn done<D: Decider>(executed: &Executed<D>) -> &'static str {
    if executed.replayed {
        "replayed"
    } else if executed.events.is_empty() {
        "nothing to do"
    } else {
        "committed"
    }
}

fn refused<E: Error>(error: &ExecuteError<E>) -> &'static str {
    match error {
        ExecuteError::Refused(_) => "refused",
        ExecuteError::KeyReused => "key reused",
        ExecuteError::Conflict { .. } => "too many conflicts",
        ExecuteError::TooLarge { .. } => "too large",
        ExecuteError::Store(_) => "failed",
    }
}
