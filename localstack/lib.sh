# The functions that the scripts of this folder share. Sourced by each. Changes to the root of the system, so relative paths
# (template.yaml, localstack/events, target, $RUN) are in the system; files that come with the scripts are in $SCRIPTS.
#
#   SYSTEM_ROOT       the system's folder (default: the checkout that contains the scripts)
#   BELVEDERE_TOOLS   the folder of the tools that setup.sh installs (.tools in the system's folder); several systems can share it
#   BELVEDERE_STACK   the name of the stack (stack_name in samconfig.toml)
#   BELVEDERE_RUN     the command of the system that runs these scripts by name, if it has one
#   EMULATOR_PORT     the port of MiniStack (4566)

SECONDS=0
say() { printf '[%3ds] %s\n' "$SECONDS" "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

SCRIPTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# A relative BELVEDERE_TOOLS is relative to the user's current folder.
TOOLS=${BELVEDERE_TOOLS:+$(realpath --canonicalize-missing "$BELVEDERE_TOOLS")}
cd "${SYSTEM_ROOT:-$SCRIPTS/..}" 2>/dev/null || fail "SYSTEM_ROOT is $SYSTEM_ROOT, which is not a folder"
[[ -f samconfig.toml ]] || fail "$PWD has no samconfig.toml: SYSTEM_ROOT must be the folder of a system"
TOOLS=${TOOLS:-$PWD/.tools}
export SYSTEM_ROOT=$PWD BELVEDERE_TOOLS=$TOOLS

STACK=${BELVEDERE_STACK:-$(sed -n 's/^stack_name *= *"\([^"]*\)".*/\1/p' samconfig.toml | head -n 1)}
[[ -n $STACK ]] || fail "$PWD/samconfig.toml has no stack_name. Add it, or set BELVEDERE_STACK"
PORT=${EMULATOR_PORT:-4566}
EMULATOR=http://127.0.0.1:$PORT
RUN=.tools/run

# typed SCRIPT: prints the command that runs another script in the way in which the user ran this one.
typed() {
    if [[ -n ${BELVEDERE_RUN:-} ]]; then echo "$BELVEDERE_RUN $1"; else echo "$(dirname "$0")/$1.sh"; fi
}

# Replaces the credentials. Emulators accept any, and real ones must not reach them.
emulator_credentials() {
    unset AWS_PROFILE AWS_SESSION_TOKEN AWS_SECURITY_TOKEN
    export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
    export AWS_DEFAULT_REGION=us-east-1 AWS_REGION=us-east-1
    export SAM_CLI_TELEMETRY=0
}

# emulator_at URL: prints ministack, localstack, or nothing.
emulator_at() {
    local health
    if health=$(curl --silent --max-time 5 "$1/_ministack/health") && [[ $health == *'"services"'* ]]; then
        echo ministack
    elif health=$(curl --silent --max-time 5 "$1/_localstack/health") && [[ $health == *'"services"'* ]]; then
        echo localstack
    fi
}

# Succeeds when the MiniStack that up.sh started is running.
own_ministack_runs() {
    [[ -f $RUN/ministack.pid ]] && [[ $(ps -o args= -p "$(<"$RUN/ministack.pid")" 2>/dev/null) == *ministack* ]]
}

# signed URL [curl options]: sends a request with the signature that AWS_IAM requires.
signed() {
    local url=$1
    shift
    curl --silent --max-time 30 --aws-sigv4 aws:amz:us-east-1:execute-api --user test:test "$@" "$url"
}

# Prints the name of each function of template.yaml without the stack's name, and its binary.
functions_and_binaries() {
    awk '/FunctionName:/ { sub(/.*StackName\}-/, ""); name = $0 } /CodeUri:/ { sub(/.*\//, ""); print name, $0 }' template.yaml
}

functions() {
    functions_and_binaries | cut -d' ' -f1 | paste -sd' '
}

# packages_with KIND NAME: prints the packages of the workspace with this target of this kind (bin, test, …).
packages_with() {
    cargo metadata --locked --no-deps --format-version 1 | python3 -c '
import json, sys
kind, name = sys.argv[1:]
for package in json.load(sys.stdin)["packages"]:
    if any(target["name"] == name and kind in target["kind"] for target in package["targets"]):
        print(package["name"])' "$1" "$2"
}

# binary_of FUNCTION: prints the binary of a function.
binary_of() {
    local binary
    binary=$(functions_and_binaries | awk -v name="$1" '$1 == name { print $2 }')
    [[ -n $binary ]] || fail "there is no function $1. The functions are: $(functions)"
    echo "$binary"
}
