//! The target of the marketplace's suite.

use http_suite::{Apart, Api, Target};

/// Creates a client of the deployment that the suite runs against.
#[must_use]
pub fn here() -> Api {
    Api::here(system::belvedere)
}

/// Returns the deployment that the suite runs against.
pub fn target() -> &'static Target {
    http_suite::target(system::belvedere)
}

/// Starts a deployment for a test that sends thousands of requests ([`Apart`]).
pub async fn apart() -> Apart {
    Apart::start(system::belvedere).await
}

/// Starts such a deployment with short fences ([`Apart::with_short_fences`]).
pub async fn apart_with_short_fences() -> Apart {
    Apart::with_short_fences(system::belvedere).await
}
