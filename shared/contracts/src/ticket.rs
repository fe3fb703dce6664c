//! The events of one ticket.
