//! Holds `template.yaml` to what it promises: the system that its parts describe, roles that may do no more than
//! they must, queues and mappings that lose nothing.
//!
//! The assertions read the template's source, so that they need nothing but Rust. One more test, which needs SAM's own
//! transform and is therefore left out by default, shows that the expanded template says the same and nothing beyond:
//! `localstack/template.sh` runs it.

mod access;
mod alarms;
mod deployment;
mod events;
mod expansion;
mod flow;
mod json;
mod limits;
mod localstack;
mod loops;
mod operations;
mod operators;
mod packaging;
mod routes;

use function::System;
use std::sync::LazyLock;

/// The system that the template is to deploy.
fn marketplace() -> &'static System {
    static SYSTEM: LazyLock<System> = LazyLock::new(system::belvedere);
    &SYSTEM
}
