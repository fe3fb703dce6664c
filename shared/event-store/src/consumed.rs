use aws_sdk_dynamodb::types::ConsumedCapacity;
use std::ops::{AddAssign, Sub};

/// The cost of an operation: requests and capacity units as DynamoDB reported them (`ReturnConsumedCapacity`).
///
/// DynamoDB bills a refused conditional write by the size of the existing item without reporting it, so that cost is
/// computed from the item. Retries by the SDK count as one call.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Consumed {
    /// The number of requests.
    pub calls: u32,
    /// Read units: 1 per 4 KB read consistently.
    pub read_units: f64,
    /// Write units: 1 per KB written.
    pub write_units: f64,
}

impl Consumed {
    pub(crate) fn read(&mut self, capacity: Option<&ConsumedCapacity>) {
        self.calls += 1;
        self.read_units += capacity.and_then(ConsumedCapacity::capacity_units).unwrap_or(0.0);
    }

    pub(crate) fn written(&mut self, capacity: Option<&ConsumedCapacity>) {
        self.calls += 1;
        self.write_units += capacity.and_then(ConsumedCapacity::capacity_units).unwrap_or(0.0);
    }

    pub(crate) fn refused(&mut self, kilobytes: usize) {
        self.calls += 1;
        self.write_units += f64::from(u32::try_from(kilobytes).unwrap_or(u32::MAX));
    }
}

impl AddAssign for Consumed {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.read_units += other.read_units;
        self.write_units += other.write_units;
    }
}

impl Sub for Consumed {
    type Output = Self;
    fn sub(self, earlier: Self) -> Self {
        Self {
            calls: self.calls - earlier.calls,
            read_units: self.read_units - earlier.read_units,
            write_units: self.write_units - earlier.write_units,
        }
    }
}
