//! The programs of the guides, and what the guides link to, as one test program.

mod adding_a_service;
mod adding_a_view;
mod links;
