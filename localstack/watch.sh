#!/usr/bin/env bash
# Runs one function locally with `cargo lambda watch`, which rebuilds it on every change. The function uses the tables and queues of the
# deployment by up.sh.
#
#   localstack/watch.sh kitchen-reactor        in one terminal
#   localstack/invoke.sh kitchen-reactor       in another one, sends it localstack/events/kitchen-reactor.json
#
# A relay is named after its service: consumers-relay, orders-relay, …
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

function=${1:-}
[[ -n $function ]] || fail "usage: $(typed watch) FUNCTION, one of: $(functions)"
[[ -f $RUN/environment ]] || fail "nothing is deployed, so there are no tables and queues. Deploy first: $(typed up)"
source "$RUN/environment"
binary=$(binary_of "$function")

# Reads the environment variables of the deployed function from the emulator; its Handler is the role. cargo-lambda passes its own
# environment to the function.
"$TOOLS/sam/bin/python" - "$STACK-$function" >"$RUN/$function.env" <<'PYTHON' || fail "$STACK-$function is not deployed"
import shlex
import sys

import boto3

configuration = boto3.client("lambda").get_function_configuration(FunctionName=sys.argv[1])
for name, value in configuration["Environment"]["Variables"].items():
    print(f"export {name}={shlex.quote(value)}")
print("export _HANDLER=" + configuration["Handler"])
PYTHON

source "$RUN/$function.env"

say "watching $binary as $function; send it an event: $(typed invoke) $function"
package=$(packages_with bin "$binary")
PATH=$TOOLS/sam/bin:$PATH exec "$TOOLS/sam/bin/cargo-lambda" lambda watch --package "$package" --features lambda \
    --invoke-address 127.0.0.1
