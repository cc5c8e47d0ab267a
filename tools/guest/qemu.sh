# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The QEMU that runs the guests; sourced by tools/vm after tools/guest/image.sh.
#
#     $RVS_CACHE/guest/qemu/    Debian's package qemu-system-x86, of the suite that the
#                               build root is of, unpacked together with all that it
#                               depends on: nothing of it is the host's
#
# The host's own QEMU may not do. Linux patches its code while it runs (static keys,
# tracepoints), by way of a breakpoint. Before version 8.1 another emulated processor
# may keep a translation of that breakpoint, and the kernel then dies of it: "Oops:
# int3". A guest that patches a lot does so within a second. With the version taken
# here it is rare, but it still happens to a guest that patches busy code for minutes.

export QEMU_ROOT=$GUEST/qemu

# The accelerator, among other things, is a module.
export QEMU_MODULE_DIR=$QEMU_ROOT/usr/lib/x86_64-linux-gnu/qemu

# qemu_apt ARGUMENT...: apt-get of the build root, with its mirror and its keys but
# as if no package were installed, so that libraries are fetched as well.
qemu_apt() {
	local dir=/cache/guest/qemu.new
	"$RVS_TOP/tools/buildroot" apt-get -y -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Status=/dev/null -o "Dir::State::Lists=$dir/lists" \
		-o "Dir::Cache=$dir" -o "Dir::Cache::Archives=$dir/debs" "$@"
}

# find_qemu ROOT: sets EMULATOR to the command that runs the QEMU in ROOT. Its
# dynamic linker is told to pass over the host's libraries.
find_qemu() {
	EMULATOR=("$1/usr/lib64/ld-linux-x86-64.so.2" --inhibit-cache
		--library-path "$1/usr/lib/x86_64-linux-gnu" --argv0 qemu-system-x86_64
		"$1/usr/bin/qemu-system-x86_64" -L "$1/usr/share/qemu" -L "$1/usr/share/seabios")
}

# check_qemu ROOT: the QEMU in ROOT starts, and has all its libraries from there.
check_qemu() {
	local strangers
	find_qemu "$1"
	strangers=$("${EMULATOR[0]}" --list "${EMULATOR[@]:1:3}" "$1/usr/bin/qemu-system-x86_64" |
		awk -v root="$1/" '!/linux-vdso/ && index($0, root) == 0')
	[ -z "$strangers" ] || die "libraries of QEMU that are not in $1:" "$strangers"
	QEMU_MODULE_DIR=$1/usr/lib/x86_64-linux-gnu/qemu "${EMULATOR[@]}" -M none -accel help
	"${EMULATOR[@]}" --version
}

# make_qemu_root SUITE FUNCTION...: fetches the packages (apt verifies their
# signatures) and unpacks them, without manuals.
make_qemu_root() {
	local new=$QEMU_ROOT.new deb
	rm -rf --one-file-system "$new"
	mkdir -p "$new"/{lists,debs}/partial
	qemu_apt update -o APT::Update::Error-Mode=any
	qemu_apt install --download-only qemu-system-x86
	for deb in "$new"/debs/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$new" --wildcards \
			--exclude './usr/share/doc/*' --exclude './usr/share/man/*' \
			--exclude './usr/share/locale/*'
	done
	rm -r "$new"/{lists,debs} "$new"/*.bin
	check_qemu "$new"
	rm -rf --one-file-system "$QEMU_ROOT"
	mv "$new" "$QEMU_ROOT"
}

# guest_qemu: fetches QEMU unless it is there, and sets EMULATOR.
guest_qemu() {
	local functions
	find_qemu "$QEMU_ROOT"
	functions=$(declare -f qemu_apt find_qemu check_qemu)
	step_done guest/qemu '' make_qemu_root "$SUITE" "$functions" && return
	need_root
	need_debian
	need_space "$RVS_CACHE" 1
	need_network "$SUITE"
	step guest/qemu "fetching QEMU (48 MB)" make_qemu_root "$SUITE" "$functions"
}
