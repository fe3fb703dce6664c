#!/usr/bin/env bash
# Runs one function by itself with `cargo lambda watch`: it is built again on every change, and takes its tables and queues
# from the deployment of up.sh.
#
#   localstack/watch.sh kitchen-reactor        in one terminal
#   localstack/invoke.sh kitchen-reactor       in another: sends it localstack/events/kitchen-reactor.json
#
# A relay is named by its service: consumers-relay, orders-relay, …
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

function=${1:-}
[[ -n $function ]] || fail "usage: $(typed watch) FUNCTION, one of: $(functions)"
[[ -f $RUN/environment ]] || fail "nothing is deployed, so there are no tables and queues. First: $(typed up)"
source "$RUN/environment"
binary=$(binary_of "$function")

# The variables of the deployed function as the emulator has them; the role is its Handler. cargo-lambda hands its own
# environment on.
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
