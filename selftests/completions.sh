#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Completion in bash, zsh and fish: with what the kernel has, in real shells.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# offered_bash LINE: what bash would offer.
offered_bash() {
	COMP_LINE=$1 COMP_POINT=${#1}
	_rvsadm
	paste -sd' ' < <(printf '%s\n' "${COMPREPLY[@]}")
}

# offered_fish LINE: what fish offers.
offered_fish() {
	in_ns adm fish --no-config -c "rvsadm completions fish | source; complete -C '$1'" |
		cut -f 1 | paste -sd' '
}

rvsadm() {
	in_ns adm rvsadm "$@"
}

in_bash() {
	# shellcheck source=/dev/null
	source <(rvsadm completions bash)
	same "192.0.2.1:80" "$(offered_bash "rvsadm service show tcp 192")"
	same "192.0.2.9:53" "$(offered_bash "rvsadm service del udp 1")"
	[[ $(offered_bash "rvsadm service del udp ") == "192.0.2.9:53 [2001:db8::9]:53 "* ]]
	# Bash takes what follows the last colon for the word.
	same "80" "$(offered_bash "rvsadm service show tcp 192.0.2.1:8")"
	same "10.0.1.11:80 10.0.1.12:80" "$(offered_bash "rvsadm server del tcp 192.0.2.1:80 10")"
	same "192.0.2.1:80" "$(offered_bash "rvsadm conn list --service tcp 19")"
	[[ $(offered_bash "rvsadm conn list --service ") == "fwmark sctp tcp udp"* ]]
	same "10.0.1.11:80 10.0.1.12:80" "$(offered_bash "rvsadm conn kill --server 10.0.1")"
	same "established" "$(offered_bash "rvsadm conn list --state est")"
	same "wlc" "$(offered_bash "rvsadm service set tcp 192.0.2.1:80 --scheduler wl")"
	same "doctor" "$(offered_bash "rvsadm doc")"
	same "192.0.2.1" "$(offered_bash "rvsadm doctor --vip 192.0.2.1")"
	same "adm" "$(offered_bash "rvsadm -n ad")"
}

# has SHELL: skips the case on a machine that does not.
has() {
	type -P "$1" >/dev/null || ktap_skip "there is no $1 here"
}

in_fish() {
	has fish
	same "192.0.2.1:80" "$(offered_fish "rvsadm service show tcp 192")"
	same "192.0.2.1:80" "$(offered_fish "rvsadm service show tcp 192.0.2.1:8")"
	same "10.0.1.11:80 10.0.1.12:80" "$(offered_fish "rvsadm server del tcp 192.0.2.1:80 10")"
	same "[2001:db8::9]:53" "$(offered_fish "rvsadm service del udp [")"
	same "doctor" "$(offered_fish "rvsadm doc")"
}

# zsh ANSWER COMMAND...: at a terminal with zsh.
zsh() {
	same "$1" "$(TALKER=zsh talk "${@:2}")"
}

# completes LINE RESULT: a tab makes this of it.
completes() {
	zsh typed type "\\x15$1\\t"
	zsh yes await "$2"
	zsh typed type '\x15'
}

in_zsh() {
	has zsh
	local functions=$WORK/functions
	mkdir -p "$functions"
	rm -f "$WORK"/zsh.*
	rvsadm completions zsh >"$functions/_rvsadm"
	start_talker zsh in_ns adm python3 -IS "$SELFTESTS/terminal.py" 120 30 \
		env "HOME=$WORK" zsh -f
	if [ "$1" = sourced ]; then
		zsh typed type "autoload -Uz compinit; compinit -u; source $functions/_rvsadm; echo go\$((3 + 2))d\\n"
	else
		zsh typed type "fpath=($functions \$fpath); autoload -Uz compinit; compinit -u; echo go\$((3 + 2))d\\n"
	fi
	zsh yes await go5d
	completes 'rvsadm service show tcp 192' 'rvsadm service show tcp 192.0.2.1:80'
	completes 'rvsadm service show tcp 192.0.2.1:8' 'rvsadm service show tcp 192.0.2.1:80'
	completes 'rvsadm server del tcp 192.0.2.1:80 10.0.1.12' 'rvsadm server del tcp 192.0.2.1:80 10.0.1.12:80'
	completes 'rvsadm doc' 'rvsadm doctor'
	zsh typed type 'exit\n'
	TALKER=zsh talk end
}

engine rvs
SITES=(adm)
ip netns add adm
ip -n adm link set lo up
adm_rules() {
	cat <<-END
		-A -t 192.0.2.1:80 -s rr
		-a -t 192.0.2.1:80 -r 10.0.1.11:80 -g
		-a -t 192.0.2.1:80 -r 10.0.1.12:80 -g
		-A -t [2001:db8::1]:80 -s rr
		-A -u 192.0.2.9:53 -s rr
		-A -u [2001:db8::9]:53 -s rr
	END
}
adm_rules | rvsadm -R
ktap_case "bash" in_bash
ktap_case "fish" in_fish
ktap_case "zsh, sourced" in_zsh sourced
ktap_case "zsh, from its directory of functions" in_zsh autoloaded
ktap_run
