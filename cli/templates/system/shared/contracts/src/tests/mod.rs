//! Tests of the golden files and the JSON Schemas of the published events.

use std::path::Path;
use testkit::published::{Category, assert_additions_are_ignored, assert_golden, assert_schemas};

const CONTRACTS: &str = env!("CARGO_MANIFEST_DIR");

fn categories() -> Vec<Category> {
    vec![]
}

#[test]
fn every_version_ever_written_decodes() {
    assert_golden(Path::new(CONTRACTS), &categories());
}

#[test]
fn fields_that_newer_code_adds_are_ignored() {
    assert_additions_are_ignored(Path::new(CONTRACTS), &categories());
}

#[test]
fn committed_schemas_match_the_code() {
    assert_schemas(Path::new(CONTRACTS), &categories());
}
