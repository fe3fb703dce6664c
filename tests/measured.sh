# The functions that scaffold.sh and system.sh share. Sourced by both.

SECONDS=0
said=$(mktemp)
clock=$(mktemp)
server=

# finish [CODE]: ends the script with this status, or with the status of the last command.
finish() {
    local code=${1:-$?}
    stop_server
    rm -f "$clock"
    ((code == 0)) || { tail -n 40 "$said" >&2; printf 'error: %s failed\n' "$0" >&2; }
    rm -f "$said"
    exit "$code"
}
trap finish EXIT

fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Sets $cpu to the CPU seconds of all processes that this script has waited for. `times` is of the calling shell, so this cannot run
# in a subshell.
cpu_seconds() {
    times >"$clock"
    cpu=$(awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); sum += t[1] * 60 + t[2] } printf "%d", sum }' "$clock")
}

# did WHAT: prints seconds and CPU seconds since the start of the script. The CPU time of a running server is not included.
did() {
    cpu_seconds
    printf '[%4d s, %4d CPU s] %s\n' "$SECONDS" "$cpu" "$*"
}

# quietly COMMAND…: runs a command whose output is shown only if the script fails.
quietly() { "$@" >>"$said" 2>&1; }

# serve ARGUMENT…: starts `cargo run` on a free port, and sets $url to its address.
serve() {
    local log deadline=$((SECONDS + 600))
    log=$(mktemp)
    # Compiled first, so that the process that is killed at the end is the program and not cargo.
    quietly cargo build --locked
    cargo run --quiet --locked -- --port 0 "$@" >"$log" 2>>"$said" &
    server=$!
    until url=$(sed -n 's|.* is ready at \(http://[^ ]*\).*|\1|p' "$log") && [[ -n $url ]]; do
        kill -0 "$server" 2>/dev/null || fail "the program ended before it was ready"
        ((SECONDS < deadline)) || fail "the program is not ready after 10 minutes"
        sleep 0.1
    done
    rm -f "$log"
}

stop_server() {
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    server=
}

# eventually PATH TEXT: waits until the answer to a GET contains the text.
eventually() {
    local answer deadline=$((SECONDS + 60))
    until answer=$(curl --silent --show-error --noproxy '*' "$url$1") && [[ $answer == *"$2"* ]]; do
        ((SECONDS < deadline)) || fail "the answer to GET $1 is $answer and does not contain $2"
        sleep 0.2
    done
}

# post PATH JSON: sends a POST and prints the answer.
post() {
    curl --silent --show-error --fail-with-body --noproxy '*' -H 'content-type: application/json' -d "$2" "$url$1"
}
