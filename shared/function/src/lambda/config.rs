use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use std::time::Duration;
use tokio::sync::OnceCell;

/// The configuration of the AWS clients, loaded once per process: the chain of credential providers and the connection pool
/// in it cost more than any call. Build every client from this one, before the first request.
///
/// Standard retries (exponential, full jitter), 4 attempts. A call that DynamoDB or SQS does not answer in a second will
/// not be answered in ten: the attempts are short, so that the retries fit into a function's time.
pub async fn sdk_config() -> &'static SdkConfig {
    static CONFIG: OnceCell<SdkConfig> = OnceCell::const_new();
    CONFIG
        .get_or_init(|| async {
            aws_config::defaults(BehaviorVersion::v2026_01_12())
                .retry_config(RetryConfig::standard().with_max_attempts(4))
                .timeout_config(
                    TimeoutConfig::builder()
                        .connect_timeout(Duration::from_secs(1))
                        .operation_attempt_timeout(Duration::from_secs(3))
                        .operation_timeout(Duration::from_secs(10))
                        .build(),
                )
                .load()
                .await
        })
        .await
}
