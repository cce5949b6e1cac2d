# thalweg. `make demo` and `make test` do all the set-up themselves; `make help` lists the rest.
SHELL := /bin/bash
export THALWEG_HOME ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/thalweg
export CCACHE_DIR := $(THALWEG_HOME)/ccache
JOBS ?= $(shell nproc)
SECONDS ?= 60

NINJA := ninja -j $(JOBS)
CTEST := ctest --output-on-failure --timeout 900 --parallel $(JOBS)

.DEFAULT_GOAL := help
.PHONY: help setup build models demo test ci-full bench fuzz coverage docs format lint release-tests asan-tests tsan-tests clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

demo: models ## answers questions from Debian's manuals
	@tools/demo

test: release-tests lint asan-tests tsan-tests ## everything a change must pass: release, lint, sanitizers

setup: ## what the build needs: packages, pinned downloads, locked crates, llama.cpp
	@tools/setup

build: setup build/build.ninja ## the program: build/thalweg
	@$(NINJA) -C build program

models: build ## adds the models that demo and tests use
	@tools/models

build/build.ninja: | setup
	@cmake --preset release

build/%/build.ninja: | setup
	@cmake --preset $*

release-tests: models build/asan/build.ninja
	@$(NINJA) -C build/asan build.ninja
	@$(NINJA) -C build
	@$(CTEST) --test-dir build

lint: build ## layout, clang-tidy and the coroutine query on files that changed
	@python3 tools/lint.py

asan-tests: models build/asan/build.ninja ## what reads foreign bytes, and a short run of each fuzz target, under the address and undefined-behaviour sanitizers
	@$(NINJA) -C build/asan input_tests fuzzers
	@$(CTEST) --test-dir build/asan -L 'input|fuzz'

tsan-tests: build/tsan/build.ninja ## base, store with the ledger, engine and typed pipelines under the thread sanitizer
	@$(NINJA) -C build/tsan thread_tests
	@$(CTEST) --test-dir build/tsan -L threads

ci-full: test coverage ## test, and all tests (the program's, too) under every sanitizer, coverage, a minute of each fuzz target
	@$(NINJA) -C build/asan tests
	@$(CTEST) --test-dir build/asan
	@$(MAKE) --no-print-directory fuzz SECONDS=60
	@$(NINJA) -C build/tsan tests
	@$(CTEST) --test-dir build/tsan

fuzz: build/asan/build.ninja ## SECONDS=n of each fuzz target (60)
	@$(NINJA) -C build/asan fuzzers
	@set -e; for target in fuzz/*_fuzz.cpp; do name=$$(basename $$target _fuzz.cpp); echo "== $$name"; \
	  words=$$([ -e fuzz/$$name.dict ] && echo -dict=fuzz/$$name.dict || true); \
	  build/asan/$${name}_fuzz -max_total_time=$(SECONDS) -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 $$words \
	    -artifact_prefix=build/asan/$$name- build/asan/corpus/$$name fuzz/corpus/$$name; done

coverage: build/coverage/build.ninja ## line coverage of base, store, lang and engine (at least 85 % each)
	@$(NINJA) -C build/coverage tests
	@python3 tools/coverage.py

bench: build ## the figures
	@$(NINJA) -C build empty json_peer encoder_peer llama_peer decide_peer
	@build/thalweg bench
	@build/json_peer
	@build/encoder_peer
	@build/llama_peer
	@if peers=$$(tools/peers); then build/decide_peer "$$peers"; fi

docs: build ## the generated pages, and every example run
	@python3 tools/check_readme.py --write
	@python3 tools/check_docs.py --write

format: setup ## lays out the source
	@git ls-files -co --exclude-standard '*.cpp' '*.h' | xargs clang-format-22 -i

clean: ## removes the build folder; downloads and caches in $THALWEG_HOME stay
	@rm -rf build
