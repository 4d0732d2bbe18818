# weir, in a few words: every target below with `##` is listed by `make help`.
# meson and ninja do the building; this file is the way in.

BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 600
FUZZ ?=
VERSION := $(shell sed -n "s/^ *version: '\(.*\)',/\1/p" meson.build)
ARCHITECTURE := $(shell uname -m)
ifeq ($(origin CC),default)
CC := $(if $(shell command -v ccache),ccache gcc,gcc)
endif
CLANG := $(if $(shell command -v ccache),ccache clang,clang)
PYTHON := $(if $(wildcard .deps/py/bin/python),.deps/py/bin/python,python3)
SANITIZERS := ASAN_OPTIONS=detect_leaks=1:abort_on_error=1:allocator_may_return_null=1 \
	UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
	TSAN_OPTIONS=halt_on_error=1
comma := ,
THREADED := sys,obs,runtime,connect,embed

sources = git ls-files 'src/*.c' 'src/*.h' 'include/*.h' 'tests/unit/*.c' 'fuzz/*.c'

.DEFAULT_GOAL := help
.PHONY: setup build demo test check check-style check-format check-examples check-oracle check-streams check-nexmark check-planted check-asan check-tsan check-clang check-fuzz-coverage check-arm64 fuzz bench nexmark \
	setup-bench format install dist clean help

help: ## show this list
	@echo 'weir $(VERSION): streaming SQL. make TARGET, where TARGET is one of'
	@sed -n 's/^\([a-z0-9%-]*\):.*## \(.*\)/  \1@\2/p' Makefile | awk -F@ '{printf "%-17s%s\n", $$1, $$2}'

setup: ## install what is missing to build and test (Debian packages, .deps/py)
	@tools/setup.sh build

# configure FOLDER OPTIONS: once; meson reconfigures by itself afterwards.
configure = [ -f $(1)/build.ninja ] || CC='$(CC)' meson setup $(1) $(2)
# The program stands at the top of its build folder, wherever meson puts it.
link_program = if [ ! -e $(1)/weir ] && [ -e $(1)/src/cli/weir ]; then ln -sf src/cli/weir $(1)/weir; fi

build: setup ## build the program: build/weir
	@$(call configure,$(BUILD),--buildtype=release)
	@ninja -C $(BUILD)
	@$(call link_program,$(BUILD))

demo: build ## real programs over real flights; YEAR=1: of the whole year (fetched by pip)
	@if [ -n '$(YEAR)' ]; then examples/whole_year.sh $(PYTHON) $(abspath $(BUILD))/flights-2013.csv.gz; fi
	@WEIR=$(abspath $(BUILD)/weir) $(if $(YEAR),FLIGHTS=$(abspath $(BUILD))/flights-2013.csv.gz) examples/demo.sh

test: build ## run every test; the last line is the sum (ARGS= goes to tests/run.py)
	@$(PYTHON) tools/run_tests.py $(BUILD) -- $(ARGS)

check: check-style check-format check-examples check-fuzz-coverage check-asan check-tsan check-clang check-oracle check-streams check-nexmark check-planted ## all of these, about an hour on two cores

check-style: setup ## dependency layers and style of the sources
	@tools/check_layers.py
	@tools/check_style.py

check-format: setup ## whether clang-format would lay out the sources otherwise
	@$(sources) | xargs clang-format --dry-run -Werror

check-examples: setup ## the expected outputs of the examples, made anew by DuckDB
	@$(PYTHON) tests/examples_expected.py

check-oracle: build ## 1,000 generated queries, at all batch sizes on all instruction sets, against Postgres and DuckDB
	@WEIR=$(abspath $(BUILD)/weir) WEIR_BUILD=$(abspath $(BUILD)) WEIR_FULL=1 $(PYTHON) tests/run.py oracle

check-streams: build ## 2,000 generated streaming programs, at all batch sizes, against DuckDB
	@WEIR=$(abspath $(BUILD)/weir) WEIR_BUILD=$(abspath $(BUILD)) WEIR_FULL=1 $(PYTHON) tests/run.py streams

check-nexmark: build ## the queries of Nexmark over a million events, against DuckDB
	@WEIR=$(abspath $(BUILD)/weir) WEIR_BUILD=$(abspath $(BUILD)) WEIR_FULL=1 $(PYTHON) tests/run.py nexmark_queries

check-planted: setup ## bugs put into a copy of the sources, each of which those queries must notice
	@$(PYTHON) tests/oracle/planted.py build-planted

check-asan: setup ## every test under AddressSanitizer and UBSan
	@$(call configure,build-asan,--buildtype=debugoptimized -Db_sanitize=address$(comma)undefined -Db_lundef=false)
	@ninja -C build-asan
	@$(call link_program,build-asan)
	@$(SANITIZERS) $(PYTHON) tools/run_tests.py build-asan -- $(ARGS)
	@WEIR_FULL=1 WEIR=$(abspath build-asan/weir) WEIR_BUILD=$(abspath build-asan) $(SANITIZERS) $(PYTHON) tests/run.py functions

check-tsan: setup ## the unit tests of what has threads under ThreadSanitizer
	@$(call configure,build-tsan,--buildtype=debugoptimized -Db_sanitize=thread -Db_lundef=false)
	@ninja -C build-tsan
	@$(call link_program,build-tsan)
	@$(SANITIZERS) $(PYTHON) tools/run_tests.py --unit-only --only $(THREADED) build-tsan

check-clang: setup ## every test built by clang, without a warning, under its UBSan
	@[ -f build-clang/build.ninja ] || CC='$(CLANG)' meson setup build-clang --buildtype=debugoptimized --werror -Db_sanitize=undefined -Db_lundef=false
	@ninja -C build-clang
	@$(call link_program,build-clang)
	@$(SANITIZERS) $(PYTHON) tools/run_tests.py build-clang -- $(ARGS)

check-fuzz-coverage: setup ## whether the corpora of fuzz/ cover 85 % of the lines of each parser
	@$(PYTHON) tools/fuzz_coverage.py build-fuzz-coverage

check-arm64: ## cross build for arm64, unit tests under qemu
	@tools/setup.sh arm64
	@[ -f build-arm64/build.ninja ] || meson setup build-arm64 --buildtype=release --cross-file tools/aarch64.ini
	@ninja -C build-arm64
	@$(PYTHON) tools/run_tests.py --unit-only --wrapper 'qemu-aarch64-static -L /usr/aarch64-linux-gnu' build-arm64

fuzz_targets = $(patsubst fuzz/%.c,fuzz/%,$(wildcard fuzz/fuzz_*.c))
fuzz: setup ## fuzz the parsers: those held against another for FUZZ_SECONDS (600), the rest a fifth
	@[ -f build-fuzz/build.ninja ] || CC='$(CLANG)' meson setup build-fuzz --buildtype=debugoptimized -Dfuzz=true -Dtests=false -Dc_args=-fsanitize=fuzzer-no-link -Db_lundef=false -Db_sanitize=address$(comma)undefined
	@ninja -C build-fuzz $(fuzz_targets)
	@$(SANITIZERS) tools/run_fuzz.sh build-fuzz $(FUZZ_SECONDS) $(FUZZ)

setup-bench:
	@tools/setup.sh bench

bench: build setup-bench ## run all benchmarks beside their peers
	@$(PYTHON) bench/run.py --weir $(abspath $(BUILD)/weir)

bench-%: build setup-bench ## run one benchmark (make bench-NAME)
	@$(PYTHON) bench/run.py --weir $(abspath $(BUILD)/weir) $*

format: ## lay out the sources by clang-format
	@$(sources) | xargs clang-format -i

# The program stripped, its man page and completions, below the folder $(1).
define put
	@install -d '$(1)/bin' '$(1)/share/man/man1' '$(1)/share/bash-completion/completions' \
		'$(1)/share/zsh/site-functions' '$(1)/share/fish/vendor_completions.d'
	@strip -o '$(1)/bin/weir' $(BUILD)/weir && chmod 755 '$(1)/bin/weir'
	@$(BUILD)/weir help man > '$(1)/share/man/man1/weir.1'
	@$(BUILD)/weir completion bash > '$(1)/share/bash-completion/completions/weir'
	@$(BUILD)/weir completion zsh > '$(1)/share/zsh/site-functions/_weir'
	@$(BUILD)/weir completion fish > '$(1)/share/fish/vendor_completions.d/weir.fish'
endef

nexmark: build ## the queries of Nexmark: events a second and CPU per event of each (ARGS= goes to bench/nexmark.py)
	@$(PYTHON) bench/nexmark.py --weir $(abspath $(BUILD)/weir) $(ARGS)

install: build ## the program, man page and completions below PREFIX (/usr/local), in DESTDIR
	$(call put,$(DESTDIR)$(PREFIX))
	@echo 'installed $(DESTDIR)$(PREFIX)/bin/weir'

NAME := weir-$(VERSION)-linux-$(ARCHITECTURE)
dist: build ## a tarball of the same: build/dist/
	@rm -rf $(BUILD)/dist && mkdir -p $(BUILD)/dist/$(NAME)
	$(call put,$(BUILD)/dist/$(NAME))
	@cp README.md LICENSE CHANGELOG.md $(BUILD)/dist/$(NAME)/
	@tar -C $(BUILD)/dist --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
		-czf $(BUILD)/dist/$(NAME).tar.gz $(NAME)
	@ls -l $(BUILD)/dist/*.tar.gz

clean: ## remove all build folders
	rm -rf build build-asan build-tsan build-clang build-arm64 build-fuzz build-fuzz-coverage build-planted
