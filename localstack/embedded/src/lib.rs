//! The whole system in one process, for one machine.
