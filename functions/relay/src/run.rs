use crate::{Destination, Relay, SqsSink};
use aws_lambda_events::dynamodb::Event;
use function::{lambda, settings};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use std::time::{Duration, Instant, SystemTime};

/// The time that is left for the answer when sending stops.
const TIME_TO_ANSWER: Duration = Duration::from_secs(1);

/// Runs the Lambda function, with `DESTINATIONS` (JSON, see [`Destination`]), `LANES` and `TASK_QUEUE_URL` from the
/// environment.
///
/// # Errors
/// If the environment is incomplete or invalid, or the Lambda runtime ends.
pub async fn run() -> Result<(), Error> {
    telemetry::init_lambda();
    let destinations: Vec<Destination> = lambda::json("DESTINATIONS")?;
    let lanes = lambda::json_or("LANES", settings::LANES)?;
    let client = aws_sdk_sqs::Client::new(lambda::sdk_config().await);
    // A system without operations has no such queue.
    let tasks = std::env::var("TASK_QUEUE_URL").ok();
    let relay = Relay::new(SqsSink::new(client, tasks), destinations, lanes);
    let relay = &relay;
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Event>| {
        let left = event.context.deadline().duration_since(SystemTime::now());
        let left = left.unwrap_or_default().saturating_sub(TIME_TO_ANSWER);
        Ok::<_, Error>(relay.handle(event.payload, Instant::now() + left).await?)
    }))
    .await
}
