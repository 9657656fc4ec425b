#!/usr/bin/env bash
# Installs the counterparts that some tests need, as root; else says which are missing. Each is a
# Debian package, or package:command where its command is called otherwise.
set -uo pipefail
missing=()
for counterpart in "$@"; do
    command -v "${counterpart#*:}" >/dev/null || missing+=("${counterpart%%:*}")
done
[ ${#missing[@]} = 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null && exit 0
fi
printf 'peers: not installed: %s; the tests that need them will be skipped\n' "${missing[*]}" >&2
