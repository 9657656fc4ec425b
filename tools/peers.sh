#!/usr/bin/env bash
# Installs the counterparts that some tests need (Debian packages), as root; else says which are missing.
set -uo pipefail
missing=()
for package in "$@"; do
    command -v "$package" >/dev/null || missing+=("$package")
done
[ ${#missing[@]} = 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null && exit 0
fi
printf 'peers: not installed: %s; the tests that need them will be skipped\n' "${missing[*]}" >&2
