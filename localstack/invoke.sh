#!/usr/bin/env bash
# Sends a function that runs under watch.sh its event in localstack/events/, or the event in another file.
#
#   localstack/invoke.sh kitchen-reactor [FILE]
set -euo pipefail
given=${2:+$(realpath -- "$2")}
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

function=${1:-}
[[ -n $function ]] || fail "usage: $(typed invoke) FUNCTION [FILE], FUNCTION one of: $(functions)"
binary=$(binary_of "$function")
case $binary in
    relay) event=relay ;;
    *) event=$function ;;
esac
file=${given:-localstack/events/$event.json}
[[ -f $file ]] || fail "there is no $file"
exec "$TOOLS/sam/bin/cargo-lambda" lambda invoke "$binary" --invoke-address 127.0.0.1 --data-file "$file"
