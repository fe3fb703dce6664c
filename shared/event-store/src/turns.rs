use commit::{StreamId, lane};
use tokio::sync::{Mutex, MutexGuard};

/// Serializes this process's commands per stream.
///
/// The table decides races (G2), but a lost race costs a refused write. Concurrent commands of one process (a batch of
/// a reactor's effects on one busy account) wait here instead, and each finds the state after the previous one in the
/// cache. Streams share a fixed number of mutexes, so memory does not grow; rarely, a command waits for a command on
/// another stream with the same mutex.
pub(crate) struct Turns(Vec<Mutex<()>>);

const PLACES: u32 = 512;

impl Turns {
    pub(crate) fn new() -> Self {
        Self((0..PLACES).map(|_| Mutex::new(())).collect())
    }

    /// Waits for this stream's turn. The wait ends, because every call made during a turn has a deadline.
    pub(crate) async fn take(&self, stream: &StreamId) -> MutexGuard<'_, ()> {
        self.0[lane(stream.id(), PLACES) as usize].lock().await
    }
}
