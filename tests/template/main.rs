//! Checks `template.yaml` and the alarms' template in it: it deploys the system that the parts describe, roles have only the permissions that they need, and
//! queues and mappings lose nothing.
//!
//! The tests read the template's source, so that they need nothing but Rust. One more test needs SAM's own transform and is
//! therefore ignored by default; it checks that the expanded template has the same resources. `localstack/template.sh` runs it.

mod access;
mod alarms;
mod deployment;
mod events;
mod expansion;
mod flow;
mod json;
mod limits;
mod localstack;
mod nested;
mod operations;
mod operators;
mod packaging;
mod routes;

use function::System;
use std::sync::LazyLock;

/// Returns the system that the template deploys.
fn marketplace() -> &'static System {
    static SYSTEM: LazyLock<System> = LazyLock::new(system::belvedere);
    &SYSTEM
}
