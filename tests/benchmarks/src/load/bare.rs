//! The baseline: conditional puts to the same engine, and nothing else.

use aws_sdk_dynamodb::types::AttributeValue;
use local_dynamodb::LocalDynamo;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

const TABLE: &str = "bare-events";

/// Measures the conditional puts per second of items as large as a commit, with this number of tasks.
pub(crate) async fn puts(clients: usize, time: Duration) -> anyhow::Result<f64> {
    let dynamo = LocalDynamo::in_memory().await?;
    let client = dynamo.client();
    event_store::event_table(TABLE)
        .without_stream()
        .create(&client)
        .await?;
    let done = AtomicU64::new(0);
    let started = Instant::now();
    let tasks = (0..clients).map(|task| {
        let (client, done) = (&client, &done);
        async move {
            let mut n = 0_u64;
            while started.elapsed() < time {
                n += 1;
                client
                    .put_item()
                    .table_name(TABLE)
                    .item("pk", AttributeValue::S(format!("order#ord_{task:04}_{n:024}")))
                    .item("sk", AttributeValue::N("1".into()))
                    .item("n", AttributeValue::N("1".into()))
                    .item("t", AttributeValue::N("1700000000000".into()))
                    // With its attribute names about 500 bytes, like a commit with a small snapshot.
                    .item("e", AttributeValue::S("x".repeat(400)))
                    .condition_expression("attribute_not_exists(pk)")
                    .send()
                    .await?;
                done.fetch_add(1, Relaxed);
            }
            anyhow::Ok(())
        }
    });
    futures::future::try_join_all(tasks).await?;
    let rate = done.load(Relaxed) as f64 / started.elapsed().as_secs_f64();
    drop(client);
    dynamo.shutdown().await;
    Ok(rate)
}
