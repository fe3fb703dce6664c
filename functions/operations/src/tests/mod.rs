//! The operator's API over HTTP, with all subscribers on a DynamoDB in the process and a bell that the tests control.

#[cfg(feature = "lambda")]
mod aws;
mod bell;
#[cfg(feature = "lambda")]
mod cloudwatch;
mod desk;
mod given_up;
mod hostile;
mod quarantine;
mod rebuilds;
mod sweeps;
mod tasks;
mod views;
