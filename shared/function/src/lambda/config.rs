use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use settings::{ATTEMPT_TIMEOUT, CALL_ATTEMPTS, CALL_TIMEOUT, CONNECT_TIMEOUT};
use tokio::sync::OnceCell;

/// Returns the configuration of the AWS clients, which is loaded once per process, because its chain of credential providers
/// and its connection pool cost more than any call. Build every client from it, before the first request.
///
/// It uses standard retries (exponential, full jitter). Attempts are short, and all attempts of a call together fit into the
/// time that a request has ([`settings::REQUEST_BUDGET`]).
pub async fn sdk_config() -> &'static SdkConfig {
    static CONFIG: OnceCell<SdkConfig> = OnceCell::const_new();
    CONFIG
        .get_or_init(|| async {
            aws_config::defaults(BehaviorVersion::v2026_01_12())
                .retry_config(RetryConfig::standard().with_max_attempts(CALL_ATTEMPTS))
                .timeout_config(
                    TimeoutConfig::builder()
                        .connect_timeout(CONNECT_TIMEOUT)
                        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                        .operation_timeout(CALL_TIMEOUT)
                        .build(),
                )
                .load()
                .await
        })
        .await
}
