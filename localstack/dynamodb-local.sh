#!/usr/bin/env bash
# Runs the event store's tests against Amazon's own DynamoDB Local (Java 17), a second implementation beside the one that the tests
# normally use. Passes its arguments to `cargo test`. Needs java and npm; the jar comes from a pinned npm package.
set -euo pipefail
# The event store is in this checkout, not in another system.
unset SYSTEM_ROOT
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

VERSION=2.9.30
INTEGRITY=sha512-xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==
FOLDER=$TOOLS/dynamodb-local-$VERSION

for program in java npm curl openssl tar; do
    command -v "$program" >/dev/null || fail "$program is not installed"
done

if [[ ! -f $FOLDER/DynamoDBLocal.jar ]]; then
    echo "fetching DynamoDB Local (amplify-dynamodb-simulator $VERSION)"
    download=$(mktemp -d)
    # `pack` only downloads the package. It installs no dependencies and runs no scripts.
    (cd "$download" && npm pack --silent --ignore-scripts "amplify-dynamodb-simulator@$VERSION" >/dev/null)
    archive=$download/amplify-dynamodb-simulator-$VERSION.tgz
    found=sha512-$(openssl dgst -sha512 -binary "$archive" | openssl base64 -A)
    [[ $found == "$INTEGRITY" ]] || fail "the package is not the pinned one: $found"
    tar -xzf "$archive" -C "$download" package/emulator
    mkdir -p "$TOOLS"
    rm -rf "$FOLDER"
    mv "$download/package/emulator" "$FOLDER"
    rm -r "$download"
fi

log=$(mktemp)
stop() {
    kill "$engine" 2>/dev/null || true
    wait "$engine" 2>/dev/null || true
    rm -f "$log"
}
# Prints a port on which no process listens.
free_port() {
    local port
    for _ in {1..50}; do
        port=$((20000 + RANDOM % 20000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
    fail "no free port"
}
port=$(free_port)
# DynamoDB Local has no option for its address. It runs only during the tests and holds only test data, in memory.
java "-Djava.library.path=$FOLDER/DynamoDBLocal_lib" -jar "$FOLDER/DynamoDBLocal.jar" -inMemory -port "$port" >"$log" 2>&1 &
engine=$!
trap stop EXIT

endpoint=http://127.0.0.1:$port
for _ in {1..150}; do
    kill -0 "$engine" 2>/dev/null || { cat "$log" >&2; fail "DynamoDB Local ended"; }
    # Any answer is enough; an unsigned request gets a 400.
    curl --silent --output /dev/null --max-time 2 "$endpoint" && break
    sleep 0.2
done

echo "DynamoDB Local answers at $endpoint"
BELVEDERE_DYNAMODB_ENDPOINT=$endpoint cargo test --package event-store --lib -- "$@"
