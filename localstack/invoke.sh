#!/usr/bin/env bash
# Sends a function that runs under watch.sh its event of localstack/events/, or another file.
#
#   localstack/invoke.sh kitchen-reactor [FILE]
set -euo pipefail
cd "$(dirname "$0")/.."
source localstack/lib.sh

function=${1:-}
[[ -n $function ]] || fail "usage: localstack/invoke.sh FUNCTION [FILE], FUNCTION one of: $(functions)"
binary=$(binary_of "$function")
case $binary in
    relay) file=${2:-localstack/events/relay.json} ;;
    *) file=${2:-localstack/events/$function.json} ;;
esac
[[ -f $file ]] || fail "there is no $file"
exec .tools/sam/bin/cargo-lambda lambda invoke "$binary" --invoke-address 127.0.0.1 --data-file "$file"
