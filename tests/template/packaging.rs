//! How the binaries are built and packaged.

use crate::deployment::Deployment;
use crate::json::{path, source, text};
use std::collections::BTreeSet;

#[test]
fn every_binary_is_deployed() {
    let deployed: BTreeSet<_> = Deployment::of_source(&source())
        .functions
        .into_values()
        .map(|function| function.binary)
        .collect();
    let crates = std::fs::read_dir(path("functions"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("src/main.rs").is_file())
        .map(|entry| entry.file_name().into_string().unwrap());
    // Binaries of functions that fold every view are built in `system`, which depends on all views.
    let of_all = std::fs::read_dir(path("system/src/bin"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned());
    assert_eq!(deployed, crates.chain(of_all).collect());
}

#[test]
fn functions_are_built_by_one_cargo_command_and_not_by_sam() {
    let template = source();
    for (name, resource) in template["Resources"].as_object().unwrap() {
        if resource["Type"] == "AWS::Serverless::Function" {
            assert_eq!(resource["Metadata"]["SkipBuild"], true, "{name}");
        }
    }
}

#[test]
fn sam_builds_are_never_cached() {
    // The cache's key covers only a function's own folder: a change in shared/ would not be deployed.
    let configuration = text("samconfig.toml");
    let cached: Vec<_> = configuration
        .lines()
        .filter(|line| line.trim_start().starts_with("cached"))
        .collect();
    assert_eq!(cached, ["cached = false"]);
}

#[test]
fn a_panic_ends_one_invocation_and_not_the_process() {
    let manifest = text("Cargo.toml");
    let profile = manifest
        .split("[profile.release]")
        .nth(1)
        .expect("a release profile");
    assert!(
        profile
            .lines()
            .take_while(|line| !line.starts_with('['))
            .any(|line| line == "panic = \"unwind\"")
    );
}

#[test]
fn random_numbers_do_not_use_cpu_jitter() {
    assert!(
        text(".cargo/config.toml")
            .lines()
            .any(|line| line == "AWS_LC_SYS_NO_JITTER_ENTROPY = \"1\"")
    );
}

#[test]
fn only_one_tls_stack_is_compiled() {
    let lock = text("Cargo.lock");
    let rustls: Vec<_> = lock
        .split("[[package]]")
        .filter(|package| package.contains("\nname = \"rustls\"\n"))
        .filter_map(|package| package.lines().find(|line| line.starts_with("version")))
        .collect();
    assert_eq!(rustls.len(), 1, "{rustls:?}");
    assert!(!rustls[0].contains("\"0.21."), "{rustls:?}");
}
