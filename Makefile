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
CASE ?= nat
FAMILY ?= 4
LINES ?= 25
MINUTES ?= 60
SEED ?=
# What the kernel with early grace periods runs: whatever takes things away under traffic.
RCU_TESTS ?= races unload unload_race removed_server resize scheduler_changes namespaces

RACES ?= unload_race unload scheduler_modules resize namespaces device_gone
TIMES ?= 10

##@ Building
.PHONY: help modules tools kernel buildroot install uninstall
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
		'INLINE_HELPERS=0' 'call C helpers instead of inlining them' \
		'DESTDIR=, PREFIX=' 'where install puts things' \
		'V=1' 'show the commands'

modules: ## all kernel modules, in build/modules/<kernel>
	@tools/kernel/build

tools: ## rvsadm, in build/cargo/release
	@$(RUN) cargo build --release --package rvsadm --package rvs-logic \
		--bin rvsadm --example fuzzgen

kernel: ## fetch the kernel and prepare it for building modules
	@tools/kernel/prepare

buildroot: ## make the build root
	@tools/buildroot

install: modules tools ## modules, rvsadm, manual pages, completions; here or in DESTDIR
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' tools/install

uninstall: ## takes away again what install put there
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' tools/install remove

##@ Trying it out
.PHONY: demo
demo: ## boot a virtual machine, balance real requests over three servers
	@tools/demo

##@ Checking
.PHONY: check check-long check-debug check-faults check-races check-slow check-repeat
.PHONY: soak test selftests oracle clippy fmt fmt-check unsafe-check
check: ## the gate: all quick tests, one total
	@tools/check

LONG := check-debug check-faults check-races check-slow check-repeat
check-long: ## what takes hours; each part can be made alone
	@failed=; for part in $(LONG); do \
		echo "==== $$part"; $(MAKE) --no-print-directory $$part || failed="$$failed $$part"; done; \
		[ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }

check-debug: ## the gate's selftests on the debug kernel; fails on any report or leak
	@status=0; tools/kernel/debug test || status=1; \
		tools/kernel/debug --rcu test $(RCU_TESTS) || status=1; exit $$status

check-faults: ## one after the other of rvs's allocations fails, on the debug kernel
	@tools/kernel/debug test faults

check-races: modules tools ## processors that really run at the same time
	@UNLOAD_RACE_ROUNDS=6 selftests/run.sh --threads --jobs 1 $(RACES)

check-slow: modules tools ## the long forms of tests, and tests that have no short one
	@UNLOAD_ROUNDS=20 selftests/run.sh unload
	@! grep -qs '^# Tier: long' selftests/*.sh || selftests/run.sh --long

check-repeat: modules tools ## all selftests ten times (TIMES=), with other ports and orders
	@selftests/run.sh --repeat $(TIMES)

soak: modules tools ## an hour of traffic and changes (MINUTES=60 SEED=)
	@mkdir -p build/soak
	@tools/vm run --timeout $$(( ($(MINUTES) + 20) * 60 )) --share $(CURDIR)/build/soak:/mnt/soak -- \
		env SOAK_MINUTES=$(MINUTES) SOAK_SEED=$(SEED) SOAK_TRACE=/mnt/soak/trace \
		bash /selftests/soak.sh

test: ## unit and property tests of the pure code and of rvsadm
	@$(RUN) cargo test --workspace

selftests: modules tools ## behaviour tests in a virtual machine
	@selftests/run.sh

# Those that run the same with ip_vs and with rvs, and compare.
oracle: modules tools ## ip_vs beside rvs and rvs_ipvs: the same commands and traffic must show the same
	@selftests/run.sh dropin_config dropin_traffic dropin_counters dropin_rates \
		dropin_ipvsadm migrating oracle oracle_ipv6
	@for engine in ip_vs rvs_ipvs; do tools/vm run --virtual --timeout 1500 -- env RVS_ENGINE=$$engine \
		/selftests/guest.sh ipvs_family proc_files states kernel_ipvs || exit; done

clippy: ## lints of the kernel on the modules, and of cargo on the rest
	@tools/kernel/build --clippy
	@$(RUN) cargo clippy --workspace --all-targets -- -D warnings

fmt: ## format all Rust code
	@$(RUSTFMT) $(RUST_FILES)

fmt-check: ## is all Rust code formatted?
	@$(RUSTFMT) --check $(RUST_FILES)

unsafe-check: ## is all unsafe code in rvs/sys?
	@tools/check-unsafe

##@ Measuring
.PHONY: bench bench-quick bench-profile
bench: modules tools ## what packets and connections cost, rvs beside ip_vs (20 minutes)
	@selftests/bench/run.sh full

bench-quick: modules tools ## the most important of it; fails above a target (1 minute)
	@selftests/bench/run.sh quick --guard

bench-profile: modules tools ## which functions a packet's instructions are in; CASE=nat FAMILY=4
	@for engine in rvs ip_vs; do echo "$$engine, $(CASE), IPv$(FAMILY)"; \
		tools/profile/run $(CASE) $$engine $(FAMILY) $(LINES) || exit; done

##@ Cleaning up
.PHONY: clean distclean
clean: ## remove what was built
	rm -rf build

distclean: clean ## also what was fetched: build root, kernels, guests
	@bash -c '. tools/lib/common.sh && remove_cache'
