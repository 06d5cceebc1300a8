# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What every script here shares: where things are, how it speaks, how it asks for packages.
# Sourced, never run; the variables are for those who source it.
# shellcheck disable=SC2034

BALLAST_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
readonly BALLAST_ROOT

# Build products live outside the checkout, so that a second clone on the same machine starts warm.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$HOME/.cache/ballast/target}"
readonly BALLAST_CACHE="${BALLAST_CACHE:-$HOME/.cache/ballast}"
readonly BALLAST_BIN="$CARGO_TARGET_DIR/release/ballast"

# The one line a person sees when something cannot go on: what is wrong and what to do.
die() {
	printf '\nerror: %s\n' "$*" >&2
	exit 1
}

step() {
	printf '\n==> %s\n' "$*" >&2
}

note() {
	printf '    %s\n' "$*" >&2
}

have() {
	command -v "$1" >/dev/null 2>&1
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif have sudo; then
		sudo "$@"
	else
		return 127
	fi
}

# apt_install PACKAGE...: installs Debian or Ubuntu packages; the caller says what to do if it fails.
apt_install() {
	have apt-get || return 127
	local log="$BALLAST_CACHE/apt.log"
	mkdir -p "$BALLAST_CACHE"
	if [ -z "${BALLAST_APT_UPDATED:-}" ]; then
		note "apt-get update"
		as_root env DEBIAN_FRONTEND=noninteractive apt-get update >"$log" 2>&1 || true
		BALLAST_APT_UPDATED=1
	fi
	note "apt-get install $*"
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y --no-install-recommends "$@" >>"$log" 2>&1
}

# need_command COMMAND PACKAGE: the command exists, or its package gets installed, or we stop.
need_command() {
	local command="$1" package="$2"
	have "$command" && return 0
	step "Installing $package (for $command)"
	apt_install "$package" && have "$command" && return 0
	die "'$command' is missing and the package '$package' could not be installed (log:" \
		"$BALLAST_CACHE/apt.log); install it by hand and run this again"
}
