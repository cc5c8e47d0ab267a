# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every script under tools/ shares. Source it first:
#
#     set -euo pipefail
#     . "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
#
# Everything that is fetched or built outside the checkout lives in one cache
# directory, $RVS_CACHE. It can be deleted at any time and is then made again.

RVS_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
RVS_CACHE=${RVS_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/rvs}
export RVS_TOP RVS_CACHE

# Seconds that one attempt to reach the mirror may take.
RVS_NET_TIMEOUT=${RVS_NET_TIMEOUT:-20}
export RVS_NET_TIMEOUT

# say TEXT...: a progress line for the person at the terminal.
say() {
	printf '==> %s\n' "$*" >&2
}

# die MSG [LINE...]: prints the message, then further lines indented, and ends.
die() {
	printf 'error: %s\n' "$1" >&2
	shift
	[ $# -eq 0 ] || printf '       %s\n' "$@" >&2
	exit 1
}

# need_root: making chroots and mounting needs root.
need_root() {
	[ "$(id -u)" -eq 0 ] ||
		die "this must run as root" "Try again with sudo."
}

# need_debian: Debian 12 or newer on amd64, or a clear refusal.
need_debian() {
	local id name version arch
	[ -r /etc/os-release ] || die "cannot read /etc/os-release: is this Debian?"
	# shellcheck source=/dev/null
	id=$(. /etc/os-release && echo "${ID:-unknown}")
	# shellcheck source=/dev/null
	name=$(. /etc/os-release && echo "${PRETTY_NAME:-${ID:-unknown}}")
	# Testing and unstable carry no VERSION_ID; they are newer than 12.
	# shellcheck source=/dev/null
	version=$(. /etc/os-release && echo "${VERSION_ID:-999}")
	arch=$(uname -m)
	[ "$id" = debian ] || die "unsupported distribution: $name" \
		"The build root is made with Debian's own tools: use Debian 12 or newer," \
		"or build against your own kernel tree with 'make modules KDIR=/path'."
	[ "${version%%.*}" -ge 12 ] || die "$name is too old: Debian 12 or newer is needed"
	[ "$arch" = x86_64 ] || die "unsupported architecture: $arch (only amd64 is supported)"
}

# need_space DIR GIB: the file system that holds (or will hold) DIR has room.
need_space() {
	local dir=$1 need=$2 free
	while [ ! -d "$dir" ]; do
		dir=$(dirname "$dir")
	done
	free=$(($(df -Pk "$dir" | awk 'NR == 2 { print $4 }') / 1048576))
	[ "$free" -ge "$need" ] || die "not enough disk space for $1" \
		"needed: $need GiB, free: $free GiB" \
		"Free some space, or set RVS_CACHE to a directory on a larger disk."
}

# host_targets: URI of each Debian archive that the host's apt is set up with.
host_targets() {
	# shellcheck disable=SC2016 # Not variables of the shell.
	apt-get indextargets --format '$(SITE)' \
		'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 2>/dev/null | sort -u
}

# mirror: prints the URI of the Debian mirror to use: RVS_MIRROR, or the one
# that the host's own apt uses.
mirror() {
	local uri
	if [ -n "${RVS_MIRROR:-}" ]; then
		echo "$RVS_MIRROR"
		return
	fi
	uri=$(host_targets | head -n 1)
	if [ -z "$uri" ]; then # The index files may never have been fetched.
		apt-get update >/dev/null 2>&1 || true
		uri=$(host_targets | head -n 1)
	fi
	case $uri in
	mirror+file:*)
		uri=$(awk '/^[a-z]+:/ { print $1; exit }' "/${uri#mirror+file:*/}")
		;;
	esac
	[ -n "$uri" ] || die "no Debian mirror is configured on this machine" \
		"Name one with RVS_MIRROR=URI (the URI that a sources.list line would have)."
	echo "${uri%/}"
}

# need_network [SUITE]: the mirror answers and carries the suite.
need_network() {
	local suite=${1:-trixie} uri tmp reason
	uri=$(mirror)
	tmp=$(mktemp -d)
	if ! reason=$(timeout "$RVS_NET_TIMEOUT" /usr/lib/apt/apt-helper \
		-o Acquire::Retries=0 -o APT::Sandbox::User=root \
		download-file "$uri/dists/$suite/InRelease" "$tmp/InRelease" 2>&1); then
		rm -rf "$tmp"
		die "the Debian mirror $uri does not answer (or has no '$suite')" \
			"$(grep '^E:' <<<"$reason" | head -n 1)" \
			"Check the network and the proxy of apt, or name another mirror" \
			"with RVS_MIRROR=URI."
	fi
	rm -rf "$tmp"
}

# host_packages PKG...: installs on the host those of the packages it lacks.
host_packages() {
	local missing=() pkg
	for pkg in "$@"; do
		dpkg-query -W -f '${db:Status-Status}' "$pkg" 2>/dev/null | grep -qx installed ||
			missing+=("$pkg")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	need_root
	say "installing on this machine: ${missing[*]}"
	mkdir -p "$RVS_CACHE"
	local log=$RVS_CACHE/host-packages.log
	if [ -z "${RVS_APT_UPDATED:-}" ]; then
		apt-get update >"$log" 2>&1 || fail_with_log "apt-get update failed" "$log"
		export RVS_APT_UPDATED=1
	fi
	DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
		"${missing[@]}" >>"$log" 2>&1 ||
		fail_with_log "could not install ${missing[*]}" "$log"
}

# fail_with_log MSG LOG: ends with the last lines of a log.
fail_with_log() {
	printf '%s\n' "--- the last lines of $2:" >&2
	tail -n 25 "$2" >&2
	printf '%s\n' '---' >&2
	die "$1"
}

# with_lock NAME COMMAND...: runs the command (or function) while holding the
# lock NAME of the cache. A lock that this run already holds is not taken twice.
with_lock() {
	local name=$1 fd
	shift
	case " ${RVS_LOCKS:-} " in
	*" $name "*)
		"$@"
		return
		;;
	esac
	mkdir -p "$RVS_CACHE"
	exec {fd}>"$RVS_CACHE/$name.lock"
	if ! flock -n "$fd"; then
		say "another run is busy with $name, waiting for it"
		flock "$fd"
	fi
	RVS_LOCKS="${RVS_LOCKS:-} $name" "$@"
	exec {fd}>&-
}

# step NAME TEXT FUNCTION [ARG...]: runs FUNCTION ARG... once.
#
# NAME is a path below the cache; its first component names the lock. The step
# is skipped when $RVS_CACHE/NAME.stamp says that it succeeded with the same
# function body and the same arguments, so pass as arguments everything that
# the result depends on. The function runs in a bash of its own with `set -euo
# pipefail`: it sees all functions and the exported variables. Its output goes
# to $RVS_CACHE/NAME.log (V=1 shows it as well). It must begin by removing what
# an interrupted run may have left.
step() {
	local name=$1
	if ! step_done "$@"; then
		with_lock "${name%%/*}" step_run "$@"
	fi
}

# step_key FUNCTION [ARG...]: a hash of what the step does.
step_key() {
	{
		declare -f "$1"
		printf '%s\n' "$@"
	} | sha256sum | cut -c 1-32
}

# step_done NAME TEXT FUNCTION [ARG...]: the stamp of the step is there and fits.
step_done() {
	local stamp=$RVS_CACHE/$1.stamp
	[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(step_key "${@:3}")" ]
}

# step_run NAME TEXT FUNCTION [ARG...]: the part of step() under the lock.
step_run() {
	local text=$2 log=$RVS_CACHE/$1.log stamp=$RVS_CACHE/$1.stamp
	local start=$SECONDS rc=0
	step_done "$@" && return # Another run may have done it meanwhile.
	shift 2
	mkdir -p "$(dirname "$log")"
	rm -f "$stamp"
	say "$text ..."
	if [ "${V:-0}" = 1 ]; then
		step_body "$@" 2>&1 | tee "$log" >&2 || rc=$?
	else
		step_body "$@" >"$log" 2>&1 || rc=$?
	fi
	[ "$rc" -eq 0 ] || fail_with_log "this step failed: $text" "$log"
	mkdir -p "$(dirname "$stamp")"
	step_key "$@" >"$stamp.new"
	mv "$stamp.new" "$stamp"
	say "$text: done in $((SECONDS - start)) s"
}

# step_body FUNCTION [ARG...]: a bash of its own, because errexit does not work
# in a function that is called in a condition.
step_body() {
	bash -c "$(declare -f)"$'\nset -euo pipefail\n"$@"' "$1" "$@" </dev/null
}

# remove_cache: removes what the scripts put there, and nothing else.
remove_cache() {
	local name
	for name in buildroot kernel guest cargo apt crates; do
		rm -rf --one-file-system "${RVS_CACHE:?}/$name" "$RVS_CACHE/$name".*
	done
	rm -f "$RVS_CACHE"/machine-*.lock
	rmdir "$RVS_CACHE" 2>/dev/null || true
}
