#!/usr/bin/env bash
# Prints the size of each binary and the CPU time that a function needs from the start of its process to its first answer. Uses the
# tables of the deployment by up.sh, through TLS as on AWS. Build the binaries as for AWS: PROFILE=lambda.
#
#   localstack/cold-start.sh consumers order-history-query      functions that answer requests
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[[ -f $RUN/environment ]] || fail "nothing is deployed, so there are no tables. Deploy first: PROFILE=lambda $(typed up)"
(($# > 0)) || fail "usage: $(typed cold-start) FUNCTION…, of: $(functions)"
source "$RUN/environment"
measured=()
for function; do
    measured+=("$function=$(binary_of "$function")")
done
exec "$TOOLS/sam/bin/python" "$SCRIPTS/cold_start.py" "$STACK" "${measured[@]}"
