//! The invocation of a function, which can be killed at each of its calls and has a timeout.

use crate::faults::Fault;
use crate::world::World;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

tokio::task_local! {
    static INVOCATION: Arc<Invocation>;
}

/// One invocation in progress.
pub(crate) struct Invocation {
    name: String,
    killed: Notify,
}

impl Invocation {
    /// Returns the invocation that the caller is part of.
    pub(crate) fn current() -> Option<Arc<Self>> {
        INVOCATION.try_with(Arc::clone).ok()
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Kills the invocation: the calling future is never polled again.
    pub(crate) async fn kill(&self) -> ! {
        self.killed.notify_one();
        std::future::pending().await
    }
}

/// Runs a function. Returns `None` when it was killed or reached its timeout.
pub(crate) async fn invoke<T>(
    world: &World,
    name: String,
    timeout: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    let invocation = Arc::new(Invocation {
        name,
        killed: Notify::new(),
    });
    let work = INVOCATION.scope(Arc::clone(&invocation), work);
    tokio::select! {
        biased;
        () = invocation.killed.notified() => {
            world.note(format_args!("{} is dead", invocation.name));
            None
        }
        done = tokio::time::timeout(timeout, work) => {
            if done.is_err() {
                world.count(Fault::TimedOut);
                world.note(format_args!("{} times out", invocation.name));
            }
            done.ok()
        }
    }
}
