# What the scripts of this folder share. Sourced by each. Changes to the root of the system that they work on, so a path without
# a folder of its own (template.yaml, localstack/events, target, $RUN) is the system's; what comes with the scripts is in $SCRIPTS.
#
#   SYSTEM_ROOT       the system's folder (the checkout that the scripts are in)
#   BELVEDERE_TOOLS   where setup.sh installs (.tools in the system's folder); several systems can share it
#   BELVEDERE_STACK   name of the stack (stack_name in samconfig.toml)
#   BELVEDERE_RUN     the command that calls these scripts by their names, in a system that has one
#   EMULATOR_PORT     port for MiniStack (4566)

SECONDS=0
say() { printf '[%3ds] %s\n' "$SECONDS" "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

SCRIPTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Relative names are relative to where the user is.
TOOLS=${BELVEDERE_TOOLS:+$(realpath --canonicalize-missing "$BELVEDERE_TOOLS")}
cd "${SYSTEM_ROOT:-$SCRIPTS/..}" 2>/dev/null || fail "SYSTEM_ROOT is $SYSTEM_ROOT, and there is no such folder"
[[ -f samconfig.toml ]] || fail "$PWD has no samconfig.toml: SYSTEM_ROOT has to be the folder of a system"
TOOLS=${TOOLS:-$PWD/.tools}
export SYSTEM_ROOT=$PWD BELVEDERE_TOOLS=$TOOLS

STACK=${BELVEDERE_STACK:-$(sed -n 's/^stack_name *= *"\([^"]*\)".*/\1/p' samconfig.toml | head -n 1)}
[[ -n $STACK ]] || fail "$PWD/samconfig.toml has no stack_name. Add it, or set BELVEDERE_STACK"
PORT=${EMULATOR_PORT:-4566}
EMULATOR=http://127.0.0.1:$PORT
RUN=.tools/run

# typed SCRIPT: the command that runs it, as the user typed this one.
typed() {
    if [[ -n ${BELVEDERE_RUN:-} ]]; then echo "$BELVEDERE_RUN $1"; else echo "$(dirname "$0")/$1.sh"; fi
}

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

# packages_with KIND NAME: the packages of the workspace that have this target, of the kind bin, test, ….
packages_with() {
    cargo metadata --locked --no-deps --format-version 1 | python3 -c '
import json, sys
kind, name = sys.argv[1:]
for package in json.load(sys.stdin)["packages"]:
    if any(target["name"] == name and kind in target["kind"] for target in package["targets"]):
        print(package["name"])' "$1" "$2"
}

# The binary of a function.
binary_of() {
    local binary
    binary=$(functions_and_binaries | awk -v name="$1" '$1 == name { print $2 }')
    [[ -n $binary ]] || fail "there is no function $1. There are: $(functions)"
    echo "$binary"
}
