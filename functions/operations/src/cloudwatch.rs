use crate::Lag;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::error::DisplayErrorContext;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// How far back it looks for the latest number.
const LOOK_BACK: Duration = Duration::from_secs(900);
/// Over how many seconds the percentiles of the lag are taken.
const LAG_WINDOW: u16 = 300;
/// SQS reports once a minute.
const AGE_WINDOW: u16 = 60;

/// The numbers that CloudWatch keeps of the queues and their subscribers.
#[derive(Debug, Clone)]
pub struct CloudWatch {
    client: Client,
    namespace: String,
}

/// The age of the oldest message in seconds, and the lag.
type Known = (Option<u64>, Option<Lag>);

impl CloudWatch {
    /// With the namespace of the functions' own metrics.
    #[must_use]
    pub fn new(client: Client, namespace: String) -> Self {
        Self { client, namespace }
    }

    /// The latest numbers by subscriber, given the URLs of the queues. One request, billed per metric: three for each
    /// subscriber.
    pub(crate) async fn read(
        &self,
        queues: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, Known>, String> {
        let now = SystemTime::now();
        let queries = queues.iter().enumerate().flat_map(|(number, (name, url))| {
            let queue = url.rsplit('/').next().unwrap_or_default();
            [
                age(number, queue),
                self.lag(format!("median{number}"), name, "p50"),
                self.lag(format!("most{number}"), name, "p99"),
            ]
        });
        let mut pages = self
            .client
            .get_metric_data()
            .start_time(DateTime::from(now - LOOK_BACK))
            .end_time(DateTime::from(now))
            .scan_by(ScanBy::TimestampDescending)
            .set_metric_data_queries(Some(queries.collect()))
            .into_paginator()
            .send();
        let mut latest: BTreeMap<String, f64> = BTreeMap::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| DisplayErrorContext(error).to_string())?;
            for (id, value) in page.metric_data_results().iter().filter_map(first) {
                latest.entry(id).or_insert(value);
            }
        }
        let of = |id: String| latest.get(&id).copied();
        let known = queues.keys().enumerate().map(|(number, name)| {
            let p50 = of(format!("median{number}"));
            let p99 = of(format!("most{number}"));
            let lag = p50.zip(p99).map(|(p50_milliseconds, p99_milliseconds)| Lag {
                p50_milliseconds,
                p99_milliseconds,
                window_seconds: LAG_WINDOW.into(),
            });
            (name.clone(), (of(format!("age{number}")).map(seconds), lag))
        });
        Ok(known.collect())
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

/// The latest value of a result.
fn first(result: &MetricDataResult) -> Option<(String, f64)> {
    let value = result.values().first()?;
    Some((result.id()?.to_owned(), *value))
}

fn seconds(age: f64) -> u64 {
    Duration::try_from_secs_f64(age).unwrap_or_default().as_secs()
}
