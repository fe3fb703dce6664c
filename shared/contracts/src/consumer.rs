//! The events of one consumer.
