#!/usr/bin/env bash
# Sends the embedded stack valid and invalid requests that Schemathesis generates from openapi.json. Fails when an answer is a 500 or
# does not match the description, when an invalid request is accepted or a valid one is refused. Prints the number of cases.
# Does not need Docker.
#
#   tests/schemathesis.sh                                       uses schemathesis.toml: a few minutes on two cores
#   SCHEMATHESIS_EXAMPLES=1000 tests/schemathesis.sh            sets the number of cases per operation, for longer runs
#   tests/schemathesis.sh --include-path /orders --seed 7       passes arguments to `schemathesis run`
set -euo pipefail
# The requests are for the marketplace, which is this checkout's system.
unset SYSTEM_ROOT
source "$(dirname "$0")/../localstack/lib.sh"

command -v cargo >/dev/null || fail "cargo is missing: install Rust (https://rustup.rs)"
"$SCRIPTS/setup.sh" schemathesis
mkdir -p "$RUN"
ready=$RUN/schemathesis-ready.txt
stack_log=$RUN/schemathesis-stack.log
log=$RUN/schemathesis.log
: >"$ready"

say "building the embedded stack (the first build takes minutes)"
cargo build --quiet --locked --package marketplace

say "starting it on a free port (log: $stack_log)"
# cargo replaces itself by the program, so $! is the stack's own process.
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
# Runs in $RUN, because it leaves folders in the current folder.
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
    fail "Schemathesis found failures in ${cases:-0} cases; they are listed above, each with a curl command that repeats it"
fi
[[ -n $cases ]] || fail "the output of Schemathesis has no number of cases; it is in $log"
# Failures of relays, projectors and reactors happen after the answer, so only the log shows them.
if grep --quiet -E ' (ERROR|WARN) |"level":"(ERROR|WARN)"|panicked' "$stack_log"; then
    cat "$stack_log" >&2
    fail "the stack logged the warnings and errors above"
fi
say "Schemathesis: $cases cases, no failures"
