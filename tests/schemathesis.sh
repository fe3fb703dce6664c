#!/usr/bin/env bash
# Sends the embedded stack what Schemathesis makes of openapi.json, good and bad. Fails when an answer is a 500 or is not
# what the description says, when something bad is accepted or something good refused. Prints the number of cases.
# Needs no Docker.
#
#   tests/schemathesis.sh                                       as schemathesis.toml says: a few minutes on two cores
#   SCHEMATHESIS_EXAMPLES=1000 tests/schemathesis.sh            as many cases for each operation, for longer runs
#   tests/schemathesis.sh --include-path /orders --seed 7       arguments go to `schemathesis run`
set -euo pipefail
# It sends what the marketplace takes, which is this checkout's system.
unset SYSTEM_ROOT
source "$(dirname "$0")/../localstack/lib.sh"

command -v cargo >/dev/null || fail "cargo is missing: install Rust (https://rustup.rs)"
"$SCRIPTS/setup.sh" schemathesis
mkdir -p "$RUN"
ready=$RUN/schemathesis-ready.txt
stack_log=$RUN/schemathesis-stack.log
log=$RUN/schemathesis.log
: >"$ready"

say "building the embedded stack (the first time takes minutes)"
cargo build --quiet --locked --package marketplace

say "starting it on a free port (log: $stack_log)"
# cargo replaces itself by the program, so this is the stack's own process.
cargo run --quiet --locked --package marketplace -- --port 0 >"$ready" 2>"$stack_log" &
stack=$!
trap 'kill "$stack" 2>/dev/null || true; wait "$stack" 2>/dev/null || true' EXIT
deadline=$((SECONDS + 60))
until [[ -s $ready ]]; do
    kill -0 "$stack" 2>/dev/null || { tail -n 20 "$stack_log" >&2; fail "the stack ended; its log is above"; }
    ((SECONDS < deadline)) || fail "the stack is not ready after a minute; its log is $stack_log"
    sleep 0.1
done
url=$(grep --only-matching --max-count=1 'http://[0-9.:]*' "$ready" | head -n 1)

say "running Schemathesis against $url (log: $log)"
outcome=0
checkout=$PWD
# There, because it leaves folders where it runs.
(
    cd "$RUN"
    PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$checkout/tests BELVEDERE_URL=$url "$TOOLS/schemathesis/bin/schemathesis" \
        --config-file "$checkout/tests/schemathesis.toml" run "$checkout/openapi.json" --url "$url" --no-color \
        ${SCHEMATHESIS_EXAMPLES:+--max-examples "$SCHEMATHESIS_EXAMPLES"} "$@"
) >"$log" 2>&1 || outcome=$?
cases=$(sed -n 's/^ *\([0-9]*\) generated.*/\1/p' "$log")

if ((outcome != 0)); then
    cat "$log" >&2
    tail -n 20 "$stack_log" >&2
    fail "Schemathesis found something in ${cases:-0} cases; it is above, each with a curl that repeats it"
fi
[[ -n $cases ]] || fail "Schemathesis does not say how many cases it ran; its output is $log"
# What happens after the answer, in relays, projectors and reactors, is on no client's line.
if grep --quiet -E ' (ERROR|WARN) |"level":"(ERROR|WARN)"|panicked' "$stack_log"; then
    cat "$stack_log" >&2
    fail "the stack logged the warnings and errors above"
fi
say "Schemathesis: $cases cases, nothing found"
