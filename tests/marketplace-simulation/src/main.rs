//! `cargo run -p marketplace-simulation --release -- --seeds 0..1000000 --threads 2`

fn main() -> anyhow::Result<()> {
    simulator::cli::main(marketplace_simulation::SCENARIOS)
}
