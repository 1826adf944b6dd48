# Everything a person needs, by name: `make help`.
# The first `make run` or `make test` on a machine sets tools up and compiles everything: minutes, with progress shown.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# One place for what is built, whatever the user's shell says: the server looks for the site in target/site.
export CARGO_TARGET_DIR := $(CURDIR)/target

ENV := source scripts/env.sh

# Whatever the release build reads. Folders are listed too, so that a removed file counts as a change.
SOURCES := $(shell find Cargo.toml Cargo.lock Leptos.toml default.yaml .cargo app frontend lab model protocol server store style scripts/env.sh \
	-not -name '*~' -not -name '.*.sw?' 2>/dev/null)

# Every build of the site empties its folder first, so this mark goes as soon as another kind of build replaces the site.
BUILT := target/site/.built-for-release

.PHONY: help run setup build test lint soak bench measure clean

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name what; do printf '  make %-9s %s\n' "$$name" "$$what"; done

run: $(BUILT) ## build what changed and serve on http://127.0.0.1:8999; pass options with ARGS="--port 9100"
	@exec target/release/bftgym serve $(ARGS)

build: $(BUILT) ## build for use: target/release/bftgym and target/site

$(BUILT): $(SOURCES)
	@echo "Building BFTGym. The first time, setting up and compiling take minutes; later runs start at once."
	@scripts/setup.sh
	@$(ENV) && cargo leptos build --release --precompress $$BFTGYM_PAGE_OPTIONS
	@touch $(BUILT)

setup: ## install the tools: Rust's WebAssembly target, cargo-leptos, wasm-bindgen, sass, wasm-opt
	@scripts/setup.sh
	@echo "Ready. Next: make run, or for development: cargo leptos watch"

test: ## every check and every test, ends with "N passed, N failed"
	@scripts/test.sh

lint: ## formatting, clippy, dependencies, scripts
	@scripts/setup.sh
	@scripts/lint.sh

soak: $(BUILT) ## random schedules of trouble for every shipped protocol; SCHEDULES=100000 says how many for each
	@scripts/soak.sh "$(or $(SCHEDULES),100000)"

bench: $(BUILT) ## how fast a cluster is on this machine; pass options with ARGS="--json"
	@exec target/release/bftgym bench $(ARGS)

measure: $(BUILT) ## how long Start and Update take in the page: figures, not tests
	@scripts/setup.sh --tests
	@$(ENV) && scripts/measure.sh

clean: ## remove what was built here; the tools in the user's cache stay
	@rm -rf target end2end/results end2end/screenshots end2end/node_modules
