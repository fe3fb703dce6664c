#!/usr/bin/env bash
# Creates a service and two views with `belvedere new` in a copy of this checkout, tests and lints them, and sends them HTTP requests.
# No file of the copy is written by hand. Prints seconds and CPU seconds from the first command to the first answer.
#
# The copy starts with a copy of the target folder, so that only the new crates and what depends on them are compiled. It does not share
# the target folder: cargo tells crates of two workspaces with the same relative path and version apart by their time only.
set -euo pipefail
cd "$(dirname "$0")/.."
source tests/measured.sh

CARGO_TARGET_DIR=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")
export CARGO_TARGET_DIR CARGO_TERM_COLOR=never
quietly cargo build --locked --workspace --bin belvedere --bin marketplace
belvedere=$CARGO_TARGET_DIR/debug/belvedere

copy=$CARGO_TARGET_DIR/scaffold
rm -rf "$copy"
mkdir -p "$copy/target/debug"
# Copies the files that are committed or not ignored, with their modification times.
git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from=- --ignore-failed-read 2>/dev/null | tar --extract --directory="$copy"
# Compilers replace these files instead of writing into them, so links are enough; cargo writes into the others.
cp --archive --link "$CARGO_TARGET_DIR/debug/deps" "$copy/target/debug/"
cp --archive "$CARGO_TARGET_DIR/debug/.fingerprint" "$CARGO_TARGET_DIR/debug/build" "$copy/target/debug/"
CARGO_TARGET_DIR=$copy/target
cd "$copy"
git init --quiet
git add --all

touched() { { git diff --name-only; git ls-files --others --exclude-standard; } | wc -l; }

did "start"
quietly "$belvedere" new service loyalty --category points --reacts-to order --no-generate
quietly "$belvedere" new view points-history --source points --no-generate
quietly "$belvedere" new view favourite-dishes --source order
did "a service and two views are written, and the generated files"
written=$(touched)

serve --demo
eventually /favourite-dishes '"events"'
did "first answers: $written files written by the commands, 0 by hand"
eventually /points-history '"events"'
path=$(post /loyalty '{"name":"Ada"}' | sed -n 's|.*"pointsId":"\([^"]*\)".*|/loyalty/\1|p')
post "$path/close" '{}' >/dev/null
eventually "/points-history/${path##*/}" '"points":"PointsClosed"'
stop_server
did "both views show the effects of the demo and of a command"

new=(--package loyalty --package points-history --package favourite-dishes)
quietly cargo test --locked "${new[@]}" --package contracts --package system
did "tests: $(grep --count '^test .* ok$' "$said") pass"
quietly cargo clippy --locked "${new[@]}" --package contracts --all-targets -- -D warnings
quietly cargo fmt --all --check
did "lints and format"
[[ $(touched) == "$written" ]] || fail "the tests changed files"

# A refused name changes no file.
if "$belvedere" new view favourite-dishes --source order >>"$said" 2>&1; then fail "a name in use was accepted"; fi
[[ $(touched) == "$written" ]] || fail "a refusal changed files"
rm -rf "$copy"
