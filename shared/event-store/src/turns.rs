use commit::{StreamId, lane};
use tokio::sync::{Mutex, MutexGuard};

/// Who of this process's commands on a stream goes next.
///
/// Racing is decided by the table (G2), but losing a race costs a refused write. Commands that meet in one process (a batch
/// of a reactor's effects on one busy account) queue here instead, and each finds the state of the one before it in the
/// cache. Streams share a fixed number of places, so memory does not grow; two streams that share one wait for each
/// other for the time of one command, rarely.
pub(crate) struct Turns(Vec<Mutex<()>>);

const PLACES: u32 = 512;

impl Turns {
    pub(crate) fn new() -> Self {
        Self((0..PLACES).map(|_| Mutex::new(())).collect())
    }

    /// Waits for this stream's turn. It ends, because every call that is made during a turn has a deadline.
    pub(crate) async fn take(&self, stream: &StreamId) -> MutexGuard<'_, ()> {
        self.0[lane(stream.id(), PLACES) as usize].lock().await
    }
}
