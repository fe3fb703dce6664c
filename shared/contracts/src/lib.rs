//! The events that services publish, and the values in them.
