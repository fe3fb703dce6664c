//! What the program withstands, in a process of its own with its data in a folder.
//!
//! ```sh
//! cargo build --release -p marketplace -p benchmarks
//! target/release/benchmarks kill 100     # killed a hundred times under load, with rebuilds under way
//! target/release/benchmarks soak 3600    # an hour at half of what it can do
//! ```
//!
//! Each prints what it saw, and ends with an error when a promise was broken.

pub(crate) mod kill;
mod program;
pub(crate) mod soak;
