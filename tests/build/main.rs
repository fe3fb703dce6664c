//! Tests of what is compiled: `cargo run` and `cargo test --workspace` share every dependency, and neither compiles
//! dependencies that only Lambda needs.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Crates that only the feature `lambda` uses; each would add minutes to every first build.
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

/// The feature sets that each package is compiled with; more than one if it is compiled several times.
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
        // After name and version, cargo prints the folder of a workspace package and the kind of crate.
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

/// Returns what `cargo run` compiles.
fn run() -> Packages {
    tree(&["--package", "marketplace", "--edges", "normal,build"])
}

/// Returns what `cargo test --workspace` compiles.
fn test() -> Packages {
    tree(&["--workspace", "--edges", "normal,build,dev"])
}

#[test]
fn tests_use_the_same_dependency_features_as_cargo_run() {
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
        "`cargo test --workspace` compiles these again, with different features from `cargo run`. Declare the features in the root's \
         [workspace.dependencies], or in the embedded stack those that a dev-dependency enables:\n{}",
        again.join("\n")
    );
}

/// Whoever changes one service or view tests it alone.
#[test]
fn tests_of_one_part_use_the_same_dependency_features_as_all_tests() {
    let test = test();
    for package in ["orders", "order-history", "contracts"] {
        let alone = tree(&["--package", package, "--edges", "normal,build,dev"]);
        assert!(alone.len() > 100, "only {} packages", alone.len());
        let again = alone.iter().filter(|(dependency, features)| {
            let known = test.get(*dependency);
            !known.is_some_and(|known| features.is_subset(known))
        });
        let again: Vec<_> = again.collect();
        assert!(
            again.is_empty(),
            "`cargo test -p {package}` compiles these again, with different features from `cargo test --workspace`. Let the testkit \
             depend on what enables the features: {again:?}"
        );
    }
}

/// With `log`, the SDK draws an id for every call from the random generator that the engine uses for jitter.
#[test]
fn tracing_features_do_not_change_a_simulated_run() {
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

/// The example's lock also names the dependencies of the library's crates. After one of them got a new dependency, run `cargo check` in
/// `examples/money-transfer`.
#[test]
fn lock_of_the_example_is_current() {
    let manifest = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../examples/money-transfer/Cargo.toml"
    );
    let packages = tree(&[
        "--manifest-path",
        manifest,
        "--workspace",
        "--edges",
        "normal,build",
    ]);
    assert!(packages.len() > 100, "only {} packages", packages.len());
}

#[test]
fn default_build_has_no_lambda_crates_and_no_tls() {
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
