//! What is compiled: `cargo run` and `cargo test --workspace` share every dependency, and neither compiles what only Lambda
//! needs.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Crates that come with the feature `lambda` alone: each would be minutes of every first build.
const ONLY_FOR_LAMBDA: [&str; 9] = [
    "aws-config",
    "aws-lc",
    "aws-sdk-cloudwatch",
    "aws-sdk-lambda",
    "aws-sdk-sqs",
    "lambda_http",
    "lambda_runtime",
    "ring",
    "rustls",
];

/// The features that each package is compiled with: several sets, if it is compiled several times.
type Packages = BTreeMap<String, BTreeSet<BTreeSet<String>>>;

fn tree(arguments: &[&str]) -> Packages {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--locked",
            "--prefix",
            "none",
            "--format",
            "{p}\t{f}\t",
        ])
        .args(arguments)
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut packages = Packages::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let mut columns = line.split('\t');
        // After name and version come the folder of a package of this workspace, and what kind of crate it is.
        let (Some(package), Some(features)) = (columns.next(), columns.next()) else {
            continue;
        };
        let name: Vec<&str> = package.split(' ').take(2).collect();
        let features = features.split(',').filter(|feature| !feature.is_empty());
        packages
            .entry(name.join(" "))
            .or_default()
            .insert(features.map(str::to_owned).collect());
    }
    packages
}

/// What `cargo run` compiles.
fn run() -> Packages {
    tree(&["--package", "marketplace", "--edges", "normal,build"])
}

/// What `cargo test --workspace` compiles.
fn test() -> Packages {
    tree(&["--workspace", "--edges", "normal,build,dev"])
}

#[test]
fn nothing_is_compiled_again_for_the_tests() {
    let test = test();
    let run = run();
    assert!(run.len() > 100, "only {} packages", run.len());
    let again: Vec<String> = run
        .iter()
        .filter(|(package, features)| test.get(*package) != Some(*features))
        .map(|(package, features)| format!("{package}: {features:?}, in tests {:?}", test.get(package)))
        .collect();
    assert!(
        again.is_empty(),
        "`cargo test --workspace` compiles these again, with other features than `cargo run`. Declare the features in the root's \
         [workspace.dependencies], or for the embedded stack what a dev-dependency asks for:\n{}",
        again.join("\n")
    );
}

/// With `log`, the SDK draws an id for every call from the generator that the engine's jitter comes from.
#[test]
fn a_seed_is_the_same_run_whether_the_simulator_is_built_alone_or_with_the_workspace() {
    let tracing = |packages: Packages| {
        let found = packages
            .into_iter()
            .find(|(name, _)| name.starts_with("tracing v"));
        let (_, features) = found.expect("the SDK needs tracing");
        features.into_iter().flatten().any(|feature| feature == "log")
    };
    for package in ["simulator", "marketplace-simulation"] {
        let alone = tree(&["--package", package, "--edges", "normal,build"]);
        assert_eq!(tracing(alone), tracing(test()), "{package}");
    }
}

#[test]
fn the_default_build_has_nothing_of_lambda_and_no_tls() {
    let found: Vec<String> = run()
        .into_keys()
        .chain(test().into_keys())
        .filter(|package| {
            let name = package.split(' ').next().unwrap_or_default();
            ONLY_FOR_LAMBDA.iter().any(|crate_name| {
                name.strip_prefix(crate_name)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            })
        })
        .collect();
    assert!(found.is_empty(), "{found:?}");
}
