# Every target checks for the tools it needs; what Debian packages, it installs when run as root, else it says how.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run demo test test-crash test-sim bench bench-node lint fuzz rust node scripts python

# dev shares its build with `make test`, with optimised dependencies; `make run PROFILE=release` is the fast node.
PROFILE ?= dev
OUTPUT := $(or $(CARGO_TARGET_DIR),target)/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
HIVE := $(OUTPUT)/hive
AUDIT := tests/graphql-http
MARLOWE := tests/marlowe
PYTHON_CLIENT := examples/clients/python
NETWORKX := tests/networkx
# Crates whose tests store: they run on SQLite and on PostgreSQL.
STORES := hive-chain hive-platform warehouse-receipts
NEXTEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo yes)

say = @printf '\033[1m==> %s\033[0m\n' $(1)
# $(1) the command, $(2) the Debian package that brings it
define need
	@command -v $(1) >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "==> $(1) is missing: installing Debian's $(2)"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(2); \
	  else echo "$(1) is missing. Install it, for example: sudo apt-get install $(2)" >&2; exit 1; fi; }
endef

help: ## say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(HIVE) ## build and start the reference node on ./data (Ctrl-C stops it; ARGS=... adds options)
	@exec $(HIVE) serve $(ARGS)

demo: $(HIVE) ## play the first trade against the running node, as separate clients (ARGS=... adds options)
	@exec $(HIVE) demo $(ARGS)

test: lint scripts $(AUDIT)/node_modules/.package-lock.json $(MARLOWE)/node_modules/.package-lock.json $(PYTHON_CLIENT)/.venv/installed $(NETWORKX)/.venv/installed ## run everything that must hold; ends with the test runner's summary
	$(call say,'building the node that the end-to-end tests start')
	cargo build --workspace --bin hive
	cargo build --workspace --bin hive-faults --features trade-node/faults
	$(call say,'examples in the documentation')
	cargo test --workspace --doc --quiet
	$(call say,'what is stored: on PostgreSQL')
	tests/postgres/with_server $(if $(NEXTEST),cargo nextest run,cargo test) $(addprefix -p ,$(STORES)) --no-fail-fast
	tests/postgres/with_server $(if $(NEXTEST),cargo nextest run,cargo test) -p hive-tests on_server
	$(call say,'all tests')
	$(if $(NEXTEST),cargo nextest run --workspace --no-fail-fast,cargo test --workspace --all-targets --no-fail-fast)

test-crash: rust python ## kill the node, or its PostgreSQL, KILLS (200) times under load and check what comes back (HIVE_TEST_SEED=...)
	$(call say,'building the node with its fault switch')
	cargo build --workspace --bin hive-faults --features trade-node/faults
	$(call say,'killing it')
	KILLS=$(or $(KILLS),200) cargo test -p hive-tests --test end_to_end durability::nothing_accepted -- --nocapture --test-threads=1

test-sim: rust ## run SEEDS (10000) simulations of a node whose storage fails; SEED=n repeats one
	SEEDS=$(or $(SEEDS),10000) cargo test -p hive-chain --lib simulation::nothing_is_lost -- --nocapture

bench: rust ## measure the ledger's rules, as ratios to one signature check of the same run (ARGS=--large folds 10 million states), and schedules
	$(call say,'what the rules of the ledger cost')
	cargo bench -p ledger-core --bench ledger -- $(ARGS)
	$(call say,'schedules of loans in rows per second')
	cargo bench -p ledger-finance --bench schedule
	$(call say,'steps of an agreement')
	cargo bench -p ledger-agreement --bench steps

bench-node: rust ## measure a node on SQLite and on a PostgreSQL server of its own (ARGS=--large: 10 million states; ARGS="--states 20000": a minute)
	cargo build --release --workspace --bin hive
	$(or $(CARGO_TARGET_DIR),target)/release/hive bench $(ARGS)

lint: rust ## check formatting and run clippy; a warning is an error
	@cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 \
	  || { echo "rustfmt or clippy is missing. Run: rustup component add rustfmt clippy" >&2; exit 1; }
	$(call say,'formatting')
	cargo fmt --all --check
	$(call say,'clippy')
	cargo clippy --workspace --all-targets -- -D warnings

# Sound inputs made afresh, the committed corpus and what earlier runs found are mutated. A crash fails; its input stays in
# the regressions, which `make test` replays. The core has no unsafe code, so no sanitizer and no nightly Rust is needed.
FUZZ_SECONDS ?= 60
FUZZ := $(CURDIR)/ledger-core/fuzz
FUZZ_TARGETS ?= $(shell awk -F '"' 'NF == 3 && $$3 ~ /^, [a-z_]+.,$$/ {print $$2}' $(FUZZ)/src/target.rs)
FOUND := $(abspath $(or $(CARGO_TARGET_DIR),target)/fuzz-found)

fuzz: rust ## fuzz the ledger core: each target for FUZZ_SECONDS (60); FUZZ_TARGETS="text block" chooses some
	$(call need,c++,g++)
	@cargo fuzz --version >/dev/null 2>&1 || { echo "==> cargo-fuzz is missing: installing it"; \
	  cargo install cargo-fuzz --version 0.13.2 --locked; }
	$(call say,'sound inputs to begin with')
	FUZZ_SEEDS=$(FOUND)/seeds cargo test --quiet -p ledger-core --lib outside::seeds
	cargo fuzz build ledger --sanitizer none --fuzz-dir $(FUZZ)
	@for target in $(FUZZ_TARGETS); do \
	  printf '\033[1m==> %s\033[0m\n' "$$target for $(FUZZ_SECONDS) seconds"; \
	  mkdir -p "$(FOUND)/$$target" "$(FUZZ)/regressions/$$target"; \
	  FUZZ_TARGET=$$target cargo fuzz run ledger --sanitizer none --fuzz-dir $(FUZZ) \
	    "$(FOUND)/$$target" "$(FUZZ)/corpus/$$target" "$(FOUND)/seeds/$$target" -- \
	    -max_total_time=$(FUZZ_SECONDS) -timeout=10 -max_len=65536 -print_final_stats=1 -verbosity=0 \
	    -artifact_prefix="$(FUZZ)/regressions/$$target/"; \
	done

# cargo decides itself whether anything needs building.
.PHONY: $(HIVE)
$(HIVE): rust
	@[ -x $@ ] || echo "==> Building the node and all it depends on. The first time takes some minutes; later builds take seconds."
	@cargo build --workspace --bin hive --profile $(PROFILE)

# The GraphQL-over-HTTP audit and the comparison with another implementation of Marlowe run inside the end-to-end tests; their
# packages are exactly those of the lock files, and run no script of their own when they are installed.
%/node_modules/.package-lock.json: %/package.json %/package-lock.json | node
	$(call say,'packages of $*')
	npm ci --prefix $* --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# What is written in Python runs with exactly the packages of its requirements.
%/.venv/installed: %/requirements.txt | python
	$(call say,'packages of $*')
	python3 -m venv $*/.venv
	$*/.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

rust:
	$(call need,cc,gcc libc6-dev)
	@command -v cargo >/dev/null || { echo "cargo is missing. Install Rust 1.95 or later from https://rustup.rs" >&2; exit 1; }

node:
	$(call need,node,nodejs)
	$(call need,npm,npm)

# The example data's generator is Python; the house rules ask git which files there are.
scripts:
	$(call need,python3,python3)
	$(call need,git,git)

python:
	$(call need,python3,python3)
	@python3 -c 'import ensurepip, venv' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "==> Python's venv is missing: installing Debian's python3-venv"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv; \
	  else echo "Python's venv is missing. Install it, for example: sudo apt-get install python3-venv" >&2; exit 1; fi; }
