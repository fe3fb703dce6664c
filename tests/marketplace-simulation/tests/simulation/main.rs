//! Runs many schedules of the marketplace and of the simulator's own system, and checks that both detect a broken engine.

#[cfg(feature = "mutations")]
mod mutations;
mod schedules;
