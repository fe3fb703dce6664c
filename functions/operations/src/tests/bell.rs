//! A bell that keeps tasks until a test executes them, and messages until the test reads them.

use commit::Message;
use futures::future::BoxFuture;
use projection::operations::{Bell, BellError, Task};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

#[derive(Default)]
pub(crate) struct TestBell(Mutex<State>);

#[derive(Default)]
struct State {
    /// The elapsed time, for delays.
    now: Duration,
    rung: u64,
    due: BTreeMap<(Duration, u64), Task>,
    sent: Vec<(String, Message)>,
    broken: bool,
    /// Whether the subscribers' queues refuse messages.
    refusing: bool,
}

impl TestBell {
    /// Returns the next task that is due.
    pub(crate) fn next(&self) -> Option<Task> {
        let mut state = self.0.lock().unwrap();
        let ((due, _), task) = state.due.pop_first()?;
        state.now = due;
        Some(task)
    }

    /// Returns the messages that were sent to subscribers since the last call.
    pub(crate) fn sent(&self) -> Vec<(String, Message)> {
        std::mem::take(&mut self.0.lock().unwrap().sent)
    }

    /// Makes the subscribers' queues refuse messages from now on, or accept them again.
    pub(crate) fn refuse(&self, refusing: bool) {
        self.0.lock().unwrap().refusing = refusing;
    }

    /// Makes every queue refuse from now on.
    pub(crate) fn break_down(&self) {
        self.0.lock().unwrap().broken = true;
    }
}

impl Bell for TestBell {
    fn ring<'a>(&'a self, task: Task, after: Duration) -> BoxFuture<'a, Result<(), BellError>> {
        let mut state = self.0.lock().unwrap();
        let outcome = if state.broken {
            Err(BellError("no queue answers".to_owned()))
        } else {
            state.rung += 1;
            let due = (state.now + after, state.rung);
            state.due.insert(due, task);
            Ok(())
        };
        Box::pin(async { outcome })
    }

    fn send<'a>(
        &'a self,
        subscriber: &'a str,
        _lane: &'a str,
        message: Message,
    ) -> BoxFuture<'a, Result<(), BellError>> {
        let mut state = self.0.lock().unwrap();
        if state.refusing {
            return Box::pin(async { Err(BellError("access denied".to_owned())) });
        }
        state.sent.push((subscriber.to_owned(), message));
        Box::pin(async { Ok(()) })
    }
}
