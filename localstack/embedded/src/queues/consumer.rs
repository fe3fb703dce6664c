//! Emulates Lambda's event source mapping of a queue: passes batches to the handler, and its response to the queue.

use super::Queue;
use aws_lambda_events::sqs::SqsEvent;
use fifo::Delivery;
use futures::FutureExt;
use projection::BatchHandler;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

impl Queue {
    /// Serves the queue until the returned future is dropped, with at most `concurrency` invocations at a time. Invocations in
    /// flight are then abandoned, like when a process dies.
    pub(crate) async fn consume(
        self: Arc<Self>,
        handler: Arc<dyn BatchHandler>,
        concurrency: usize,
        timeout: Duration,
    ) {
        let permits = Arc::new(Semaphore::new(concurrency.max(1)));
        let mut invocations = JoinSet::new();
        loop {
            let Ok(permit) = permits.clone().acquire_owned().await else {
                return;
            };
            let batch = self.receive().await;
            while invocations.try_join_next().is_some() {}
            let (queue, handler) = (self.clone(), handler.clone());
            invocations.spawn(async move {
                let failed = queue.invoke(&*handler, &batch, timeout).await;
                queue.settle(&batch, &failed);
                drop(permit);
            });
        }
    }

    /// Returns the ids that failed; all of them when the function crashed or timed out.
    async fn invoke(
        &self,
        handler: &dyn BatchHandler,
        batch: &[Delivery],
        timeout: Duration,
    ) -> HashSet<String> {
        let call = AssertUnwindSafe(handler.handle(self.event(batch))).catch_unwind();
        let problem = match tokio::time::timeout(timeout, call).await {
            Ok(Ok(response)) => {
                return response
                    .batch_item_failures
                    .into_iter()
                    .map(|failure| failure.item_identifier)
                    .collect();
            }
            Ok(Err(_)) => "the function panicked",
            Err(_) => "the function timed out",
        };
        tracing::error!(
            queue = self.name(),
            messages = batch.len(),
            "{problem}; the batch is delivered again"
        );
        batch.iter().map(|delivery| delivery.id.clone()).collect()
    }

    fn event(&self, batch: &[Delivery]) -> SqsEvent {
        let mut event = SqsEvent::default();
        event.records = batch
            .iter()
            .map(|delivery| {
                let mut message = delivery.message();
                message.receipt_handle = Some(delivery.id.clone());
                message.event_source = Some("aws:sqs".to_owned());
                message.event_source_arn =
                    Some(format!("arn:aws:sqs:local:000000000000:{}.fifo", self.name()));
                message
            })
            .collect();
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outstanding::Outstanding;
    use crate::queues::Envelope;
    use aws_lambda_events::sqs::SqsBatchResponse;
    use function::settings::VISIBILITY_PER_TIMEOUT;
    use futures::future::BoxFuture;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    /// Fails as the test demands, and records the deliveries.
    struct Scripted<F> {
        verdict: F,
        seen: Mutex<Vec<(String, String)>>,
        running: AtomicUsize,
        most: AtomicUsize,
    }

    impl<F: Fn(&str, u32) -> bool + Send + Sync> Scripted<F> {
        fn new(verdict: F) -> Arc<Self> {
            Arc::new(Self {
                verdict,
                seen: Mutex::default(),
                running: 0.into(),
                most: 0.into(),
            })
        }

        fn seen(&self) -> Vec<(String, String)> {
            self.seen.lock().unwrap().clone()
        }
    }

    impl<F: Fn(&str, u32) -> bool + Send + Sync> BatchHandler for Scripted<F> {
        fn handle<'a>(&'a self, event: SqsEvent) -> BoxFuture<'a, SqsBatchResponse> {
            Box::pin(async move {
                self.most.fetch_max(self.running.fetch_add(1, SeqCst) + 1, SeqCst);
                tokio::time::sleep(Duration::from_millis(10)).await;
                let mut response = SqsBatchResponse::default();
                for record in event.records {
                    let id = record.message_id.unwrap();
                    let count = record.attributes["ApproximateReceiveCount"].clone();
                    let fine = (self.verdict)(&id, count.parse().unwrap());
                    self.seen.lock().unwrap().push((id.clone(), count));
                    if !fine {
                        response.add_failure(id);
                    }
                }
                self.running.fetch_sub(1, SeqCst);
                response
            })
        }
    }

    async fn send(queue: &Queue, id: &str, group: &str) {
        let text = id.to_owned();
        queue
            .send(Envelope {
                id: text.clone(),
                group: group.into(),
                dedup: text,
                body: "{}".into(),
            })
            .await;
    }

    fn consumed(concurrency: usize, handler: Arc<dyn BatchHandler>) -> (Arc<Queue>, Outstanding) {
        let outstanding = Outstanding::default();
        let timeout = Duration::from_secs(30);
        let queue = Queue::new("a-queue", timeout * VISIBILITY_PER_TIMEOUT, outstanding.clone());
        tokio::spawn(queue.clone().consume(handler, concurrency, timeout));
        (queue, outstanding)
    }

    #[tokio::test(start_paused = true)]
    async fn failed_message_is_delivered_again_with_its_receive_count() {
        let handler = Scripted::new(|_, count| count == 3);
        let (queue, outstanding) = consumed(1, handler.clone());
        send(&queue, "1", "a").await;
        outstanding.none().await;
        assert_eq!(
            handler.seen(),
            [("1", "1"), ("1", "2"), ("1", "3")].map(|(id, n)| (id.into(), n.into()))
        );
        assert_eq!(queue.dead_total(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn message_that_always_fails_becomes_a_dead_letter() {
        let handler = Scripted::new(|id, _| id != "poison");
        let (queue, outstanding) = consumed(1, handler);
        send(&queue, "poison", "a").await;
        send(&queue, "fine", "a").await;
        outstanding.none().await;
        assert_eq!(
            queue
                .dead_letters()
                .into_iter()
                .map(|letter| letter.id)
                .collect::<Vec<_>>(),
            ["poison"]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn panic_fails_its_batch_and_the_queue_continues() {
        let handler = Scripted::new(|_, count| {
            assert!(count > 1, "the first delivery panics");
            true
        });
        let (queue, outstanding) = consumed(1, handler);
        send(&queue, "1", "a").await;
        outstanding.none().await;
        assert_eq!(queue.dead_total(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn concurrency_is_limited() {
        let handler = Scripted::new(|_, _| true);
        let (queue, outstanding) = consumed(3, handler.clone());
        for n in 0..200 {
            send(&queue, &n.to_string(), &format!("lane-{}", n % 50)).await;
        }
        outstanding.none().await;
        assert_eq!(handler.most.load(SeqCst), 3);
        assert_eq!(handler.seen().len(), 200);
    }

    #[tokio::test(start_paused = true)]
    async fn duplicate_within_the_window_is_delivered_once() {
        let handler = Scripted::new(|_, _| true);
        let (queue, outstanding) = consumed(1, handler.clone());
        send(&queue, "1", "a").await;
        send(&queue, "1", "a").await;
        outstanding.none().await;
        assert_eq!(handler.seen().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn full_queue_makes_senders_wait_and_loses_nothing() {
        let handler = Scripted::new(|_, _| true);
        let (queue, outstanding) = consumed(4, handler.clone());
        let count = super::super::CAPACITY + 500;
        for n in 0..count {
            send(&queue, &n.to_string(), &format!("lane-{}", n % 64)).await;
        }
        outstanding.none().await;
        assert_eq!(handler.seen().len(), count);
    }
}
