# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What a guest boots from; sourced by tools/vm after tools/lib/common.sh.
#
#     $RVS_CACHE/guest/root.erofs          Debian with the packages of tools/guest/packages
#     $RVS_CACHE/guest/busybox             a static busybox out of it
#     $RVS_CACHE/guest/kernel-NAME/        one kernel:
#         image                            what QEMU boots
#         release                          as `uname -r` prints it
#         modules/usr/lib/modules/RELEASE/ its modules, unpacked, and the files of depmod
#         modules.erofs                    the same as an image
#         early.cpio                       initial RAM disk: busybox and the first modules

export GUEST=$RVS_CACHE/guest

# Modules that the root file system needs, for the initial RAM disk.
export EARLY_MODULES="virtio_pci virtio_blk virtio_console erofs overlay"

# list FILE: the lines of a list of ours without comments and empty lines.
list() {
	sed -e '/^#/d' -e '/^$/d' "$RVS_TOP/tools/guest/$1"
}

# make_root SUITE PACKAGES CONFIGURE: the image of the guest's root file system.
make_root() {
	local root=$GUEST/root.new uri
	rm -rf --one-file-system "$root" "$GUEST"/root.erofs{,.new} "$GUEST/busybox"
	uri=$(mirror)
	local options=() proxy
	# A proxy that the host's apt uses is not known to a fresh root.
	while read -r proxy; do
		options+=("--aptopt=$proxy")
	done < <(apt-config dump | grep -E '^Acquire::(http|https)::Proxy[ :]' || true)
	mkdir -p "$GUEST"
	mmdebstrap --mode=root --variant=minbase --architectures=amd64 \
		--include="$2" "${options[@]}" \
		--aptopt='Apt::Install-Recommends "false"' \
		--aptopt='Acquire::Languages "none"' \
		--aptopt='APT::Sandbox::User "root"' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		"$1" "$root" "$uri"
	configure_root "$root"
	cp "$root/usr/bin/busybox" "$GUEST/busybox"
	mkfs.erofs "$GUEST/root.erofs.new" "$root"
	rm -rf --one-file-system "$root"
	mv "$GUEST/root.erofs.new" "$GUEST/root.erofs"
}

# configure_root ROOT: the few files that differ from Debian's defaults.
configure_root() {
	local root=$1
	rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*
	rm -f "$root/etc/resolv.conf" "$root/etc/mtab"
	: >"$root/etc/resolv.conf"
	ln -s /proc/self/mounts "$root/etc/mtab"
	echo rvs >"$root/etc/hostname"
	printf '%s\n' '127.0.0.1 localhost rvs' '::1 localhost ip6-localhost' >"$root/etc/hosts"
	mkdir -p "$root"/{selftests,vm,usr/lib/modules}
}

# guest_root: makes the root image unless it is there.
guest_root() {
	local packages configure
	packages=$(list packages | paste -sd,)
	configure=$(declare -f configure_root)
	step_done guest/root '' make_root "$SUITE" "$packages" "$configure" && return
	need_root
	need_debian
	need_space "$RVS_CACHE" 2
	host_packages mmdebstrap erofs-utils
	need_network "$SUITE"
	step guest/root "making the guest's root file system" make_root "$SUITE" "$packages" "$configure"
}

# first FILE...: the first of the paths that exists.
first() {
	local path
	for path in "$@"; do
		[ ! -e "$path" ] || { echo "$path" && return; }
	done
	return 1
}

# number FILE OFFSET BYTES: an unsigned little-endian number in the file.
number() {
	od -An -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

# image_release BZIMAGE: the release that the image's header tells.
image_release() {
	local offset
	offset=$(number "$1" $((0x20e)) 2)
	head -c $((offset + 0x200 + 128)) "$1" | tail -c 128 | tr '\0' ' ' | cut -d ' ' -f 1
}

# image_payload BZIMAGE: prints the compressed kernel inside.
image_payload() {
	local start
	start=$((($(number "$1" $((0x1f1)) 1) + 1) * 512 + $(number "$1" $((0x248)) 4)))
	head -c $((start + $(number "$1" $((0x24c)) 4))) "$1" | tail -c +$((start + 1))
}

# unpack_image BZIMAGE: prints the ELF kernel inside, if the compression is a
# known one. QEMU starts that a second faster: nothing is then decompressed by
# an emulated processor. The four bytes that follow the compressed data (its
# unpacked size) make the tools complain.
unpack_image() {
	image_payload "$1" >"$GUEST/payload"
	case $(od -An -t x1 -N 4 "$GUEST/payload" | tr -d ' ') in
	28b52ffd) zstd -dcq <"$GUEST/payload" 2>/dev/null || true ;;
	fd377a58) xz -dc --single-stream <"$GUEST/payload" 2>/dev/null || true ;;
	1f8b*) gzip -dcq <"$GUEST/payload" 2>/dev/null || true ;;
	esac
	rm "$GUEST/payload"
}

# boots_as_elf VMLINUX: the file is an ELF kernel with the PVH entry point, which
# is what QEMU can start (a note named "Xen" of type 18).
boots_as_elf() {
	LC_ALL=C grep -qaP '^\x7fELF' "$1" &&
		LC_ALL=C grep -qaP '\x04\0\0\0[\x04\x08]\0\0\0\x12\0\0\0Xen\0' "$1"
}

# copy_modules FROM TO: the modules of tools/guest/modules, unpacked, and depmod.
copy_modules() {
	local from=$1 to=$2 pattern path
	mkdir -p "$to/kernel"
	cp "$from"/modules.{order,builtin,builtin.modinfo} "$to/" 2>/dev/null || true
	list modules | while read -r pattern; do
		for path in "$from"/kernel/$pattern; do
			[ ! -e "$path" ] || (cd "$from" && cp -a --parents "${path#"$from/"}" "$to/")
		done
	done
	find "$to" -name '*.ko.xz' -print0 | xargs -0r xz -d -T0
	find "$to" -name '*.ko.zst' -print0 | xargs -0r zstd -dq --rm
	find "$to" -name '*.ko.gz' -print0 | xargs -0r gzip -d
	touch "$to"/modules.{order,builtin,builtin.modinfo}
	depmod -b "${to%/lib/modules/*}" "${to##*/}"
}

# early_modules DIR RELEASE: the files of those modules, in the order of loading.
early_modules() {
	local name
	for name in $EARLY_MODULES; do
		modprobe -d "$1/modules/usr" -S "$2" --show-depends "$name" 2>/dev/null || true
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# make_early DIR RELEASE: the part of the initial RAM disk that never changes.
make_early() {
	local dir=$1 early=$1/early module number=10
	mkdir -p "$early/bin" "$early/early"
	cp "$GUEST/busybox" "$early/bin/busybox"
	while read -r module; do
		cp "$module" "$early/early/$number-${module##*/}"
		number=$((number + 1))
	done < <(early_modules "$dir" "$2")
	(cd "$early" && find . | sort | cpio -o -H newc -R 0:0 --quiet) >"$dir/early.cpio"
	rm -r "$early"
}

# make_kernel NAME IMAGE MODULES RELEASE KEY: everything below kernel-NAME.
make_kernel() {
	local dir=$GUEST/kernel-$1 image=$2 modules=$3 release=$4 tree
	tree=$dir/modules/usr/lib/modules/$release
	rm -rf "$dir"
	mkdir -p "$dir"
	unpack_image "$image" >"$dir/image"
	boots_as_elf "$dir/image" || cp "$image" "$dir/image"
	copy_modules "${modules:-/nonexistent}" "$tree"
	make_early "$dir" "$release"
	mkfs.erofs "$dir/modules.erofs" "$dir/modules"
	echo "$release" >"$dir/release"
}

# guest_kernel NAME: prepares a kernel of the cache for booting and sets KERNEL_DIR
# to its directory. The image and the modules are looked for where Debian's packages
# have them, beside each other, and in a build directory. A kernel needs, built in:
# RD, BINFMT_SCRIPT, DEVTMPFS, TMPFS, PCI, VIRTIO_PCI, VIRTIO_CONSOLE, SERIAL_8250_CONSOLE,
# MAGIC_SYSRQ; built in or as modules: VIRTIO_BLK, EROFS_FS, OVERLAY_FS, for --share
# also NET_9P_VIRTIO and 9P_FS; and with PVH it starts faster.
guest_kernel() {
	local home=$RVS_CACHE/kernel/$1 image modules release key
	image=$(first "$home"/root/usr/lib/modules/*/vmlinuz "$home"/{,boot/}{bzImage,vmlinuz} \
		"$home"/build/arch/x86/boot/bzImage) ||
		die "there is no kernel image in $home"
	release=$(image_release "$image")
	modules=$(first "$home"/{root/usr/,usr/,,modules/}lib/modules/"$release" "$home/build") ||
		modules=
	key=$({
		stat -c '%n %s %Y' "$image" "$GUEST/busybox" "$modules" "$modules/modules.order" || true
		cat "$RVS_TOP"/tools/guest/{modules,image.sh}
	} 2>/dev/null | sha256sum)
	# shellcheck disable=SC2034 # tools/vm uses it.
	KERNEL_DIR=$GUEST/kernel-$1
	step_done "guest/kernel-$1" '' make_kernel "$1" "$image" "$modules" "$release" "$key" &&
		return
	host_packages erofs-utils cpio kmod xz-utils zstd
	step "guest/kernel-$1" "preparing the kernel $1 for the guest" \
		make_kernel "$1" "$image" "$modules" "$release" "$key"
}
