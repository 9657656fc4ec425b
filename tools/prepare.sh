#!/usr/bin/env bash
# Sets up .venv with this project in it: `prepare.sh use` to run it, `prepare.sh dev` to test it.
# As root it installs what Debian's packages must bring; else it says what is missing and goes on.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-use}

say() { printf 'prepare: %s\n' "$*" >&2; }

fit() { # command ; whether it is Python 3.11 or newer
    command -v "$1" >/dev/null && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() { # the first that fits; PYTHON=… alone when it is set
    local candidate
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if fit "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

apt_install() { # package... ; quiet, and never a reason to fail
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@"; } >/dev/null 2>&1
}

make_venv() { # a half-made .venv of an earlier attempt is made anew
    rm -rf .venv
    "$python" -m venv .venv >/dev/null 2>&1
}

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python) || { apt_install python3 python3-venv && python=$(find_python); } || {
        say "Python 3.11 or newer is needed, and ${PYTHON:-python3} is none (set PYTHON=…)"
        exit 2
    }
    make_venv || { apt_install python3-venv && make_venv; } || {
        say "$python -m venv does not work: install it (Debian: apt-get install python3-venv)"
        exit 2
    }
fi

extras() { # every optional part that pyproject.toml names: the tests of a part that is absent are skipped
    .venv/bin/python -c 'import tomllib
with open("pyproject.toml", "rb") as file:
    print(",".join(tomllib.load(file)["project"]["optional-dependencies"]))'
}

install() { # requirement
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -e "$1"
}

install_dev() {
    install ".[$(extras)]" && return
    say "not every optional part could be installed: their tests will be skipped"
    install ".[dev]"
}

stamp=.venv/.prepared-$kind
if [ ! -e "$stamp" ] || [ pyproject.toml -nt "$stamp" ]; then
    case $kind in
        dev) install_dev ;;
        *) install . ;;
    esac || {
        say "pip could not install what pyproject.toml names (above it says why)"
        exit 2
    }
    touch "$stamp"
fi

if ! command -v tshark >/dev/null; then
    apt_install tshark || say "tshark is missing (Debian: apt-get install tshark): going on with the native reader"
fi
