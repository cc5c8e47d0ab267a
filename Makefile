# SPDX-License-Identifier: GPL-2.0
#
# What people type. The kernel's make reads Kbuild instead of this file.
#
# Every target sets up what it needs by itself. By default everything is compiled
# in a build root, a Debian chroot with the compilers that Debian's kernel was
# built with (this needs root, and Debian 12 or newer on amd64). With KDIR= the
# compilers of this machine build for the kernel build directory that it names.

.DEFAULT_GOAL := help

RUN := $(if $(KDIR),env CARGO_TARGET_DIR=$(CURDIR)/build/cargo,tools/buildroot)
RUST_FILES = $(shell find rvs rvsadm tools -name '*.rs' -not -path '*/target/*')
RUSTFMT = $(RUN) rustfmt --edition 2021 --config-path .rustfmt.toml

# Variables given on the command line reach the scripts through the environment.
PREFIX ?= /usr/local

RACES ?= unload_race unload scheduler_modules resize namespaces device_gone
TIMES ?= 10

##@ Building
.PHONY: help modules tools kernel buildroot install
help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile
	@printf '\nSettings\n'
	@printf '  %-19s %s\n' \
		'KVER=RELEASE' 'build for another Debian kernel than the pinned one' \
		'KERNEL=NAME' 'build for a kernel that is in the cache by that name' \
		'KDIR=DIRECTORY' 'build for that kernel, with the compilers of this machine' \
		'RVS_CACHE=DIRECTORY' 'keep what is fetched there (now: ~/.cache/rvs)' \
		'RVS_MIRROR=URI' 'take Debian packages from there' \
		'DESTDIR=, PREFIX=' 'where install puts things' \
		'V=1' 'show the commands'

modules: ## all kernel modules, in build/modules/<kernel>
	@tools/kernel/build

tools: ## rvsadm, in build/cargo/release
	@$(RUN) cargo build --release --package rvsadm

kernel: ## fetch the kernel and prepare it for building modules
	@tools/kernel/prepare

buildroot: ## make the build root
	@tools/buildroot

install: modules tools ## modules, depmod and rvsadm, onto this machine or into DESTDIR
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' tools/install

##@ Trying it out
.PHONY: demo
demo: ## boot a virtual machine, balance real requests over three servers
	@tools/demo

##@ Checking
.PHONY: check check-long check-debug check-faults check-races check-slow check-repeat
.PHONY: test selftests clippy fmt fmt-check unsafe-check
check: ## the gate: all quick tests, one total
	@tools/check

LONG := check-debug check-faults check-races check-slow check-repeat
check-long: ## what takes hours; each part can be made alone
	@failed=; for part in $(LONG); do \
		echo "==== $$part"; $(MAKE) --no-print-directory $$part || failed="$$failed $$part"; done; \
		[ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }

check-debug: ## the gate's selftests on the debug kernel; fails on any report or leak
	@tools/kernel/debug test

check-faults: ## one after the other of rvs's allocations fails, on the debug kernel
	@tools/kernel/debug faults

check-races: modules tools ## processors that really run at the same time
	@selftests/run.sh --threads --jobs 1 $(RACES)

check-slow: modules tools ## the long forms of tests, and tests that have no short one
	@UNLOAD_ROUNDS=20 selftests/run.sh unload
	@! grep -qs '^# Tier: long' selftests/*.sh || selftests/run.sh --long

check-repeat: modules tools ## all selftests ten times (TIMES=), with other ports and orders
	@selftests/run.sh --repeat $(TIMES)

test: ## unit and property tests of the pure code and of rvsadm
	@$(RUN) cargo test --workspace

selftests: modules tools ## behaviour tests in a virtual machine
	@selftests/run.sh

clippy: ## lints of the kernel on the modules, and of cargo on the rest
	@tools/kernel/build --clippy
	@$(RUN) cargo clippy --workspace --all-targets -- -D warnings

fmt: ## format all Rust code
	@$(RUSTFMT) $(RUST_FILES)

fmt-check: ## is all Rust code formatted?
	@$(RUSTFMT) --check $(RUST_FILES)

unsafe-check: ## is all unsafe code in rvs/sys?
	@tools/check-unsafe

##@ Cleaning up
.PHONY: clean distclean
clean: ## remove what was built
	rm -rf build

distclean: clean ## also what was fetched: build root, kernels, guests
	@bash -c '. tools/lib/common.sh && remove_cache'
