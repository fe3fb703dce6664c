#!/usr/bin/env bash
# Prints the size of each binary and the CPU time that a function needs from the start of its process to its first answer,
# with the tables of the deployment of up.sh behind TLS, as on AWS. The binaries have to be those of a release build.
set -euo pipefail
cd "$(dirname "$0")/.."
source localstack/lib.sh

[[ -f $RUN/environment ]] || fail "nothing is deployed, so there are no tables to talk to. First: PROFILE=release localstack/up.sh"
source "$RUN/environment"
exec .tools/sam/bin/python localstack/cold_start.py "$STACK" "$@"
