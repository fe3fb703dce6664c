//! Logs and metrics for every function.
