//! The events of one payment.
