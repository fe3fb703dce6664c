use crate::environment::Environment;
use crate::{CloudWatch, Operations, Origins, SqsBell, SqsQueues, routes, work};
use aws_lambda_events::sqs::SqsEvent;
use function::{System, lambda};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use projection::operations::{Control, ControlOptions, Worker, WorkerOptions};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// The time reserved for finishing the current page and saving its position after the deadline.
const TIME_FOR_A_PAGE: Duration = Duration::from_secs(20);

/// Runs the function that its `Handler` names, for the subscribers of a system: `api` handles HTTP, `worker` handles the
/// queue of tasks, and the queues of what others gave up.
///
/// Reads `SUBSCRIBERS`, `SOURCE_TABLES`, `TASK_QUEUE_URL` and `LANES`; the API also `METRICS_NAMESPACE`.
///
/// # Errors
/// If the environment is incomplete: the init phase ends, and Lambda reports it at once.
pub async fn run(system: &System) -> Result<(), Error> {
    telemetry::init_lambda();
    let role = lambda::role(&["api", "worker"])?;
    let config = lambda::sdk_config().await;
    let Environment {
        wiring,
        queues,
        tables,
        tasks,
        lanes,
    } = Environment::read(aws_sdk_dynamodb::Client::new(config))?;
    let sqs = aws_sdk_sqs::Client::new(config);
    let options = WorkerOptions {
        control: ControlOptions {
            lanes,
            ..ControlOptions::default()
        },
        ..WorkerOptions::default()
    };
    let bell = Arc::new(SqsBell::new(sqs.clone(), tasks, queues.clone()));
    let worker = system.operated(Worker::new(bell, options), &wiring)?;
    if role == "worker" {
        return serve(worker, Origins { queues, tables }).await;
    }
    let metrics = CloudWatch::new(
        aws_sdk_cloudwatch::Client::new(config),
        lambda::required("METRICS_NAMESPACE")?,
    );
    let queues = Arc::new(SqsQueues::new(sqs, metrics, queues));
    let controls: Vec<Control> = worker.controls().cloned().collect();
    if let Some(control) = controls.first() {
        // Moves name resolution, TLS and credentials from the first request to the init phase, which has a full CPU.
        control.overview().await?;
    }
    lambda::serve(routes(Operations::new(controls, queues))).await
}

async fn serve(worker: Worker, origins: Origins) -> Result<(), Error> {
    let (worker, origins) = (&worker, &origins);
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<SqsEvent>| {
        let left = event.context.deadline().duration_since(SystemTime::now());
        let left = left.unwrap_or_default();
        let deadline = Instant::now() + left.saturating_sub(TIME_FOR_A_PAGE.min(left / 2));
        Ok::<_, Error>(work(worker, origins, event.payload, deadline).await)
    }))
    .await
}
