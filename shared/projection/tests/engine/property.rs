//! Runs properties on a DynamoDB in the process: one for all cases, with separate tables for each.

use crate::library::Library;
use local_dynamodb::LocalDynamo;
use projection::View;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;
use testkit::{Bench, cases};

/// Runs at most `most` cases; the smallest failing case is printed.
#[track_caller]
pub(crate) fn check<T: std::fmt::Debug>(
    inputs: impl Strategy<Value = T>,
    most: u32,
    case: impl AsyncFn(Bench, T),
) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dynamo = runtime.block_on(LocalDynamo::in_memory()).unwrap();
    let config = Config {
        cases: cases(most),
        failure_persistence: None,
        max_shrink_iters: 100,
        ..Config::default()
    };
    let number = Cell::new(0);
    let outcome = TestRunner::new(config).run(&inputs, |input| {
        number.set(number.get() + 1);
        let name = format!("case-{}", number.get());
        runtime.block_on(async {
            let bench = Bench::create(dynamo.client(), &name, Library::FILTERS).await;
            let bench = bench.unwrap();
            case(bench.clone(), input).await;
            bench.delete().await.unwrap();
        });
        Ok(())
    });
    runtime.block_on(dynamo.shutdown());
    outcome.unwrap();
}
