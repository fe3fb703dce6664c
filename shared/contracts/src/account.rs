//! The events of one account.
