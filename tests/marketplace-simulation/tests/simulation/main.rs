//! Many schedules of the marketplace and of the simulator's own system, and that both notice a broken engine.

#[cfg(feature = "mutations")]
mod mutations;
mod schedules;
