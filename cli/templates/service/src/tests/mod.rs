//! Tests of the aggregate's rules and of the service over HTTP__and_reactor__.

mod http;
__reactor_module__
mod rules;
