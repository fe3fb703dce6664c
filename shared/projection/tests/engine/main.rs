//! The engine against a DynamoDB in the process.

mod batches;
mod convergence;
mod crashes;
mod library;
mod quarantine;
mod reactor;
mod reading;
mod sweep;
mod writing;
