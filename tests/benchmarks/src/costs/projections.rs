//! Measures the units per event that a subscriber projects.

use std::collections::BTreeMap;
use std::fmt::Write;
use telemetry::Metrics;

/// On-demand list prices of us-east-1, dollars per unit.
const READ_UNIT: f64 = 0.125e-6;
const WRITE_UNIT: f64 = 0.625e-6;

#[derive(Default)]
struct Sum {
    applied: f64,
    written: f64,
    calls: f64,
    read: f64,
    write: f64,
}

pub(crate) fn table(batches: &[Metrics], orders: usize) -> String {
    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    for batch in batches {
        let sum = sums
            .entry(batch.dimension_value("Subscriber").unwrap_or("?"))
            .or_default();
        sum.applied += batch.sum("CommitsApplied");
        sum.written += batch.sum("DocumentsWritten");
        sum.calls += batch.sum("Calls");
        sum.read += batch.sum("ReadUnits");
        sum.write += batch.sum("WriteUnits");
    }
    let mut table = format!(
        "{orders} orders from placing to delivery, 8 at a time. On the subscriber's own table, per event:\n\n\
        | subscriber | events | per write | calls | read units | write units | $ per million events |\n\
        | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    );
    for (subscriber, sum) in sums {
        let per = |value: f64| value / sum.applied;
        // Writing to a String cannot fail.
        let _ = writeln!(
            table,
            "| {subscriber} | {:.0} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} |",
            sum.applied,
            sum.applied / sum.written,
            per(sum.calls),
            per(sum.read),
            per(sum.write),
            1e6 * (per(sum.read) * READ_UNIT + per(sum.write) * WRITE_UNIT),
        );
    }
    table
}
