//! The events of one order.
