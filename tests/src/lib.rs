//! End-to-end suites that run against any base URL.
