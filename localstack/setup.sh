#!/usr/bin/env bash
# Installs the tools for building, checking and deploying into .tools/ in the system's folder, or into BELVEDERE_TOOLS, and nowhere
# else. Does nothing when they are already installed. Needs python3 with venv, and PyPI.
#
#   localstack/setup.sh                  installs all tools
#   localstack/setup.sh sam ministack    installs only these
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

command -v python3 >/dev/null || fail "python3 is missing. On Debian: apt-get install python3 python3-venv"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail "python3 is older than 3.10"
python3 -c 'import ensurepip, venv' 2>/dev/null || fail "python3 has no venv module. On Debian: apt-get install python3-venv"

# install NAME: creates a virtual environment with exactly the packages of requirements-NAME.txt.
install() {
    local wanted target=$TOOLS/$1
    for wanted in "$SCRIPTS" "$SCRIPTS/../tests"; do
        wanted+=/requirements-$1.txt
        [[ -f $wanted ]] && break
    done
    [[ -f $wanted ]] || fail "there are no tools named $1"
    if cmp -s "$wanted" "$target/installed.txt"; then
        echo "setup: $1 tools are up to date"
        return
    fi
    echo "setup: installing the $1 tools into $target (the first time takes a minute or two)"
    rm -rf "$target"
    python3 -m venv "$target"
    "$target/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$wanted" \
        || fail "pip could not install $wanted. Is PyPI reachable? The lines above give the reason."
    # Written last, so that an interrupted installation is repeated.
    cp "$wanted" "$target/installed.txt"
}

mkdir -p "$TOOLS"
(($# > 0)) || set -- sam ministack schemathesis deny
# One environment per tool, because the tools pin different versions of the same packages.
for name; do
    install "$name"
done
