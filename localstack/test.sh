#!/usr/bin/env bash
# Sends every function that up.sh deployed its event of events/, and runs the HTTP suite against the API. Arguments go to
# the suite: localstack/test.sh order_history
set -euo pipefail
cd "$(dirname "$0")/.."
source localstack/lib.sh

[[ -f $RUN/environment ]] || fail "nothing is deployed. First: localstack/up.sh"
source "$RUN/environment"
[[ $(signed "$BELVEDERE_URL/health" --output /dev/null --write-out '%{http_code}') == 200 ]] \
    || fail "$BELVEDERE_URL does not answer. Deploy again: localstack/up.sh"
say "sending every function its event"
read -ra all <<<"$(functions)"
.tools/sam/bin/python localstack/invoke_events.py "$STACK" "${all[@]}" || fail "these functions did not answer their events"
say "running the HTTP suite against $BELVEDERE_URL"
cargo test --workspace --locked --test http -- "$@"
