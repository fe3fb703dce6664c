//! The events that services publish, and the values in them.
pub mod account;
pub mod consumer;
pub mod order;
pub mod payment;
pub mod restaurant;
pub mod ticket;
