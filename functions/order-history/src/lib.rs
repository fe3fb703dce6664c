//! The order history view: projector and query function.
