#!/usr/bin/env bash
# Sends every function that up.sh deployed its event in events/, and runs the HTTP suite against the API. Passes its arguments to the
# suite: localstack/test.sh order_history
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[[ -f $RUN/environment ]] || fail "nothing is deployed. Deploy first: $(typed up)"
source "$RUN/environment"
[[ $(signed "$BELVEDERE_URL/health" --output /dev/null --write-out '%{http_code}') == 200 ]] \
    || fail "$BELVEDERE_URL does not answer. Deploy again: $(typed up)"
if [[ $(emulator_at "$AWS_ENDPOINT_URL") == localstack ]]; then
    # It polls a queue at most once a second, and delivers one message group after another.
    export RUST_TEST_THREADS=${RUST_TEST_THREADS:-2} BELVEDERE_DEADLINE_SECONDS=${BELVEDERE_DEADLINE_SECONDS:-600}
    say "LocalStack is slow: running $RUST_TEST_THREADS tests at a time, with up to $BELVEDERE_DEADLINE_SECONDS s per condition"
fi
read -ra all <<<"$(functions)"
# send FUNCTION…: sends each function its event.
send() { "$TOOLS/sam/bin/python" "$SCRIPTS/invoke_events.py" "$STACK" "$@" || fail "these functions did not answer their events"; }

# A new view is filled within a minute of its deployment, and by the worker's event at once. The suite rebuilds views itself, which is
# refused while a view is being filled.
say "filling every view"
[[ " ${all[*]} " != *' operations-worker '* ]] || send operations-worker
deadline=$((SECONDS + 150))
while [[ $(signed "$BELVEDERE_URL/operations/views") == *'"filled":false'* ]]; do
    ((SECONDS < deadline)) || { say "some views are not filled yet; going on without them"; break; }
    sleep 1
done
say "sending every function its event"
send "${all[@]}"
say "running the HTTP suite against $BELVEDERE_URL"
cargo test --workspace --locked --test http -- "$@"
