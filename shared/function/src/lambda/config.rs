use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use std::time::Duration;
use tokio::sync::OnceCell;

/// Returns the configuration of the AWS clients, which is loaded once per process, because its chain of credential providers
/// and its connection pool cost more than any call. Build every client from it, before the first request.
///
/// It uses standard retries (exponential, full jitter) with 4 attempts. A call to which DynamoDB or SQS has not replied after
/// one second is unlikely to succeed within ten, so attempts are short and the retries fit into a function's timeout.
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
