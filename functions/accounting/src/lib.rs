//! The accounting service.
