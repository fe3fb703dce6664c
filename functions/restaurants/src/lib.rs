//! The restaurants service.
