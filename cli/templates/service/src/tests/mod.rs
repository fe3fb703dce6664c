//! The rules of the aggregate, and the service over HTTP__and_reactor__.

mod http;
__reactor_module__
mod rules;
