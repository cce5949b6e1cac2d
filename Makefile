# thalweg. `make demo` and `make test` do all the set-up themselves; `make help` lists the rest.
SHELL := /bin/bash
export THALWEG_HOME ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/thalweg
export CCACHE_DIR := $(THALWEG_HOME)/ccache
JOBS ?= $(shell nproc)
SECONDS ?= 60

CTEST := ctest --output-on-failure --timeout 900 --parallel $(JOBS)
NINJA := ninja -j $(JOBS)

.DEFAULT_GOAL := help
.PHONY: help setup build demo test ci-full bench fuzz docs coverage format checks lint release-tests asan-tests tsan-tests clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## what the build needs: packages, pinned downloads, locked crates
	@tools/setup

build: setup build/build.ninja ## the program: build/thalweg
	@$(NINJA) -C build

build/build.ninja:
	@cmake --preset release

build/%/build.ninja: | setup
	@cmake --preset $*

test: checks lint asan-tests tsan-tests ## everything a change must pass: checks, release tests, lint, sanitizers

checks: setup ## structure: include order, tests in no target, README and lock files, banned words
	@python3 tools/check_all.py

release-tests: build
	@$(CTEST) --test-dir build

lint: release-tests ## layout, clang-tidy and the coroutine query on files that changed
	@python3 tools/lint.py

asan-tests: release-tests build/asan/build.ninja
	@$(NINJA) -C build/asan tests fuzzers
	@$(CTEST) --test-dir build/asan

tsan-tests: asan-tests build/tsan/build.ninja
	@$(NINJA) -C build/tsan thread_tests
	@$(CTEST) --test-dir build/tsan -L threads

format: setup ## lays out the source
	@git ls-files -co --exclude-standard '*.cpp' '*.h' | xargs clang-format-22 -i

clean: ## removes the build folder; downloads and caches in $THALWEG_HOME stay
	@rm -rf build
