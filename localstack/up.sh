#!/usr/bin/env bash
# Builds all functions, deploys template.yaml with SAM to an emulator on this machine, waits until the API answers, and prints its URL.
#
#   localstack/up.sh                                            starts MiniStack, which needs no Docker
#   AWS_ENDPOINT_URL=http://127.0.0.1:4566 localstack/up.sh     uses the emulator at this address (see compose.yaml)
#
# A repeated run updates the deployed stack, which keeps its data.
#
#   SKIP_BUILD=1       deploys the binaries of the last build
#   PROFILE            cargo profile of the build (default: emulator, which builds quickly; lambda: as for AWS)
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

command -v cargo >/dev/null || fail "cargo is missing: install Rust (https://rustup.rs)"
command -v curl >/dev/null || fail "curl is missing"
"$SCRIPTS/setup.sh" sam ministack
mkdir -p "$RUN/tmp"

# ---- which emulator
if [[ -n ${AWS_ENDPOINT_URL:-} ]]; then
    EMULATOR=$AWS_ENDPOINT_URL
    kind=$(emulator_at "$EMULATOR")
    [[ -n $kind ]] || fail "AWS_ENDPOINT_URL is $EMULATOR, and no LocalStack or MiniStack answers there. Start one, or unset it."
    say "using the $kind at $EMULATOR"
elif own_ministack_runs; then
    EMULATOR=$(<"$RUN/ministack.url")
    kind=$(emulator_at "$EMULATOR")
    [[ $kind == ministack ]] || fail "the MiniStack that was started at $EMULATOR does not answer. Stop it: $(typed down)"
    say "using the MiniStack that is running at $EMULATOR"
else
    [[ -z $(emulator_at "$EMULATOR") ]] || fail "another emulator is running at $EMULATOR. To use it: AWS_ENDPOINT_URL=$EMULATOR $(typed up)"
    if (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; then
        fail "another program uses port $PORT. Choose another port: EMULATOR_PORT=4567 $(typed up)"
    fi
    kind=start-ministack
fi

# ---- build
# MiniStack runs the binaries on this machine. LocalStack runs them in Lambda's image, whose C library is older than that of most
# machines, so zig links against the older one.
case $kind in
    localstack) compiler=cargo-zigbuild ;;
    *) compiler=cargo ;;
esac
case $(uname -m) in
    x86_64 | amd64) architecture=x86_64 ;;
    aarch64 | arm64) architecture=arm64 ;;
    *) fail "Lambda does not support $(uname -m)" ;;
esac
mapfile -t binaries < <(sed -n 's|^ *CodeUri: target/lambda/||p' template.yaml | sort -u)
if [[ -n ${SKIP_BUILD:-} ]]; then
    say "deploying the last build"
else
    say "building ${#binaries[@]} binaries (the first build takes minutes)"
    # template.yaml expects the binaries in target/lambda, even when CARGO_TARGET_DIR names another folder.
    PATH=$TOOLS/sam/bin:$PATH "$TOOLS/sam/bin/cargo-lambda" lambda build --profile "${PROFILE:-emulator}" --compiler "$compiler" \
        --lambda-dir target/lambda --workspace --features lambda "${binaries[@]/#/--bin=}" \
        || fail "the build failed; the lines above give the reason"
fi
for binary in "${binaries[@]}"; do
    [[ -x target/lambda/$binary/bootstrap ]] || fail "target/lambda/$binary/bootstrap is missing: build without SKIP_BUILD"
done

# ---- emulator
emulator_credentials
if [[ $kind == start-ministack ]]; then
    say "starting MiniStack at $EMULATOR, with roles enforced (log: $RUN/ministack.log)"
    # A clean environment, because functions inherit it. With AUTH every call is checked against the caller's role, so a function that
    # lacks a permission fails as on AWS.
    setsid env -i PATH="$PATH" HOME="$PWD/$RUN" LANG=C.UTF-8 TMPDIR="$PWD/$RUN/tmp" \
        BIND_HOST=127.0.0.1 GATEWAY_PORT="$PORT" AUTH=true LOG_LEVEL=INFO \
        AWS_ENDPOINT_URL="$EMULATOR" AWS_DEFAULT_REGION="$AWS_DEFAULT_REGION" AWS_REGION="$AWS_REGION" \
        "$TOOLS/ministack/bin/ministack" >"$RUN/ministack.log" 2>&1 </dev/null &
    echo $! >"$RUN/ministack.pid"
    echo "$EMULATOR" >"$RUN/ministack.url"
    deadline=$((SECONDS + 60))
    until [[ $(emulator_at "$EMULATOR") == ministack ]]; do
        own_ministack_runs || { tail -n 20 "$RUN/ministack.log" >&2; fail "MiniStack ended; its log is above"; }
        ((SECONDS < deadline)) || fail "MiniStack does not answer after a minute; its log is $RUN/ministack.log"
        sleep 0.3
    done
fi
export AWS_ENDPOINT_URL=$EMULATOR

# ---- deploy
# The emulator's own key of tokens, kept so that an update does not make the tokens of clients invalid.
[[ -s $RUN/token-key ]] || openssl rand -hex 32 >"$RUN/token-key"
token_key=$(<"$RUN/token-key")
say "deploying the stack $STACK (log: $RUN/deploy.log)"
timeout 900 "$TOOLS/sam/bin/sam" deploy --stack-name "$STACK" --no-confirm-changeset --no-progressbar \
    --parameter-overrides "Architecture=$architecture" TableDeletionPolicy=Delete TableDeletionProtection=false \
    "TokenKey=$token_key" \
    >"$RUN/deploy.log" 2>&1 || { tail -n 40 "$RUN/deploy.log" >&2; fail "the deployment failed; the end of $RUN/deploy.log is above"; }

if [[ $kind != localstack ]]; then
    "$TOOLS/sam/bin/python" "$SCRIPTS/ministack_adapt.py" "$STACK" || fail "the deployment could not be adapted to MiniStack"
fi

api=$("$TOOLS/sam/bin/sam" list stack-outputs --stack-name "$STACK" --output json 2>>"$RUN/deploy.log" \
    | python3 -c 'import json, sys; print(next(o["OutputValue"] for o in json.load(sys.stdin) if o["OutputKey"] == "ApiId"))') \
    || fail "the stack $STACK has no output ApiId"
url=$EMULATOR/restapis/$api/v1/_user_request_

# ---- healthy
say "waiting until $url/health answers"
deadline=$((SECONDS + 120))
until [[ $(signed "$url/health" --output "$RUN/health.json" --write-out '%{http_code}') == 200 ]]; do
    ((SECONDS < deadline)) || { cat "$RUN/health.json" >&2; fail "the API is not healthy after two minutes; its last answer is above"; }
    sleep 0.5
done

cat >"$RUN/environment" <<END
export BELVEDERE_URL=$url
export AWS_ENDPOINT_URL=$EMULATOR AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
END
say "ready"
cat <<END

  API        $url
  try        curl --aws-sigv4 aws:amz:us-east-1:execute-api --user test:test $url/health
  test it    $(typed test)
  take down  $(typed down)
END
