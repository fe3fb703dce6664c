#!/usr/bin/env bash
# Creates a system outside this checkout with `belvedere new system`, tests it, sends it HTTP requests, and deploys it to the emulator.
# Prints seconds and CPU seconds from the command to the first answer, and to the end.
#
#   EMULATOR_PORT   port of the emulator (4566)
#
# The system shares the target folder: crates from registries have the same features, so they are already compiled.
set -euo pipefail
cd "$(dirname "$0")/.."
source tests/measured.sh

checkout=$PWD
CARGO_TARGET_DIR=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")
# Uses the emulator's tools of this checkout, unless BELVEDERE_TOOLS is set.
BELVEDERE_TOOLS=${BELVEDERE_TOOLS:-$checkout/.tools}
export CARGO_TARGET_DIR BELVEDERE_TOOLS CARGO_TERM_COLOR=never
quietly cargo build --locked --workspace --bin belvedere
folder=$(mktemp -d)

take_down() {
    local code=$?
    cd "$checkout"
    [[ ! -x $folder/shop/localstack/run ]] || quietly "$folder/shop/localstack/run" down || true
    rm -rf "$folder"
    finish "$code"
}
trap take_down EXIT

did "start"
quietly "$CARGO_TARGET_DIR/debug/belvedere" new system shop --path "$checkout" --at "$folder/shop"
cd "$folder/shop"
did "written: $(find . -type f | wc -l) files"

serve
path=$(post /baskets '{"name":"first"}' | sed -n 's|.*"basketId":"\([^"]*\)".*|/baskets/\1|p')
eventually "/basket-history/${path##*/}" '"basket":"BasketCreated"'
stop_server
did "first answers: one command and one query"

quietly cargo test --locked --workspace
did "tests: $(grep --count '^test .* ok$' "$said") pass"
quietly cargo clippy --locked --workspace --all-targets -- -D warnings
quietly cargo fmt --all --check
did "lints and format"

quietly localstack/run up
did "deployed on the emulator"
quietly localstack/run test
quietly localstack/run down
did "events and HTTP suite against the deployment"
