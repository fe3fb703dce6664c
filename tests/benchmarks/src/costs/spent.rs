//! An interceptor that adds up the capacity that DynamoDB reports as consumed.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::Value;
use std::sync::{Arc, Mutex};

/// Calls and read or write units.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spent {
    pub(crate) calls: u64,
    pub(crate) units: f64,
}

/// Counts for all clients that use the interceptor.
#[derive(Debug, Clone, Default)]
pub(crate) struct Purse(Arc<Mutex<Spent>>);

impl Purse {
    /// Returns the counts since the last call.
    pub(crate) fn take(&self) -> Spent {
        std::mem::take(&mut self.0.lock().expect("nothing panics while it holds the lock"))
    }
}

#[dyn_dispatch_hint]
impl Intercept for Purse {
    fn name(&self) -> &'static str {
        "Purse"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default();
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        let mut spent = self.0.lock().expect("nothing panics while it holds the lock");
        spent.calls += 1;
        spent.units += units(&answer["ConsumedCapacity"]);
        Ok(())
    }
}

/// Returns the units of one table, or of several.
fn units(consumed: &Value) -> f64 {
    match consumed {
        Value::Array(tables) => tables.iter().map(units).sum(),
        table => table["CapacityUnits"].as_f64().unwrap_or_default(),
    }
}
