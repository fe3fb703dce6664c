#!/usr/bin/env bash
# Runs the HTTP suite against what up.sh deployed. Arguments go to the tests: localstack/test.sh order_history
set -euo pipefail
cd "$(dirname "$0")/.."
source localstack/lib.sh

[[ -f $RUN/environment ]] || fail "nothing is deployed. First: localstack/up.sh"
source "$RUN/environment"
[[ $(signed "$BELVEDERE_URL/health" --output /dev/null --write-out '%{http_code}') == 200 ]] \
    || fail "$BELVEDERE_URL does not answer. Deploy again: localstack/up.sh"
say "running the HTTP suite against $BELVEDERE_URL"
cargo test --package belvedere-tests -- "$@"
