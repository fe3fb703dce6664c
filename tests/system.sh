#!/usr/bin/env bash
# Creates a system outside this checkout with `belvedere new system`, tests it, sends it HTTP requests, and deploys it to the emulator.
# Then adds a service and views to the deployed system, and waits until a new view has filled itself with what was there before.
# Prints seconds and CPU seconds from the command to the first answer, and to the end.
#
#   EMULATOR_PORT   port of the emulator (4566)
#
# The system shares the target folder: crates from registries have the same features, so they are already compiled. Its own crates have
# another version than those of this checkout, by which cargo tells them apart.
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
belvedere=$CARGO_TARGET_DIR/debug/belvedere
quietly "$belvedere" new system shop --path "$checkout" --at "$folder/shop"
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

# deployed PATH [curl options]: sends a request to the deployment.
deployed() {
    local path=$1 api
    shift
    api=$(source .tools/run/environment && echo "$BELVEDERE_URL")
    curl --silent --show-error --noproxy '*' --max-time 30 --aws-sigv4 aws:amz:us-east-1:execute-api --user test:test "$@" "$api$path"
}

quietly localstack/run up
did "deployed on the emulator"
quietly deployed /baskets --fail-with-body -H 'content-type: application/json' -d '{"name":"older than the view"}'

quietly "$belvedere" new service loyalty --category points --reacts-to basket --no-generate
quietly "$belvedere" new view points-history --source points --no-generate
quietly "$belvedere" new view basket-names --source basket
quietly cargo test --locked --workspace
quietly localstack/run up
deadline=$((SECONDS + 300))
until answer=$(deployed /basket-names --include) && [[ ${answer,,} == *"view-filled: true"* && $answer == *BasketCreated* ]]; do
    ((SECONDS < deadline)) || fail "the view basket-names is not filled: $answer"
    sleep 1
done
did "a service and two views are added to the deployment, and a new view has filled itself"
quietly localstack/run test
quietly localstack/run down
did "events and HTTP suite against the deployment"
