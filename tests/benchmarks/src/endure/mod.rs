//! Endurance tests of the program, in a separate process with its data in a folder.
//!
//! ```sh
//! cargo build --release -p marketplace -p benchmarks
//! target/release/benchmarks kill 100     # killed a hundred times under load, with rebuilds in progress
//! target/release/benchmarks soak 3600    # an hour at half of the maximum rate
//! ```
//!
//! Each prints its observations, and exits with an error if a guarantee was violated.

pub(crate) mod kill;
mod program;
pub(crate) mod soak;
