//! The programs of the guides, as one test program.

mod adding_a_service;
mod adding_a_view;
