//! Serves the OpenAPI document and the health check.
