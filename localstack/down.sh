#!/usr/bin/env bash
# Stops the MiniStack that up.sh started, or deletes the stack on the emulator at AWS_ENDPOINT_URL.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if own_ministack_runs; then
    pid=$(<"$RUN/ministack.pid")
    say "stopping MiniStack"
    # Signals the process group, so that its functions end as well. All data is in memory and lost.
    kill -TERM -- "-$pid" 2>/dev/null || true
    for _ in $(seq 50); do
        kill -0 -- "-$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL -- "-$pid" 2>/dev/null || true
    rm -rf "$RUN"/ministack.{pid,url} "$RUN/environment" "$RUN/tmp"
elif [[ -n ${AWS_ENDPOINT_URL:-} ]]; then
    emulator_credentials
    [[ -n $(emulator_at "$AWS_ENDPOINT_URL") ]] || fail "AWS_ENDPOINT_URL is $AWS_ENDPOINT_URL, and no LocalStack or MiniStack answers there"
    say "deleting the stack $STACK at $AWS_ENDPOINT_URL"
    timeout 600 "$TOOLS/sam/bin/sam" delete --stack-name "$STACK" --no-prompts
    rm -f "$RUN/environment"
else
    say "nothing to stop: no MiniStack of $PWD is running, and AWS_ENDPOINT_URL is not set"
fi
