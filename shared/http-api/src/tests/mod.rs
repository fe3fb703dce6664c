//! Tests of requests, responses, tokens and descriptions through the public interface.

mod access;
mod app;
mod commands_done;
mod description;
mod identity;
mod lamp;
mod tokens;
