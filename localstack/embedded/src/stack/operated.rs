//! The operator's API for the queues of this process.

use crate::queues::Queue;
use futures::future::BoxFuture;
use operations::{Numbers, Operations, Queues};
use projection::operations::Control;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Reads the numbers of the queues directly.
struct InProcessQueues(Arc<BTreeMap<&'static str, Arc<Queue>>>);

impl Queues for InProcessQueues {
    fn numbers(&self) -> BoxFuture<'_, BTreeMap<String, Numbers>> {
        let numbers = self.0.iter();
        let numbers = numbers.map(|(name, queue)| ((*name).to_owned(), queue.numbers()));
        let numbers = numbers.collect();
        Box::pin(async { numbers })
    }
}

/// Returns the operations of these subscribers and their queues.
pub(crate) fn operations<'a>(
    controls: impl IntoIterator<Item = &'a Control>,
    queues: Arc<BTreeMap<&'static str, Arc<Queue>>>,
) -> Operations {
    let controls = controls.into_iter().cloned();
    Operations::new(controls, Arc::new(InProcessQueues(queues)))
}
