# What scaffold.sh and system.sh share. Sourced by each.

SECONDS=0
said=$(mktemp)
clock=$(mktemp)
server=

# finish [CODE]: how the script ends; with the status of the last command, unless another one is given.
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

# The CPU seconds of everything that this script has waited for: `times` counts for the shell that calls it, so no subshell.
cpu_seconds() {
    times >"$clock"
    cpu=$(awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); sum += t[1] * 60 + t[2] } printf "%d", sum }' "$clock")
}

# did WHAT: seconds and CPU seconds since the script began. A server's CPU time is not in it: it has not ended.
did() {
    cpu_seconds
    printf '[%4d s, %4d CPU s] %s\n' "$SECONDS" "$cpu" "$*"
}

# quietly COMMAND…: what it prints is shown only if something fails.
quietly() { "$@" >>"$said" 2>&1; }

# serve ARGUMENT…: `cargo run` on a free port; its address is in $url.
serve() {
    local log deadline=$((SECONDS + 600))
    log=$(mktemp)
    # Compiled first, so that what is killed at the end is the program and not cargo.
    quietly cargo build --locked
    cargo run --quiet --locked -- --port 0 "$@" >"$log" 2>>"$said" &
    server=$!
    until url=$(sed -n 's|.* is ready at \(http://[^ ]*\).*|\1|p' "$log") && [[ -n $url ]]; do
        kill -0 "$server" 2>/dev/null || fail "the program ended"
        ((SECONDS < deadline)) || fail "the program is not ready"
        sleep 0.1
    done
    rm -f "$log"
}

stop_server() {
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    server=
}

# eventually PATH TEXT: waits until the answer of a GET has the text in it.
eventually() {
    local answer deadline=$((SECONDS + 60))
    until answer=$(curl --silent --show-error --noproxy '*' "$url$1") && [[ $answer == *"$2"* ]]; do
        ((SECONDS < deadline)) || fail "$1 answers $answer, and not $2"
        sleep 0.2
    done
}

# post PATH JSON
post() {
    curl --silent --show-error --fail-with-body --noproxy '*' -H 'content-type: application/json' -d "$2" "$url$1"
}
