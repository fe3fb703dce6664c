# What the scripts of this folder share. Sourced, from the checkout's root.

STACK=${BELVEDERE_STACK:-belvedere}
PORT=${EMULATOR_PORT:-4566}
RUN=.tools/run
EMULATOR=http://127.0.0.1:$PORT

SECONDS=0
say() { printf '[%3ds] %s\n' "$SECONDS" "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Emulators take any credentials; real ones must never get here.
emulator_credentials() {
    unset AWS_PROFILE AWS_SESSION_TOKEN AWS_SECURITY_TOKEN
    export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
    export AWS_DEFAULT_REGION=us-east-1 AWS_REGION=us-east-1
    export SAM_CLI_TELEMETRY=0
}

# The emulator behind a URL: ministack, localstack, or nothing.
emulator_at() {
    local health
    if health=$(curl --silent --max-time 5 "$1/_ministack/health") && [[ $health == *'"services"'* ]]; then
        echo ministack
    elif health=$(curl --silent --max-time 5 "$1/_localstack/health") && [[ $health == *'"services"'* ]]; then
        echo localstack
    fi
}

# Whether the MiniStack that up.sh started is still there.
own_ministack_runs() {
    [[ -f $RUN/ministack.pid ]] && [[ $(ps -o args= -p "$(<"$RUN/ministack.pid")" 2>/dev/null) == *ministack* ]]
}

# signed URL [curl options]: a call as AWS_IAM wants it.
signed() {
    local url=$1
    shift
    curl --silent --max-time 30 --aws-sigv4 aws:amz:us-east-1:execute-api --user test:test "$@" "$url"
}

# The functions of template.yaml by their names without the stack's, each with its binary.
functions_and_binaries() {
    awk '/FunctionName:/ { sub(/.*StackName\}-/, ""); name = $0 } /CodeUri:/ { sub(/.*\//, ""); print name, $0 }' template.yaml
}

functions() {
    functions_and_binaries | cut -d' ' -f1 | paste -sd' '
}

# The package that a binary is built from: its own, or the one that knows every part.
package_of() {
    if [[ -f functions/$1/src/main.rs ]]; then echo "$1"; else echo system; fi
}

# The binary of a function.
binary_of() {
    local binary
    binary=$(functions_and_binaries | awk -v name="$1" '$1 == name { print $2 }')
    [[ -n $binary ]] || fail "there is no function $1. There are: $(functions)"
    echo "$binary"
}
