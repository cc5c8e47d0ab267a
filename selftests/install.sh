#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# `make install`, into a directory and onto the machine: what is put where, that whatever asks for
# a module of IPVS then gets that of rvs, and that `make uninstall` leaves the machine as it was.
#
# tools/install runs in a checkout that has been built; the guest has no compilers, so that one is put
# together out of what the guest was given.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

RELEASE=$(uname -r)
TREE=/usr/lib/modules/$RELEASE
CHECKOUT=$WORK/checkout
DEST=$WORK/dest
SCHEDULERS=(rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh twos)

loaded() {
	[ -d "/sys/module/$1" ]
}

fresh() {
	eventually 20 unload_engines >/dev/null
}

# make_checkout: as `make modules tools` leaves it. The modules move there, so that none is found but
# those that are installed.
make_checkout() {
	cp -r /vm/checkout "$CHECKOUT"
	mkdir -p "$CHECKOUT"/{tools/kernel,build/cargo/release}
	cp -r "$TREE/extra" "$CHECKOUT/build/modules"
	cp /usr/sbin/rvsadm "$CHECKOUT/build/cargo/release/"
	cat >"$CHECKOUT/tools/kernel/build" <<-END
		#!/bin/sh
		echo "$CHECKOUT/build/modules"
	END
	chmod +x "$CHECKOUT/tools/kernel/build"
	mv "$TREE/extra" "$WORK/extra"
	depmod
}

# restore: what other tests in this machine count on.
restore() {
	[ -d "$WORK/extra" ] || return 0
	rm -rf "$TREE/updates/rvs"
	cp -r "$WORK/extra" "$TREE/extra"
	depmod
}

# install_rvs [remove]: as the Makefile does it, with the compilers of this machine. DESTDIR is the caller's.
install_rvs() {
	KDIR=/none PREFIX=${PREFIX:-/usr/local} DESTDIR=${DESTDIR:-} "$CHECKOUT/tools/install" "$@" 2>"$WORK/said"
}

# files DIRECTORY...: all that is in them.
files() {
	find "$@" -xdev ! -type d 2>/dev/null | sort
}

# machine: all of the machine that an installation could change.
machine() {
	files /etc /usr/local "$TREE/updates" "$TREE/extra"
	grep -c . "$TREE/modules.dep"
	grep -c rvs "$TREE/modules.dep" || true
}

# wanted PREFIX: the files of an installation.
wanted() {
	local page
	echo /etc/modprobe.d/rvs.conf
	(cd "$WORK/extra" && printf "/lib/modules/$RELEASE/updates/rvs/%s\n" *.ko)
	for page in /vm/checkout/Documentation/man/*.8; do
		echo "$1/share/man/man8/${page##*/}"
	done
	echo "$1/sbin/rvsadm"
	echo "$1/share/rvs/schema.json"
	echo "$1/share/bash-completion/completions/rvsadm"
	echo "$1/share/zsh/site-functions/_rvsadm"
	echo "$1/share/fish/vendor_completions.d/rvsadm.fish"
}

into_directory() {
	local before
	before=$(machine)
	rm -rf "$DEST"
	PREFIX=/usr DESTDIR=$DEST install_rvs
	same "$(wanted /usr | sort)" "$(files "$DEST" | sed "s:^$DEST::")"
	grep -q "$DEST/etc/modprobe.d/rvs.conf" "$WORK/said"
	"$DEST/usr/sbin/rvsadm" --version | grep -q rvsadm
	grep -q rvsadm "$DEST/usr/share/bash-completion/completions/rvsadm"
	python3 -m json.tool "$DEST/usr/share/rvs/schema.json" >/dev/null
	# Once more is the same, and nothing of the machine was touched.
	PREFIX=/usr DESTDIR=$DEST install_rvs
	same "$(wanted /usr | sort)" "$(files "$DEST" | sed "s:^$DEST::")"
	PREFIX=/usr DESTDIR=$DEST install_rvs remove
	same "" "$(files "$DEST")"
	same "$before" "$(machine)"
}

# resolves NAME MODULE [ROOT]: what modprobe would load for a name in the end.
resolves() {
	modprobe ${3:+-d "$3" -C "$3/etc/modprobe.d"} -S "$RELEASE" -n -v "$1" >"$WORK/plan" 2>&1 || true
	tail -n 1 "$WORK/plan" | grep -q "/updates/rvs/$2\.ko" && ! grep -qE '/(ip_vs|xt_ipvs)[a-z_]*\.ko' "$WORK/plan" || {
		echo "$1 is not $2:"
		cat "$WORK/plan"
		return 1
	}
}

# all_resolve [ROOT]: every name that IPVS and its clients ask for, in an installation.
all_resolve() {
	local name
	resolves ip_vs rvs_ipvs "$@"
	resolves xt_ipvs rvs_xt "$@"
	for name in "${SCHEDULERS[@]}"; do
		resolves "ip_vs_$name" "rvs_$name" "$@"
	done
	resolves net-pf-16-proto-16-family-IPVS rvs_ipvs "$@"
	resolves ipt_ipvs rvs_xt "$@"
	resolves ip6t_ipvs rvs_xt "$@"
}

# An image that has a kernel.
into_image() {
	rm -rf "$DEST"
	mkdir -p "$DEST/lib/modules/$RELEASE"
	cp "$TREE"/modules.{order,builtin,builtin.modinfo} "$DEST/lib/modules/$RELEASE/"
	cp -r "$TREE/kernel" "$DEST/lib/modules/$RELEASE/"
	DESTDIR=$DEST install_rvs
	all_resolve "$DEST"
	DESTDIR=$DEST install_rvs remove
	fails resolves ip_vs rvs_ipvs "$DEST" >/dev/null
	grep -q '/ip_vs\.ko' "$WORK/plan"
	fails grep -q rvs "$DEST/lib/modules/$RELEASE/modules.dep"
	rm -rf "$DEST"
}

onto_the_machine() {
	local before name
	fresh
	before=$(machine)
	install_rvs
	all_resolve
	for name in ip_vs xt_ipvs "${SCHEDULERS[@]/#/ip_vs_}"; do
		modprobe "$name"
		fails loaded "$name"
	done
	for name in ipvs xt "${SCHEDULERS[@]}"; do
		loaded "rvs_$name"
	done
	same "$TREE/updates/rvs/rvs_ipvs.ko" "$(readlink -f "$(modinfo -n rvs_ipvs)")"
	fresh
	# A client by itself: the family, and the scheduler that it names.
	ipvsadm -A -t 10.9.9.9:80 -s mh
	ipvsadm -Ln | grep -q '10.9.9.9:80 mh'
	loaded rvs_mh
	/usr/local/sbin/rvsadm --version >/dev/null
	ipvsadm -C
	fresh
	install_rvs remove
	same "$before" "$(machine)"
	modprobe ip_vs
	loaded ip_vs
	fresh
}

# As it is said when it is installed, and in Documentation/migrating.md.
going_back() {
	fresh
	install_rvs
	modprobe ip_vs
	loaded rvs_ipvs
	grep -q 'to go back to ip_vs remove it, then: modprobe -r rvs_ipvs; modprobe ip_vs' "$WORK/said"
	rm /etc/modprobe.d/rvs.conf
	modprobe -r rvs_ipvs
	modprobe ip_vs
	loaded ip_vs
	fails loaded rvs_ipvs
	ipvsadm -A -t 10.9.9.9:80 -s rr
	loaded ip_vs_rr
	fails loaded rvs_rr
	ipvsadm -C
	fresh
	# And forth.
	install_rvs
	ipvsadm -Ln >/dev/null
	loaded rvs_ipvs
	fresh
	install_rvs remove
}

without_kernel() {
	mv "$TREE" "$TREE.away"
	install_rvs && echo "should have failed" || true
	mv "$TREE.away" "$TREE"
	grep -q "the kernel $RELEASE is not installed on this machine" "$WORK/said"
	[ ! -e /etc/modprobe.d/rvs.conf ]
}

trap 'status=$?; restore; (exit "$status"); ended' EXIT
make_checkout
ktap_case "into a directory, and out of it" into_directory
ktap_case "into an image with a kernel" into_image
ktap_case "onto the machine, and away again" onto_the_machine
ktap_case "back to ip_vs, and forth" going_back
ktap_case "for a kernel that is not there" without_kernel
ktap_run
