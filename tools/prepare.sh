#!/usr/bin/env bash
# Sets up .venv with this project in it: `prepare.sh` for use, `prepare.sh dev` with the tests' tools.
# As root it installs what Debian's packages must bring; else it says what is missing and goes on.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-use}
python=${PYTHON:-python3}

say() { printf 'prepare: %s\n' "$*" >&2; }

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    say "Python 3.11 or newer is needed; $("$python" --version) was found (set PYTHON=…)"
    exit 2
}

apt_install() { # package... ; quiet, and never a reason to fail
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@"; } >/dev/null 2>&1
}

if [ ! -x .venv/bin/python ]; then
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
        rm -rf .venv
        apt_install python3-venv || say "python3-venv is missing: install it (Debian: apt-get install python3-venv)"
        "$python" -m venv .venv
    fi
fi

stamp=.venv/.prepared-$kind
if [ ! -e "$stamp" ] || [ pyproject.toml -nt "$stamp" ]; then
    what=.
    [ "$kind" = dev ] && what=".[dev]"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -e "$what"
    touch "$stamp"
fi

if ! command -v tshark >/dev/null; then
    apt_install tshark || say "tshark is missing (Debian: apt-get install tshark): going on with the native reader"
fi
