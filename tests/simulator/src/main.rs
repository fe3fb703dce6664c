//! `cargo run -p simulator --release -- --seeds 0..1000000 --threads 2`

fn main() -> anyhow::Result<()> {
    simulator::cli::main()
}
