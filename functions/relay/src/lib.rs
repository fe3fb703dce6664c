//! From stream records to queue messages.
