//! The consumers service.
