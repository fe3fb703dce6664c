use crate::environment::Environment;
use crate::{CloudWatch, Operations, SqsBell, SqsQueues, router, subscribers};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use futures::future::BoxFuture;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use projection::operations::{Control, ControlOptions, Task, Worker, WorkerOptions};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use telemetry::lambda;
use tokio::time::Instant;

/// What is left of an invocation for the page that is under way when the deadline comes, and for saving its place.
const TIME_FOR_A_PAGE: Duration = Duration::from_secs(20);

/// Runs the function that its `Handler` names: `api` takes HTTP, `worker` takes the queue of tasks.
///
/// Reads `SUBSCRIBERS`, `SOURCE_TABLES`, `TASK_QUEUE_URL` and `LANES`; the API also `METRICS_NAMESPACE`.
///
/// # Errors
/// When the environment lacks something: the init phase ends, and Lambda says so at once.
pub async fn run() -> Result<(), Error> {
    telemetry::init_lambda();
    let role = lambda::role(&["api", "worker"])?;
    let Environment {
        tables,
        queues,
        tasks,
        lanes,
    } = Environment::read()?;
    let config = lambda::sdk_config().await;
    let sqs = aws_sdk_sqs::Client::new(config);
    let options = WorkerOptions {
        control: ControlOptions {
            lanes,
            ..ControlOptions::default()
        },
        ..WorkerOptions::default()
    };
    let bell = Arc::new(SqsBell::new(sqs.clone(), tasks, queues.clone()));
    let client = aws_sdk_dynamodb::Client::new(config);
    let worker = subscribers(Worker::new(bell, options), &client, &tables)?;
    if role == "worker" {
        return serve(worker).await;
    }
    let metrics = CloudWatch::new(
        aws_sdk_cloudwatch::Client::new(config),
        lambda::required("METRICS_NAMESPACE")?,
    );
    let queues = Arc::new(SqsQueues::new(sqs, metrics, queues));
    let controls: Vec<Control> = worker.controls().cloned().collect();
    if let Some(control) = controls.first() {
        // Takes name resolution, TLS and credentials out of the first request, into the phase that has a full CPU.
        control.overview().await?;
    }
    let (router, _) = router(Operations::new(controls, queues)).split_for_parts();
    lambda_http::run(http_api::finish(router)).await
}

async fn serve(worker: Worker) -> Result<(), Error> {
    let worker = &worker;
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<SqsEvent>| {
        let left = event.context.deadline().duration_since(SystemTime::now());
        let left = left.unwrap_or_default();
        let deadline = Instant::now() + left.saturating_sub(TIME_FOR_A_PAGE.min(left / 2));
        Ok::<_, Error>(work(worker, event.payload, deadline).await)
    }))
    .await
}

/// Does the tasks of a batch, one after the other. The batch is one task on AWS. What failed comes again, what cannot be read
/// ends in the dead-letter queue.
pub async fn work(worker: &Worker, batch: SqsEvent, deadline: Instant) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in batch.records {
        if let Err(reason) = handle(worker, message.body.as_deref(), deadline).await {
            tracing::warn!(reason, "the task comes again");
            response.add_failure(message.message_id.unwrap_or_default());
        }
    }
    response
}

async fn handle(worker: &Worker, body: Option<&str>, deadline: Instant) -> Result<(), String> {
    let task: Task = serde_json::from_str(body.unwrap_or_default())
        .map_err(|error| format!("this is not a task: {error}"))?;
    // On the heap: what a task comes to is deeper than a future's layout may be nested.
    let handled: BoxFuture<'_, _> = Box::pin(worker.handle(task, deadline));
    handled.await.map_err(|error| error.to_string())
}
