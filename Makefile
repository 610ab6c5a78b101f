# Every recipe is a script in tools/; this file only names them.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help setup demo test lint audit bench record peers fuzz instruction-sets constant-time full-cryptography full-crash full-indistinguishable

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what is missing to build and test (asks apt, says so first)
	@tools/setup

demo: ## Build, then show the whole main job; DEMO_ARGS="--keep" leaves the server running
	@tools/demo $(DEMO_ARGS)

test: ## Everything that must hold before a change is proposed
	@tools/test

lint: ## Format, clippy and documentation only
	@tools/lint

audit: ## Licences, banned crates, sources and, where a network allows, advisories
	@tools/audit

bench: ## Measure; BENCH_ARGS="oprf" takes one file of benches/
	@tools/bench $(BENCH_ARGS)

record: ## Measure on every instruction set of this machine; table and plot in benches/record
	@tools/record $(RECORD)

peers: ## Measure SecretFlow spu and OpenMined PSI on the same sets (fetches them from PyPI); PEERS_ARGS="--listed 1000000"
	@tools/peers $(PEERS_ARGS)

fuzz: ## Run every fuzz target; FUZZ_SECONDS=600 for a longer run
	@tools/fuzz

full-cryptography: ## The cryptography tests at their full counts (hours)
	SARING_FULL=1 tools/cargo test --test cryptography

instruction-sets: ## The tests of the arithmetic, once on each instruction set of this machine
	@tools/instruction-sets

constant-time: ## Whether arithmetic on secrets takes constant time (valgrind, Welch's t-test); TIMING_ARGS="undefined"
	@tools/constant-time $(TIMING_ARGS)

full-crash: ## The crash test at 1,000 kills (an hour or more)
	SARING_CRASH_CYCLES=1000 tools/cargo test --test integration durability

full-indistinguishable: ## Whether times or lengths tell answers apart, at 100,000 checks of each kind (half an hour; on an idle machine)
	SARING_FULL=1 TMPDIR=/dev/shm tools/cargo test --test integration indistinguishable_by_length -- --nocapture
