use crate::Lag;
use crate::sqs_queues::within;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::config::retry::RetryConfig;
use aws_sdk_cloudwatch::error::DisplayErrorContext;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// URLs by subscriber.
type Urls = BTreeMap<String, String>;
/// Values by the id of the query.
type Latest = BTreeMap<String, f64>;

/// How far back to search for the latest number.
const LOOK_BACK: Duration = Duration::from_secs(900);
/// The window of the lag's percentiles, in seconds.
const LAG_WINDOW: u16 = 300;
/// The interval at which SQS reports, in seconds.
const AGE_WINDOW: u16 = 60;

/// How long percentiles are not requested after a failure: an emulator may not compute them, and LocalStack answers 500.
const PERCENTILES_PAUSE: Duration = Duration::from_secs(60);
/// The delay before the one retry. A number that may be missing does not justify the SDK's seconds of retries.
const BACKOFF: Duration = Duration::from_millis(50);
const ATTEMPTS: u32 = 2;

/// The metrics of the queues and their subscribers in CloudWatch.
#[derive(Debug, Clone)]
pub struct CloudWatch {
    client: Client,
    namespace: String,
    /// When percentiles failed last.
    percentiles_failed: Arc<Mutex<Option<Instant>>>,
}

impl CloudWatch {
    /// Returns the metrics, with the namespace of the functions' own ones.
    #[must_use]
    pub fn new(client: Client, namespace: String) -> Self {
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(BACKOFF);
        let config = client.config().to_builder().retry_config(retries).build();
        Self {
            client: Client::from_conf(config),
            namespace,
            percentiles_failed: Arc::default(),
        }
    }

    /// Returns the age of the oldest message in seconds by subscriber, given the URLs of the queues. One request, billed
    /// per metric: one for each subscriber.
    pub(crate) async fn ages(&self, queues: &Urls) -> BTreeMap<String, u64> {
        let queries = queues.values().enumerate().map(|(number, url)| {
            let queue = url.rsplit('/').next().unwrap_or_default();
            age(number, queue)
        });
        let latest = within(self.latest(queries.collect())).await;
        let latest = latest.unwrap_or_else(|reason| {
            tracing::warn!(reason, "the ages of the queues are not available");
            Latest::new()
        });
        let ages = queues.keys().enumerate().filter_map(|(number, name)| {
            let age = latest.get(&format!("age{number}"))?;
            Some((name.clone(), seconds(*age)))
        });
        ages.collect()
    }

    /// Returns the lag by subscriber. One request, billed per metric: two for each subscriber. Sends no request for
    /// [`PERCENTILES_PAUSE`] after a failure.
    pub(crate) async fn lags(&self, queues: &Urls) -> BTreeMap<String, Lag> {
        if self.percentiles_failed_lately() {
            return BTreeMap::new();
        }
        let queries = queues.keys().enumerate().flat_map(|(number, name)| {
            [
                self.lag(format!("median{number}"), name, "p50"),
                self.lag(format!("most{number}"), name, "p99"),
            ]
        });
        let latest = within(self.latest(queries.collect())).await;
        let latest = latest.unwrap_or_else(|reason| {
            tracing::warn!(
                reason,
                "lags are not available, and not requested for {PERCENTILES_PAUSE:?}"
            );
            *self.failed() = Some(Instant::now());
            Latest::new()
        });
        let lags = queues.keys().enumerate().filter_map(|(number, name)| {
            let lag = Lag {
                p50_milliseconds: *latest.get(&format!("median{number}"))?,
                p99_milliseconds: *latest.get(&format!("most{number}"))?,
                window_seconds: LAG_WINDOW.into(),
            };
            Some((name.clone(), lag))
        });
        lags.collect()
    }

    fn percentiles_failed_lately(&self) -> bool {
        self.failed()
            .is_some_and(|failed| failed.elapsed() < PERCENTILES_PAUSE)
    }

    fn failed(&self) -> MutexGuard<'_, Option<Instant>> {
        self.percentiles_failed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the latest value of each query that has one.
    async fn latest(&self, queries: Vec<MetricDataQuery>) -> Result<Latest, String> {
        let now = SystemTime::now();
        let mut pages = self
            .client
            .get_metric_data()
            .start_time(DateTime::from(now - LOOK_BACK))
            .end_time(DateTime::from(now))
            .scan_by(ScanBy::TimestampDescending)
            .set_metric_data_queries(Some(queries))
            .into_paginator()
            .send();
        let mut latest = Latest::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| DisplayErrorContext(error).to_string())?;
            for (id, value) in page.metric_data_results().iter().filter_map(first) {
                latest.entry(id).or_insert(value);
            }
        }
        Ok(latest)
    }

    fn lag(&self, id: String, subscriber: &str, statistic: &str) -> MetricDataQuery {
        let metric = metric(&self.namespace, "Lag", "Subscriber", subscriber);
        query(id, metric, LAG_WINDOW, statistic)
    }
}

fn age(number: usize, queue: &str) -> MetricDataQuery {
    let metric = metric("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queue);
    query(format!("age{number}"), metric, AGE_WINDOW, "Maximum")
}

fn metric(namespace: &str, name: &str, dimension: &str, value: &str) -> Metric {
    Metric::builder()
        .namespace(namespace)
        .metric_name(name)
        .dimensions(Dimension::builder().name(dimension).value(value).build())
        .build()
}

fn query(id: String, metric: Metric, seconds: u16, statistic: &str) -> MetricDataQuery {
    let statistic = MetricStat::builder()
        .metric(metric)
        .period(seconds.into())
        .stat(statistic)
        .build();
    MetricDataQuery::builder()
        .id(id)
        .metric_stat(statistic)
        .return_data(true)
        .build()
}

/// Returns the latest value of a result.
fn first(result: &MetricDataResult) -> Option<(String, f64)> {
    let value = result.values().first()?;
    Some((result.id()?.to_owned(), *value))
}

fn seconds(age: f64) -> u64 {
    Duration::try_from_secs_f64(age).unwrap_or_default().as_secs()
}
