//! stub
use simulator::run;
fn main() {
    let args: Vec<u64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    if args.len() == 1 {
        let report = run(args[0], true);
        println!("{}", report.trace.unwrap_or_default());
        println!("{:?} hash {} {}", report.failure, report.hash, report.calls);
        return;
    }
    let t = std::time::Instant::now();
    let mut counts = simulator::Counts::default();
    let (mut calls, mut fails) = (0, 0);
    for seed in args[0]..args[1] {
        let report = run(seed, false);
        counts.merge(&report.counts);
        calls += report.calls;
        if let Some(f) = report.failure {
            fails += 1;
            if fails < 20 {
                println!("{seed}: {:.600}", f);
            }
        }
    }
    println!("{:#?}", counts);
    let n = args[1] - args[0];
    println!(
        "{fails} failures; {} ms each, {} calls each",
        t.elapsed().as_secs_f64() * 1000.0 / n as f64,
        calls as f64 / n as f64
    );
}
