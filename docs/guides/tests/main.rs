//! The programs of the guides and the check of their links, as one test program.

mod adding_a_service;
mod adding_a_view;
mod links;
